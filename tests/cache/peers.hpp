#pragma once

#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "cache/counter.hpp"
#include "cache/cursor.hpp"

// Several stores that tell each other what they have, as links between nodes do.
namespace clacks::cache {

/// An entry on its way from one store to another: holds what EntryView only points to.
class EntryCopy {
public:
    EntryCopy(const EntryView& entry, Origin origin);
    EntryView view() const;

private:
    EntryView entry_;
    std::string key_;
    std::string value_;
    std::optional<Counter> counter_;
};

struct Peer {
    explicit Peer(NodeId node) : cache(HashKey{1, 2}, node) {}
    Cache cache;
};

/// They are called 1, 2 … (and are other writers for it).
std::deque<Peer> make_peers(int count);

/// Everything that `from` has, told to `to`.
void tell_all(Peer& from, Peer& to);

/// Until each has told everything to each.
void meet_all(std::deque<Peer>& peers);

}  // namespace clacks::cache
