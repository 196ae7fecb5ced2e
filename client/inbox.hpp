#pragma once

#include <cstddef>
#include <deque>

#include "clacks/message.hpp"

namespace clacks::detail {

/// Messages that wait for the application, bounded in bytes.
class Inbox {
public:
    /// What push does when the inbox is full: the owner stops reading once it is, so what arrives
    /// still is a rest that must be kept; where it cannot stop, messages are dropped and counted.
    enum class WhenFull { keep, drop };

    explicit Inbox(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

    void push(Message message, WhenFull when_full);
    /// The oldest. Only if not empty.
    Message pop();

    bool empty() const { return messages_.empty(); }
    bool full() const { return !messages_.empty() && bytes_ >= limit_bytes_; }

private:
    static std::size_t size_of(const Message& m) {
        return sizeof(Message) + m.name.size() + m.value.size();
    }

    std::size_t limit_bytes_;
    std::size_t bytes_ = 0;
    std::deque<Message> messages_;
};

}  // namespace clacks::detail
