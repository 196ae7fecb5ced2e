#include "persistence/entry_row.hpp"

#include "persistence/bytes.hpp"

namespace clacks::persistence {
namespace {

using cache::WallTime;

enum Column : int {
    shard,
    key,
    sequence,
    changed,
    writer,
    expires,
    deleted,
    value,
    counter,
    sum,
    flags
};

std::int64_t number_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime time_of(std::int64_t number) { return WallTime(std::chrono::microseconds(number)); }

void put_time(std::string& bytes, WallTime time) {
    put(bytes, static_cast<std::uint64_t>(number_of(time)));
}

WallTime read_time(ByteReader& bytes) { return time_of(static_cast<std::int64_t>(bytes.number())); }

/// Of everything in the row. It finds what SQLite does not look at: bytes that have changed on the
/// disk. 32 bits: SQLite stores small numbers in less space.
std::int64_t checksum(std::uint64_t in_shard, const cache::EntryView& entry, std::string_view parts,
                      std::string& scratch) {
    scratch.clear();
    put(scratch, in_shard);
    put(scratch, entry.key);
    put(scratch, entry.sequence);
    put_time(scratch, entry.changed);
    put(scratch, entry.writer);
    put_time(scratch, entry.expires);
    put(scratch, entry.deleted ? 1U : 0U);
    put(scratch, entry.value);
    put(scratch, parts);
    if (entry.flags != 0) put(scratch, entry.flags);  // which rows of format 1 did not have
    return static_cast<std::uint32_t>(cache::hash(scratch, cache::HashKey{}));
}

}  // namespace

SavedEntry::SavedEntry(const cache::EntryView& entry)
    : key(entry.key),
      value(entry.value),
      counter(entry.counter ? format_counter(*entry.counter) : std::string()),
      sequence(entry.sequence),
      changed(entry.changed),
      expires(entry.expires),
      writer(entry.writer),
      flags(entry.flags),
      deleted(entry.deleted) {}

void bind_entry(Statement& insert, unsigned in_shard, const SavedEntry& entry,
                std::string& scratch) {
    const cache::EntryView view{.key = entry.key,
                                .value = entry.value,
                                .changed = entry.changed,
                                .deleted = entry.deleted,
                                .expires = entry.expires,
                                .writer = entry.writer,
                                .flags = entry.flags,
                                .sequence = entry.sequence};
    insert.bind(shard, in_shard);
    insert.bind_blob(key, entry.key);
    insert.bind(sequence, static_cast<std::int64_t>(entry.sequence));
    insert.bind(changed, number_of(entry.changed));
    insert.bind(writer, entry.writer);
    if (entry.expires == cache::never) {
        insert.bind_null(expires);
    } else {
        insert.bind(expires, number_of(entry.expires));
    }
    insert.bind(deleted, entry.deleted ? 1 : 0);
    insert.bind_blob(value, entry.value);
    if (entry.counter.empty()) {
        insert.bind_null(counter);
    } else {
        insert.bind_blob(counter, entry.counter);
    }
    insert.bind(flags, entry.flags);
    insert.bind(sum, checksum(in_shard, view, entry.counter, scratch));
}

std::optional<cache::EntryView> EntryReader::read(const Statement& row) {
    cache::EntryView entry;
    entry.key = row.bytes(key);
    entry.sequence = static_cast<cache::Sequence>(row.integer(sequence));
    entry.changed = time_of(row.integer(changed));
    entry.writer = static_cast<cache::Writer>(row.integer(writer));
    if (!row.is_null(expires)) entry.expires = time_of(row.integer(expires));
    entry.deleted = row.integer(deleted) != 0;
    entry.value = row.bytes(value);
    entry.flags = static_cast<std::uint32_t>(row.integer(flags));
    const std::string_view parts = row.bytes(counter);
    const auto in_shard = static_cast<std::uint64_t>(row.integer(shard));
    if (row.integer(sum) != checksum(in_shard, entry, parts, scratch_)) return std::nullopt;
    if (!parts.empty()) {
        if (!parse_counter(parts, counter_)) return std::nullopt;
        if (!goes_on_) counter_.own = 0;
        entry.counter = &counter_;
    }
    return entry;
}

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
