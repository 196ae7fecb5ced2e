#include "client/inbox.hpp"

#include <utility>

namespace clacks::detail {

void Inbox::push(Message message, WhenFull when_full) {
    if (full() && when_full == WhenFull::drop) {
        if (messages_.empty() || messages_.back().kind != Message::Kind::lost) {
            messages_.push_back({.kind = Message::Kind::lost});
            bytes_ += size_of(messages_.back());
        }
        messages_.back().count += message.kind == Message::Kind::gap ? message.count : 1;
        return;
    }
    bytes_ += size_of(message);
    messages_.push_back(std::move(message));
}

Message Inbox::pop() {
    Message message = std::move(messages_.front());
    messages_.pop_front();
    bytes_ -= size_of(message);
    return message;
}

}  // namespace clacks::detail
