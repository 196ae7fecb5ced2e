#include "cache/counter.hpp"

#include <algorithm>
#include <tuple>

#include "cache/footprint.hpp"
#include "cache/number.hpp"

namespace clacks::cache {
namespace {

bool newer(const Contribution& a, const Contribution& b) {
    return std::tie(a.started, a.changed) > std::tie(b.started, b.changed);
}

/// Where the contribution of `node` stands, or would.
auto place_of(std::vector<Contribution>& contributions, NodeId node) {
    return std::lower_bound(contributions.begin(), contributions.end(), node,
                            [](const Contribution& a, NodeId b) { return a.node < b; });
}

}  // namespace

void Counter::add(NodeId node, std::string_view step, bool subtract, WallTime time) {
    auto own = place_of(contributions, node);
    if (own == contributions.end() || own->node != node) {
        own = contributions.insert(own, {.node = node, .started = time});
    }
    own->changed = time;
    own->sum = cache::add(own->sum, step, subtract);
}

void Counter::merge(const Counter& other) {
    if (other.expires_set > expires_set) {
        expires = other.expires;
    } else if (other.expires_set == expires_set) {
        expires = std::min(expires, other.expires);
    }
    expires_set = std::max(expires_set, other.expires_set);
    for (const Contribution& theirs : other.contributions) {
        const auto ours = place_of(contributions, theirs.node);
        if (ours == contributions.end() || ours->node != theirs.node) {
            contributions.insert(ours, theirs);
        } else if (newer(theirs, *ours)) {
            *ours = theirs;
        }
    }
}

void Counter::drop_started_by(WallTime time) {
    std::erase_if(contributions, [&](const Contribution& one) { return one.started <= time; });
}

void Counter::clear(WallTime time) {
    drop_started_by(time);
    if (base_changed <= time) {
        base_changed = WallTime::min();
        base_deleted = true;
        base.clear();
    }
    if (expires_set > time && !empty()) return;
    expires_set = WallTime::min();
    expires = never;
}

void Counter::shift(std::chrono::microseconds by) {
    cache::shift(base_changed, by);
    cache::shift(expires_set, by);
    cache::shift(expires, by);
    for (Contribution& one : contributions) {
        cache::shift(one.started, by);
        cache::shift(one.changed, by);
    }
}

std::string Counter::total() const {
    std::string sum = cache::add(base_deleted ? std::string_view() : base, "0", false);
    for (const Contribution& one : contributions) sum = cache::add(sum, one.sum, false);
    return sum;
}

WallTime Counter::changed() const {
    WallTime latest = std::max(base_changed, expires_set);
    for (const Contribution& one : contributions) latest = std::max(latest, one.changed);
    return latest;
}

std::size_t footprint(const Counter& counter) {
    std::size_t bytes = footprint(sizeof(Counter)) + footprint(counter.base);
    const auto& contributions = counter.contributions;
    if (contributions.capacity() > 0) {
        bytes += footprint(contributions.capacity() * sizeof(Contribution));
    }
    for (const Contribution& one : contributions) bytes += footprint(one.sum);
    return bytes;
}

}  // namespace clacks::cache
