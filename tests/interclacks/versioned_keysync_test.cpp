#include "interclacks/versioned_keysync.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clacks;
using namespace clacks::interclacks;

namespace {

WallTime second(long seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

std::string line_of(const cache::EntryView& entry) {
    std::string line;
    format_versioned(entry, line);
    return line.substr(0, line.find('\r'));
}

/// Written, read, and written again.
std::string again(const cache::EntryView& entry) {
    const std::string line = line_of(entry);
    const auto command = protocol::parse(line);
    REQUIRE(command.has_value());
    const auto told = parse_versioned(*command, 7);
    REQUIRE(told.has_value());
    CHECK(told->entry.origin == 7);
    return line_of(told->entry);
}

std::string with_mode(const std::string& mode) {
    return "KEYSYNC 1700000000 1700000000 " + mode + " key=value";
}

}  // namespace

TEST_CASE("versioned: what is said of an entry is what is read of it") {
    cache::EntryView entry{.key = "k", .value = "a=b", .changed = second(1), .accessed = second(2)};
    entry.writer = 0x8f3a01c2;
    CHECK(line_of(entry) == "KEYSYNC 1700000001.000000 1700000002.000000 U,w:8f3a01c2 k=a=b");
    CHECK(again(entry) == line_of(entry));
    entry.flags = 4'294'967'295;
    CHECK(line_of(entry).find(" U,w:8f3a01c2,f:4294967295 k=") != std::string::npos);
    CHECK(again(entry) == line_of(entry));
    entry.flags = 0;
    entry.expires = second(30);
    CHECK(line_of(entry).find(",x:1700000030000000 k=") != std::string::npos);
    CHECK(again(entry) == line_of(entry));
    entry.deleted = true;
    CHECK(line_of(entry) ==
          "KEYSYNC 1700000001.000000 0 D,w:8f3a01c2,x:1700000030000000 k=REMOVED");
    CHECK(again(entry) == line_of(entry));
}

TEST_CASE("versioned: a counter is told with all its parts") {
    cache::Counter counter;
    counter.base_changed = second(0);
    counter.base_deleted = false;
    counter.base = "4 and more";
    counter.expires_set = second(3);
    counter.contributions = {{1, second(1), second(2), 7, "-5"},
                             {0xffff'ffff'ffff'ffff, second(4), second(4), 1, "1e+30"}};
    const cache::EntryView entry{
        .key = "k", .value = "9", .changed = second(4), .accessed = second(4), .counter = &counter};
    CHECK(again(entry) == line_of(entry));
    for (const bool deleted : {false, true}) {
        counter.base.clear();
        counter.base_deleted = true;
        counter.base_changed = deleted ? second(0) : WallTime::min();
        CHECK(line_of(entry).find(deleted ? ",b:1700000000000000D," : ",b:-,") !=
              std::string::npos);
        CHECK(again(entry) == line_of(entry));
    }
}

TEST_CASE("versioned: moved times are those of all parts, but for those that stand for none") {
    const auto command = protocol::parse(
        "KEYSYNC 1700000004 1700000004 U,w:0,b:-,c:1:1700000001000000:1700000004000000:2:3 k=3");
    auto told = parse_versioned(*command, 7);
    REQUIRE(told.has_value());
    told->shift(std::chrono::seconds(-1));
    CHECK(line_of(told->entry) ==
          "KEYSYNC 1700000003.000000 1700000003.000000 "
          "U,w:0,b:-,c:1:1700000000000000:1700000003000000:2:3 k=3");
}

TEST_CASE(
    "versioned: what is no version is a plain KEYSYNC, and what a later node adds is skipped") {
    for (const std::string mode : {"U", "D", "X", "U,x:1", "U,", ",w:1", "UU,w:1", "update"}) {
        CAPTURE(mode);
        const std::string line = with_mode(mode);
        CHECK_FALSE(parse_versioned(*protocol::parse(line), 7).has_value());
    }
    const std::string line = with_mode("U,w:1,z:news:1,x:5");
    CHECK(parse_versioned(*protocol::parse(line), 7).has_value());
}

TEST_CASE("versioned: absurd attributes are not believed") {
    for (const std::string attribute : {"w:",
                                        "w:g",
                                        "w:100000000",
                                        "x:",
                                        "x:-1",
                                        "x:1e9",
                                        "x:99999999999999999999",
                                        "x:253402300800000000",
                                        "f:",
                                        "f:-1",
                                        "f:4294967296",
                                        "b:",
                                        "b:D",
                                        "b:x",
                                        "b:-,v:?",
                                        "s:-1",
                                        "b:-,c:1:2:3:4",
                                        "b:-,c:1:2:3:4:",
                                        "b:-,c:g:2:3:4:5",
                                        "b:-,c:1:-2:3:4:5",
                                        "b:-,c:1:2:3:-4:5",
                                        "b:-,c:1:2:3:4:5,c:1:2:3:4:6",
                                        "xx:1"}) {
        CAPTURE(attribute);
        const std::string line = with_mode("U,w:1," + attribute);
        CHECK_FALSE(parse_versioned(*protocol::parse(line), 7).has_value());
    }
}
