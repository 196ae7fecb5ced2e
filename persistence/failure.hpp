#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>

namespace clacks::persistence {

/// Why a database could not be used.
struct Failure {
    enum class Kind : std::uint8_t {
        damaged,   ///< what is in it cannot be trusted, or is not ours
        newer,     ///< written by another version, and not to be taken over
        in_use,    ///< another process keeps us out
        unusable,  ///< the system does not let us: permissions, no space, I/O errors
    };
    Kind kind;
    std::string what;  ///< a sentence for the log, without the name of the file
};

template <class T>
using Result = boost::system::result<T, Failure>;

}  // namespace clacks::persistence
