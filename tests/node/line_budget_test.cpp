#include "server/node/line_budget.hpp"

#include <doctest/doctest.h>

using namespace clacks;
using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t bytes_a_second = 32'000;
constexpr std::size_t line_bytes = 100;

/// How many lines are shown before one is not.
int lines_allowed(LineBudget& budget, MonoTime time) {
    int lines = 0;
    while (budget.admits(line_bytes, time, bytes_a_second)) ++lines;
    return lines;
}

}  // namespace

TEST_CASE("line budget: a quarter of a second's bytes at once, then nothing") {
    LineBudget budget;
    const MonoTime time(1h);
    CHECK(lines_allowed(budget, time) == 80);
    CHECK(lines_allowed(budget, time) == 0);
}

TEST_CASE("line budget: nothing is shown until a thirty-second of a second has been saved") {
    LineBudget budget;
    const MonoTime time(1h);
    lines_allowed(budget, time);
    CHECK(lines_allowed(budget, time + 31ms) == 0);
    CHECK(lines_allowed(budget, time + 32ms) == 11);
}

TEST_CASE("line budget: over a second it allows the rate, however short the turns are") {
    LineBudget budget;
    MonoTime time(1h);
    lines_allowed(budget, time);
    int lines = 0;
    for (int turn = 0; turn < 2'000'000; ++turn) {
        time += 700ns;
        lines += lines_allowed(budget, time);
    }
    CHECK(lines >= 435);  // 1.4 s
    CHECK(lines <= 450);
}

TEST_CASE("line budget: what nobody used in an hour is no more than what nobody used in a second") {
    LineBudget budget;
    const MonoTime time(1h);
    lines_allowed(budget, time);
    CHECK(lines_allowed(budget, time + 1h) == 80);
}

TEST_CASE("line budget: a large line is paid for before the next, in some seconds at most") {
    LineBudget budget;
    const MonoTime time(1h);
    CHECK(budget.admits(2 * bytes_a_second, time, bytes_a_second));
    CHECK_FALSE(budget.admits(line_bytes, time + 1500ms, bytes_a_second));
    CHECK(budget.admits(std::size_t{512} << 20U, time + 2s, bytes_a_second));
    CHECK_FALSE(budget.admits(line_bytes, time + 5s, bytes_a_second));
    CHECK(budget.admits(line_bytes, time + 7s, bytes_a_second));
}

TEST_CASE("line budget: who owed much of a high rate waits no longer when the rate is low") {
    LineBudget budget;
    const MonoTime time(1h);
    CHECK(budget.admits(std::size_t{64} << 20U, time, std::size_t{32} << 20U));
    CHECK_FALSE(budget.admits(line_bytes, time + 3s, bytes_a_second));
    CHECK(budget.admits(line_bytes, time + 5s, bytes_a_second));
}

TEST_CASE("line budget: what is shown in any case is paid for by what follows") {
    LineBudget budget;
    const MonoTime time(1h);
    CHECK(budget.admits(line_bytes, time, bytes_a_second));
    budget.charge(bytes_a_second / 4, time, bytes_a_second);
    CHECK_FALSE(budget.admits(line_bytes, time, bytes_a_second));
}
