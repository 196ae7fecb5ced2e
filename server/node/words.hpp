#pragma once

#include <string>
#include <string_view>

#include "cache/entry.hpp"
#include "protocol/time.hpp"

// The words that our nodes tell each other behind OVERHEAD M clacks.
// Source: protocol.txt, "Between our nodes".
namespace clacks::node {

/// Microseconds since 1970.
inline std::string word_of(WallTime time) {
    return std::to_string(time.time_since_epoch().count());
}

/// `key=node:sequence;`
inline std::string position_word(std::string_view key, std::string_view node,
                                 cache::Sequence sequence) {
    std::string text(key);
    text.append("=").append(node).append(":").append(std::to_string(sequence)) += ';';
    return text;
}

}  // namespace clacks::node
