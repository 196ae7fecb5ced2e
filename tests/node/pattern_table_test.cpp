#include "server/node/pattern_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "protocol/name_pattern.hpp"
#include "server/node/peer.hpp"

using namespace clacks::node;
using clacks::protocol::NamePattern;

namespace {

class NamesOfFewLevels {
public:
    std::string name() { return of({"a", "b", ""}, {"a", "b", ""}); }
    std::string pattern() {
        std::string text;
        do text = of({"a", "b", "", "*"}, {"a", "*", "**"});
        while (!clacks::protocol::is_listen_pattern(text));
        return text;
    }
    std::size_t below(std::size_t end) { return random_() % end; }

private:
    using Levels = std::vector<std::string>;
    std::string of(const Levels& inner, const Levels& last) {
        std::string text;
        for (auto more = below(4); more > 0; --more) text += inner[below(inner.size())] + "::";
        return text + last[below(last.size())];
    }
    std::mt19937 random_{1};
};

std::vector<Peer*> match(const PatternTable& table, std::string_view name) {
    std::vector<Peer*> found;
    table.match(name, found);
    return found;
}

/// What a hundred signals cost with so many listeners that none of them is for, and one that each
/// is for; the least of several times.
std::chrono::nanoseconds time_among(int others) {
    PatternTable table;
    Peer peer("h", "p", 1);
    for (int i = 0; i < others; ++i) {
        const auto number = std::to_string(i);
        table.add("other" + number + "::**", peer);
        table.add("wanted::*::other" + number, peer);
        table.add("*::other" + number + "::*", peer);
    }
    table.add("wanted::*::this", peer);
    auto least = std::chrono::nanoseconds::max();
    for (int repeat = 0; repeat < 20; ++repeat) {
        const auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 100; ++i) REQUIRE(match(table, "wanted::one::this").size() == 1);
        least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - begun);
    }
    return least;
}

}  // namespace

TEST_CASE("pattern table: it finds whom a look at every pattern finds, whoever came and went") {
    NamesOfFewLevels names;
    PatternTable table;
    std::deque<Peer> peers;
    for (std::uint64_t i = 0; i < 50; ++i) peers.emplace_back("h", "p", i);
    std::vector<std::pair<std::string, Peer*>> listens;
    for (int i = 0; i < 3000; ++i) {
        if (listens.size() < 40 || (listens.size() < 80 && names.below(2) == 0)) {
            listens.emplace_back(names.pattern(), &peers[names.below(peers.size())]);
            table.add(listens.back().first, *listens.back().second);
        } else {
            const auto gone =
                listens.begin() + static_cast<std::ptrdiff_t>(names.below(listens.size()));
            table.remove(gone->first, *gone->second);
            listens.erase(gone);
        }
        const std::string name = names.name();
        std::vector<Peer*> expected;
        for (const auto& [pattern, peer] : listens) {
            if (NamePattern::make(pattern)->matches(name)) expected.push_back(peer);
        }
        auto found = match(table, name);
        std::sort(found.begin(), found.end());
        std::sort(expected.begin(), expected.end());
        REQUIRE_MESSAGE((found == expected), name);
    }
    for (const auto& [pattern, peer] : listens) table.remove(pattern, *peer);
    CHECK(table.empty());
}

TEST_CASE("pattern table: to remove what is not there changes nothing") {
    PatternTable table;
    Peer one("h", "p", 1);
    Peer two("h", "p", 2);
    table.add("a::*::b", one);
    table.remove("a::*::b", two);
    table.remove("a::*", one);
    table.remove("a::**", one);
    table.remove("x::*", one);
    CHECK(match(table, "a::1::b") == std::vector<Peer*>{&one});
}

TEST_CASE("pattern table: a signal costs no more, however many listen to something else") {
    // Were each of them looked at it would take some thousand times as long.
    CHECK(time_among(100'000) < 50 * time_among(10));
}
