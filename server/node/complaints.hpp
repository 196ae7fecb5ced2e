#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clacks::node {

/// What a peer can do wrong any number of times in a connection, or who is no peer as often as he
/// likes.
enum class Complaint : std::uint8_t {
    line_too_long,
    name_too_long,
    too_many_listens,
    peer_error,
    unreadable_keysync,
    absurd_clear,
    store_full,
    entry_too_large,
    cache_cleared,
    link_denied,
};

inline constexpr std::array<std::string_view, 10> complaint_words{
    "line_too_long", "name_too_long", "too_many_listens", "peer_error",    "unreadable_keysync",
    "absurd_clear",  "store_full",    "entry_too_large",  "cache_cleared", "link_denied"};

constexpr std::string_view to_string(Complaint complaint) {
    return complaint_words[static_cast<std::size_t>(complaint)];
}

/// How often a peer did which of them, so that each is logged once and no peer fills the log.
class Complaints {
public:
    /// Counts one. Returns whether it is the first of its kind.
    bool add(Complaint complaint) { return counts_[static_cast<std::size_t>(complaint)]++ == 0; }

    /// Calls `visit(Complaint, std::uint64_t count)` for each kind that came more than once.
    template <class Visit>
    void for_each_repeated(Visit&& visit) const {
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] > 1) visit(static_cast<Complaint>(i), counts_[i]);
        }
    }

private:
    std::array<std::uint64_t, complaint_words.size()> counts_{};
};

}  // namespace clacks::node
