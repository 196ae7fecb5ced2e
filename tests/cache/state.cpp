#include "state.hpp"

namespace clacks::cache {
namespace {

std::string number(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

const char* word(Cleaned why) {
    switch (why) {
        case Cleaned::deleted:
            return " deleted";
        case Cleaned::stale:
            return " stale";
        case Cleaned::expired:
            return " expired";
    }
    return " ?";
}

std::string line(const EntryView& entry) {
    return std::string(entry.key) + (entry.deleted ? " deleted " : " ") + number(entry.changed) +
           (entry.deleted ? "" : '=' + std::string(entry.value)) + '\n';
}

template <class Line>
std::string sorted_lines(Cache& cache, Line line_of) {
    std::set<std::string> lines;
    for (unsigned i = 0; i < Cache::shard_count; ++i) {
        cache.lock(i).for_each([&](const EntryView& entry) { lines.insert(line_of(entry)); });
    }
    std::string result;
    for (const std::string& each : lines) result += each;
    return result;
}

}  // namespace

void store(Cache& cache, std::string_view key, std::string_view value, long now) {
    cache.lock(key).store(key, value, at(now));
}

void store_until(Cache& cache, std::string_view key, std::string_view value, long now,
                 long expires) {
    cache.lock(key).store(key, value, at(now), local_origin, at(expires));
}

void remove(Cache& cache, std::string_view key, long now) { cache.lock(key).remove(key, at(now)); }

void clear(Cache& cache, long now) {
    cache.clear(at(now), [](WallTime) {});
}

Merge merge(Cache& cache, const EntryView& entry) { return cache.lock(entry.key).merge(entry); }

Merge merge_plain(Cache& cache, const EntryView& entry) {
    return cache.lock(entry.key).merge_plain(entry);
}

std::set<std::string> clean(Cache& cache, long now, long deleted_before, long stale_before) {
    std::set<std::string> gone;
    for (unsigned i = 0; i < Cache::shard_count; ++i) {
        cache.lock(i).clean(
            at(now), at(deleted_before), at(stale_before),
            [&](std::string_view key, Cleaned why) { gone.insert(std::string(key) + word(why)); });
    }
    return gone;
}

std::string entry(Cache& cache, std::string_view key) {
    const auto shard = cache.lock(key);
    const auto found = shard.find(key);
    if (!found) return "nothing";
    const std::string until = found->expires == never ? "" : " until " + number(found->expires);
    const std::string origin = until + " from " + std::to_string(found->origin);
    if (found->deleted) return "deleted " + number(found->changed) + origin;
    return number(found->changed) + ' ' + number(found->accessed) + origin + ": " +
           std::string(found->value);
}

std::string content(Cache& cache) { return sorted_lines(cache, line); }

std::string content(Cache& cache, long now) {
    return sorted_lines(cache, [&](const EntryView& entry) { return line(as_of(entry, at(now))); });
}

}  // namespace clacks::cache
