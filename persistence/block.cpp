#include "persistence/block.hpp"

#include "persistence/counter_bytes.hpp"
#include "persistence/time_bytes.hpp"

namespace clacks::persistence {
namespace {

enum Tag : unsigned {
    forgotten = 1,
    deleted = 2,
    has_writer = 4,
    has_expires = 8,
    has_flags = 16,
    has_counter = 32,
    all_tags = 63
};

}  // namespace

void Block::add(const cache::EntryView& entry) {
    const unsigned tag = (entry.deleted ? deleted : 0U) |
                         (entry.writer != writer_ ? has_writer : 0U) |
                         (entry.expires != cache::never ? has_expires : 0U) |
                         (entry.flags != 0 ? has_flags : 0U) | (entry.counter ? has_counter : 0U);
    bytes_ += static_cast<char>(tag);
    put_short(bytes_, entry.key);
    put(bytes_, entry.sequence);
    put_time(bytes_, entry.changed);
    if (entry.writer != writer_) put_short(bytes_, writer_ = entry.writer);
    if (entry.expires != cache::never) put_time(bytes_, entry.expires);
    if (entry.flags != 0) put_short(bytes_, entry.flags);
    put_short(bytes_, entry.value);
    if (entry.counter) put_short(bytes_, format_counter(*entry.counter));
    ++records_;
}

void Block::add_forgotten(std::string_view key) {
    bytes_ += static_cast<char>(forgotten);
    put_short(bytes_, key);
    ++records_;
}

void Block::clear() {
    if (bytes_.capacity() > most_kept_bytes) std::string().swap(bytes_);
    bytes_.clear();
    records_ = 0;
    writer_ = 0;
}

std::optional<BlockReader::Record> BlockReader::next() {
    if (failed_ || rest_.at_end()) return std::nullopt;
    Record record;
    const unsigned tag = rest_.byte();
    record.entry.key = rest_.short_text();
    record.is_forgotten = tag == forgotten;
    const bool well = record.is_forgotten || (tag & ~(all_tags & ~forgotten)) == 0;
    if (well && (record.is_forgotten || read(tag, record.entry)) && rest_.ok()) return record;
    failed_ = true;
    return std::nullopt;
}

bool BlockReader::read(unsigned tag, cache::EntryView& entry) {
    entry.sequence = rest_.number();
    entry.changed = read_time(rest_);
    if (tag & has_writer) writer_ = static_cast<cache::Writer>(rest_.short_number());
    entry.writer = writer_;
    if (tag & has_expires) entry.expires = read_time(rest_);
    if (tag & has_flags) entry.flags = static_cast<std::uint32_t>(rest_.short_number());
    entry.deleted = (tag & deleted) != 0;
    entry.value = rest_.short_text();
    if ((tag & has_counter) == 0) return true;
    if (!parse_counter(rest_.short_text(), counter_)) return false;
    if (!goes_on_) counter_.own = 0;
    entry.counter = &counter_;
    return true;
}

}  // namespace clacks::persistence
