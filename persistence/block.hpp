#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/counter.hpp"
#include "cache/entry.hpp"
#include "persistence/bytes.hpp"

namespace clacks::persistence {

/// Records of what has become of entries of one shard, one behind the other:
///
///     entry:     tag  key  sequence  changed  [writer]  [expires]  [flags]  value  [counter]
///     forgotten: tag  key
///
/// The tag says what there is of that in brackets, and whether it is a tombstone. Texts stand
/// behind their length; lengths, writers and flags are short numbers (bytes.hpp), the others take
/// eight bytes. The writer is that of the record before, unless it is there.
class Block {
    static constexpr std::size_t row_header_bytes = 20;  ///< of its row in the table, about

public:
    void add(const cache::EntryView& entry);
    /// The store has forgotten the entry: what earlier records say of it counts no more.
    void add_forgotten(std::string_view key);

    bool is_empty() const { return records_ == 0; }
    /// As large as a block needs to be: those of large entries are larger.
    bool is_full() const { return bytes_.size() >= full_bytes; }
    std::uint64_t records() const { return records_; }
    const std::string& bytes() const { return bytes_; }
    /// Keeps its memory, unless a large entry has been in it.
    void clear();

    /// 4,087 bytes of a row, and what does not fill an overflow page (of 32,764), stand in SQLite's
    /// tree itself (Database File Format, 1.6): so that is as little as possible, there are few
    /// pages of the tree, and it is unlikely that a snapshot writes one twice.
    static constexpr std::size_t full_bytes = std::size_t{8} * 32'764 + 4'087 - row_header_bytes;

private:
    static constexpr std::size_t most_kept_bytes = 2 * full_bytes;

    std::string bytes_;
    std::uint64_t records_ = 0;
    cache::Writer writer_ = 0;
};

/// Reads the records of a block. What is returned is valid until the next one.
class BlockReader {
public:
    /// `goes_on`: whoever reads goes on counting where the writer had stopped.
    BlockReader(std::string_view bytes, bool goes_on) : rest_(bytes), goes_on_(goes_on) {}

    struct Record {
        cache::EntryView entry;
        bool is_forgotten = false;  ///< then there is only the key
    };
    /// Nothing at the end, or when the bytes are no records: failed().
    std::optional<Record> next();
    bool failed() const { return failed_; }

private:
    bool read(unsigned tag, cache::EntryView& entry);

    ByteReader rest_;
    const bool goes_on_;
    bool failed_ = false;
    cache::Writer writer_ = 0;
    cache::Counter counter_;
};

}  // namespace clacks::persistence
