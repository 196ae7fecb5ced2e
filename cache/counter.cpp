#include "cache/counter.hpp"

#include <algorithm>
#include <tuple>

#include "cache/footprint.hpp"
#include "cache/number.hpp"

namespace clacks::cache {
namespace {

/// Where the contribution `id` stands, or would.
template <class Contributions>
auto place_of(Contributions& contributions, std::uint64_t id) {
    return std::lower_bound(contributions.begin(), contributions.end(), id,
                            [](const Contribution& a, std::uint64_t b) { return a.id < b; });
}

/// Both are states of one contribution. Times too are the later ones: of the same increment they
/// differ only where they have been moved.
void take_newer(Contribution& ours, const Contribution& theirs) {
    if (std::tie(theirs.count, theirs.sum) > std::tie(ours.count, ours.sum)) {
        ours.count = theirs.count;
        ours.sum = theirs.sum;
    }
    ours.started = std::max(ours.started, theirs.started);
    ours.changed = std::max(ours.changed, theirs.changed);
}

}  // namespace

bool Counter::operator==(const Counter& other) const {
    return std::tie(base_changed, base_deleted, base, expires_set, expires, contributions) ==
           std::tie(other.base_changed, other.base_deleted, other.base, other.expires_set,
                    other.expires, other.contributions);
}

void Counter::set_base(std::string_view value) {
    base = value.size() <= longest_base ? std::string(value) : cache::add(value, "0", false);
}

const Contribution* Counter::own_place() const {
    const auto place = place_of(contributions, own);
    return own != 0 && place != contributions.end() && place->id == own ? &*place : nullptr;
}

void Counter::add(std::uint64_t fresh, std::string_view step, bool subtract, WallTime time) {
    if (!own_place()) {
        own = fresh;
        contributions.insert(place_of(contributions, own), {.id = own, .started = time});
    }
    Contribution& ours = *place_of(contributions, own);
    ours.changed = time;
    ++ours.count;
    ours.sum = cache::add(ours.sum, step, subtract);
}

void Counter::begin_anew(WallTime time) {
    base = total();
    base_deleted = false;
    base_changed = time;
    contributions.clear();
}

void Counter::merge(const Counter& other) {
    if (other.expires_set > expires_set) {
        expires = other.expires;
    } else if (other.expires_set == expires_set) {
        expires = std::min(expires, other.expires);
    }
    expires_set = std::max(expires_set, other.expires_set);
    for (const Contribution& theirs : other.contributions) {
        const auto ours = place_of(contributions, theirs.id);
        if (ours == contributions.end() || ours->id != theirs.id) {
            contributions.insert(ours, theirs);
        } else {
            // A store that was set back does not go on where it had been further.
            if (theirs.id == own && theirs.count > ours->count) own = 0;
            take_newer(*ours, theirs);
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
