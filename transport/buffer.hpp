#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clacks::transport {

/// Empty buffers that have been used before, so that filling one again allocates nothing. One a
/// worker; not thread-safe. Also adds up by how much what is waiting in outputs has changed.
class BufferPool {
public:
    void count(std::ptrdiff_t change) { change_ += change; }
    /// What was counted since the last time.
    std::ptrdiff_t take_change() { return std::exchange(change_, 0); }

    std::string take() {
        if (free_.empty()) return {};
        std::string buffer = std::move(free_.back());
        free_.pop_back();
        return buffer;
    }
    void give(std::string buffer) {
        if (buffer.capacity() > largest_kept_bytes || free_.size() >= most_kept) return;
        buffer.clear();
        free_.push_back(std::move(buffer));
    }

private:
    static constexpr std::size_t largest_kept_bytes = 1U << 20U;
    static constexpr std::size_t most_kept = 64;
    std::vector<std::string> free_;
    std::ptrdiff_t change_ = 0;
};

/// Bytes in a row that are appended at the end and taken at the front. While it is empty it owns
/// no memory.
class Buffer {
public:
    bool empty() const { return begin_ == bytes_.size(); }
    std::size_t size() const { return bytes_.size() - begin_; }
    std::string_view view() const { return std::string_view(bytes_).substr(begin_); }

    void append(std::string_view more, BufferPool& pool) { tail(pool) += more; }

    /// The string to append to, for code that appends by itself.
    std::string& tail(BufferPool& pool) {
        // A few bytes live in the string itself: they are not to be replaced.
        if (bytes_.empty() && bytes_.capacity() <= std::string().capacity()) bytes_ = pool.take();
        return bytes_;
    }

    /// Drops the first `count` bytes.
    void consume(std::size_t count, BufferPool& pool) {
        begin_ += count;
        if (empty()) {
            begin_ = 0;
            pool.give(std::exchange(bytes_, {}));
        } else if (begin_ > compact_above_bytes && begin_ > bytes_.size() / 2) {
            bytes_.erase(0, begin_);
            begin_ = 0;
        }
    }

    /// Gives back what tail() took, if nothing was appended.
    void settle(BufferPool& pool) {
        if (empty()) consume(0, pool);
    }

    void clear() {
        bytes_ = {};
        begin_ = 0;
    }

private:
    static constexpr std::size_t compact_above_bytes = 256U << 10U;
    std::string bytes_;
    std::size_t begin_ = 0;
};

}  // namespace clacks::transport
