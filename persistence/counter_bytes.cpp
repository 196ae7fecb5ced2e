#include "persistence/counter_bytes.hpp"

#include <utility>

#include "persistence/time_bytes.hpp"

namespace clacks::persistence {

std::string format_counter(const cache::Counter& parts) {
    std::string bytes;
    put_time(bytes, parts.base_changed);
    put(bytes, parts.base_deleted ? 1U : 0U);
    put(bytes, parts.base);
    put_time(bytes, parts.expires_set);
    put_time(bytes, parts.expires);
    put(bytes, parts.own);
    for (const cache::Contribution& one : parts.contributions) {
        put(bytes, one.id);
        put_time(bytes, one.started);
        put_time(bytes, one.changed);
        put(bytes, one.count);
        put(bytes, one.sum);
    }
    return bytes;
}

bool parse_counter(std::string_view text, cache::Counter& parts) {
    ByteReader bytes(text);
    parts.base_changed = read_time(bytes);
    parts.base_deleted = bytes.number() != 0;
    parts.base = bytes.text();
    parts.expires_set = read_time(bytes);
    parts.expires = read_time(bytes);
    parts.own = bytes.number();
    parts.contributions.clear();
    while (bytes.ok() && !bytes.at_end()) {
        cache::Contribution one;
        one.id = bytes.number();
        one.started = read_time(bytes);
        one.changed = read_time(bytes);
        one.count = bytes.number();
        one.sum = bytes.text();
        parts.contributions.push_back(std::move(one));
    }
    return bytes.ok();
}

}  // namespace clacks::persistence
