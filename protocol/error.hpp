#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <type_traits>

namespace clacks::protocol {

/// Why a text of the protocol means nothing. protocol.txt, "Errors".
enum class ParseError : std::uint8_t {
    unknown_verb = 1,  ///< the first word is none of ours
    malformed,         ///< arguments are missing or do not fit the verb
};
boost::system::error_code make_error_code(ParseError e);

}  // namespace clacks::protocol

template <>
struct boost::system::is_error_code_enum<clacks::protocol::ParseError> : std::true_type {};
