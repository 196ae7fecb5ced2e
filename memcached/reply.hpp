#pragma once

#include <string>
#include <string_view>

#include "memcached/command.hpp"
#include "memcached/operations.hpp"

// Results in memcached's words, appended to an output.
namespace clacks::memcached {

/// A line of its own.
inline void append_line(std::string& out, std::string_view text) {
    out.append(text).append("\r\n");
}

/// `VALUE …` and the value, for `key` of get and its like; nothing when there is none.
void append_value(std::string& out, std::string_view key, const Result& result, bool with_cas);

/// What the classic commands but get and its like answer. `noreply` is the caller's.
void append_classic(std::string& out, const Command& command, const Result& result);

/// What the meta commands answer, which is nothing when it is nothing special and they are quiet.
void append_meta(std::string& out, const Command& command, const Result& result, WallTime now);

}  // namespace clacks::memcached
