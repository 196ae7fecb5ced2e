#include "interclacks/redial.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using clacks::MonoTime;
using clacks::interclacks::Redial;

namespace {

constexpr double highest = 0.999999;
const std::vector<std::string> one{"a"};
const std::vector<std::string> two{"a", "b"};

}  // namespace

TEST_CASE("redial: a master that cannot be reached is dialled after growing delays") {
    Redial redial(1s, 4s);
    const MonoTime now{};
    CHECK(redial.is_due("a", now));
    CHECK(redial.next(one, 0.5, now) == 500ms);
    CHECK(redial.next(one, 0.5, now) == 1s);
    CHECK(redial.next(one, 0.5, now) == 2s);
    CHECK(redial.next(one, 0.5, now) == 2s);
    redial.served();
    CHECK(redial.next(one, 0.5, now) == 500ms);
}

TEST_CASE("redial: a master that asked for it is not dialled before its time") {
    Redial redial(1s, 30s);
    const MonoTime now{};
    redial.told_to_wait("a", 4s, 0.0, now);
    CHECK_FALSE(redial.is_due("a", now + 3999ms));
    CHECK(redial.is_due("a", now + 4s));
    CHECK(redial.next(one, 0.0, now) == 4s);
    CHECK(redial.next(one, 0.0, now + 1s) == 3s);
    for (int i = 0; i < 6; ++i) redial.next(one, 0.0, now);
    CHECK(redial.next(one, 0.5, now) == 15s);  // its own delay, where that is longer
}

TEST_CASE("redial: those who were told the same time come back one after the other") {
    const MonoTime now{};
    for (const double random : {0.5, highest}) {
        CAPTURE(random);
        Redial redial(1s, 30s);
        redial.told_to_wait("a", 4s, random, now);
        const auto wait = redial.next(one, 0.0, now);
        CHECK(wait >= (random == 0.5 ? 4500ms : 4900ms));
        CHECK(wait <= 5s);
    }
}

TEST_CASE("redial: the others are dialled while one of them has to be left alone") {
    Redial redial(1s, 30s);
    const MonoTime now{};
    redial.told_to_wait("a", 60s, 0.0, now);
    CHECK(redial.is_due("b", now));
    CHECK(redial.next(two, 0.5, now) == 500ms);
    redial.told_to_wait("b", 20s, 0.0, now);
    CHECK(redial.next(two, 0.0, now) == 20s);
}

TEST_CASE("redial: one that refuses our login is tried again after half to all of the longest") {
    for (const double random : {0.0, 0.5, highest}) {
        CAPTURE(random);
        Redial redial(1s, 30s);
        const MonoTime now{};
        redial.refused("a", random, now);
        const auto wait = redial.next(one, 0.0, now);
        CHECK(wait >= 15s);
        CHECK(wait < 30s);
        CHECK_FALSE(redial.is_due("a", now + wait - 1ms));
        CHECK(redial.is_due("a", now + wait));
    }
}

TEST_CASE("redial: what a master said last counts") {
    Redial redial(1s, 30s);
    const MonoTime now{};
    redial.told_to_wait("a", 60s, 0.0, now);
    redial.told_to_wait("a", 2s, 0.0, now);
    CHECK(redial.is_due("a", now + 2s));
}
