#include <doctest/doctest.h>

#include "client/inbox.hpp"
#include "tests/client/print.hpp"

using clacks::Message;
using clacks::detail::Inbox;

namespace {

Message notify(std::string name) {
    return {.kind = Message::Kind::notify, .name = std::move(name)};
}

std::string drain(Inbox& inbox) {
    std::vector<Message> all;
    while (!inbox.empty()) all.push_back(inbox.pop());
    return print(all);
}

}  // namespace

TEST_CASE("inbox: messages come out in order") {
    Inbox inbox(10'000);
    inbox.push(notify("a"), Inbox::WhenFull::keep);
    inbox.push(notify("b"), Inbox::WhenFull::keep);
    CHECK(drain(inbox) == "notify a | notify b");
}

TEST_CASE("inbox: it is full by bytes, names and values counted") {
    Inbox inbox(1000 + sizeof(Message));
    inbox.push(notify(std::string(999, 'x')), Inbox::WhenFull::keep);
    CHECK_FALSE(inbox.full());
    inbox.push(notify("a"), Inbox::WhenFull::keep);
    CHECK(inbox.full());
    inbox.pop();
    CHECK_FALSE(inbox.full());
}

TEST_CASE("inbox: an empty one is never full, whatever its limit") {
    Inbox inbox(0);
    CHECK_FALSE(inbox.full());
    inbox.push(notify("a"), Inbox::WhenFull::drop);
    CHECK(drain(inbox) == "notify a");
}

TEST_CASE("inbox: drops are counted where they happened") {
    Inbox inbox(1);
    inbox.push(notify("a"), Inbox::WhenFull::drop);
    inbox.push(notify("b"), Inbox::WhenFull::drop);
    inbox.push(notify("c"), Inbox::WhenFull::drop);
    inbox.push(notify("d"), Inbox::WhenFull::keep);
    inbox.push(notify("e"), Inbox::WhenFull::drop);
    CHECK(drain(inbox) == "notify a | lost 2 | notify d | lost 1");
}

TEST_CASE("inbox: a gap that is dropped counts as all that is in it") {
    Inbox inbox(1);
    inbox.push(notify("a"), Inbox::WhenFull::drop);
    inbox.push({.kind = Message::Kind::gap, .name = "a", .count = 12}, Inbox::WhenFull::drop);
    inbox.push(notify("b"), Inbox::WhenFull::drop);
    CHECK(drain(inbox) == "notify a | lost 13");
}
