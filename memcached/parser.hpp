#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "memcached/command.hpp"

namespace clacks::memcached {

/// What becomes of a line that is no command.
struct Refusal {
    std::string_view reply{};       ///< a line without its end; empty: nothing is said (noreply)
    std::uint64_t value_bytes = 0;  ///< what follows the line and is not to be taken for commands
    bool closes = false;            ///< the connection ends, without a word
};

/// Parses a line, without its end, into a new `command`, whose views point into `line` and
/// `buffer`. Anything that is no command, or has a wrong argument: a refusal, in memcached's words.
std::optional<Refusal> parse(std::string_view line, KeyBuffer& buffer, Command& command);

/// The half of it that has two-letter names: `words` begins with the key.
std::optional<Refusal> parse_meta(std::string_view words, KeyBuffer& buffer, Command& command);

}  // namespace clacks::memcached
