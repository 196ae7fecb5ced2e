#pragma once

#include <set>
#include <string>
#include <string_view>

#include "cache/cache.hpp"

// Short words for the tests of the cache. Times are microseconds, small numbers.
namespace clacks::cache {

inline WallTime at(long microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

inline EntryView living(std::string_view key, std::string_view value, long changed,
                        Origin origin = 1) {
    return {.key = key,
            .value = value,
            .changed = at(changed),
            .accessed = at(changed),
            .origin = origin};
}

inline EntryView tombstone(std::string_view key, long changed, Origin origin = 1) {
    return {.key = key,
            .changed = at(changed),
            .accessed = at(changed),
            .deleted = true,
            .origin = origin};
}

/// Living until `expires`.
inline EntryView expiring(std::string_view key, std::string_view value, long changed, long expires,
                          Origin origin = 1) {
    EntryView entry = living(key, value, changed, origin);
    entry.expires = at(expires);
    return entry;
}

void store(Cache& cache, std::string_view key, std::string_view value, long now);
void store_until(Cache& cache, std::string_view key, std::string_view value, long now,
                 long expires);
void remove(Cache& cache, std::string_view key, long now);
void clear(Cache& cache, long now);
Merge merge(Cache& cache, const EntryView& entry);
Merge merge_plain(Cache& cache, const EntryView& entry);

/// Cleans all shards; returns what happened, as `key deleted`, `key stale` or `key expired`.
std::set<std::string> clean(Cache& cache, long now, long deleted_before = 0, long stale_before = 0);

/// An entry as text: `changed accessed from origin: value`, of a tombstone `deleted changed from
/// origin`, `nothing` where there is none. Before the origin comes `until expires` if it does.
std::string entry(Cache& cache, std::string_view key);

/// All entries, one `key changed=value` or `key deleted changed` a line, sorted: what nodes that
/// have told each other everything agree on.
std::string content(Cache& cache);

/// The same, of the entries as they count at `now`.
std::string content(Cache& cache, long now);

}  // namespace clacks::cache
