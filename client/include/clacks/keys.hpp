#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clacks {

/// Which part of the list of keys is asked for.
struct KeyQuery {
    static constexpr std::size_t most = 100'000;

    /// Levels are separated by `::`; `*` stands for one level or, inside of one, for any characters
    /// of it, `**` at the end for one or more levels.
    std::string pattern = "**";
    std::size_t limit = 10'000;  ///< 1 to `most`
    /// KeyPage::after of the page before; empty for the first.
    std::string after = {};
};

/// One page of keys, in an order of the node's own.
struct KeyPage {
    std::vector<std::string> keys;
    std::string after;  ///< for the next query; empty when there is no more
    bool operator==(const KeyPage&) const = default;
};

}  // namespace clacks
