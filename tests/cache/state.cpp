#include "state.hpp"

#include <set>

namespace clacks::cache {
namespace {

std::string number(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

}  // namespace

void store(Cache& cache, std::string_view key, std::string_view value, long now) {
    cache.lock(key).store(key, value, at(now));
}

void remove(Cache& cache, std::string_view key, long now) { cache.lock(key).remove(key, at(now)); }

void clear(Cache& cache, long now) {
    cache.clear(at(now), [] {});
}

Merge merge(Cache& cache, const EntryView& entry) { return cache.lock(entry.key).merge(entry); }

std::string entry(Cache& cache, std::string_view key) {
    const auto shard = cache.lock(key);
    const auto found = shard.find(key);
    if (!found) return "nothing";
    const std::string origin = " from " + std::to_string(found->origin);
    if (found->deleted) return "deleted " + number(found->changed) + origin;
    return number(found->changed) + ' ' + number(found->accessed) + origin + ": " +
           std::string(found->value);
}

std::string content(Cache& cache) {
    std::set<std::string> lines;
    for (unsigned i = 0; i < Cache::shard_count; ++i) {
        cache.lock(i).for_each([&](const EntryView& entry) {
            lines.insert(std::string(entry.key) + (entry.deleted ? " deleted " : " ") +
                         number(entry.changed) +
                         (entry.deleted ? "" : '=' + std::string(entry.value)) + '\n');
        });
    }
    std::string result;
    for (const std::string& line : lines) result += line;
    return result;
}

}  // namespace clacks::cache
