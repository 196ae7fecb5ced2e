#include "server/net/password_checks.hpp"

#include <doctest/doctest.h>

#include <future>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

using clacks::net::PasswordChecks;

namespace {

/// A check that takes until it is let go.
struct SlowCheck {
    bool operator()(std::string_view hash, std::string_view given) {
        begun.release();
        go_on.acquire();
        return hash == given;
    }
    std::counting_semaphore<> begun{0};
    std::counting_semaphore<> go_on{0};
};

PasswordChecks::Job job(std::string given, std::function<void(std::optional<bool>)> answer) {
    return {.hash = "right",
            .given = std::move(given),
            .has_gone = [] { return false; },
            .is_heard = [] { return true; },
            .answer = std::move(answer)};
}

void ignore(std::optional<bool>) {}

}  // namespace

TEST_CASE("password checks: answers come in the order of the questions") {
    PasswordChecks checks([](auto hash, auto given) { return hash == given; });
    std::vector<std::optional<bool>> answers;
    std::promise<void> all;
    CHECK(checks.add(job("right", [&](auto fits) { answers.push_back(fits); })));
    auto unheard = job("right", [&](auto fits) { answers.push_back(fits); });
    unheard.is_heard = [] { return false; };
    CHECK(checks.add(std::move(unheard)));
    auto gone = job("right", [&](auto fits) { answers.push_back(fits); });
    gone.has_gone = [] { return true; };
    CHECK(checks.add(std::move(gone)));
    CHECK(checks.add(job("wrong", [&](auto fits) {
        answers.push_back(fits);
        all.set_value();
    })));
    all.get_future().wait();
    CHECK(answers == std::vector<std::optional<bool>>{true, std::nullopt, false});
}

TEST_CASE("password checks: one that cannot be done says nothing, and the next one is done") {
    bool has_memory = false;
    const auto needs_memory = [&] {
        if (!has_memory) throw std::bad_alloc();
        return true;
    };
    PasswordChecks checks([&](auto hash, auto given) { return needs_memory() && hash == given; });
    const auto ask = [&](PasswordChecks::Job job) {
        std::promise<std::optional<bool>> answer;
        job.answer = [&](auto fits) { answer.set_value(fits); };
        CHECK(checks.add(std::move(job)));
        return answer.get_future().get();
    };
    CHECK(ask(job("right", ignore)) == std::nullopt);
    auto question = job("right", ignore);
    question.is_heard = needs_memory;
    CHECK(ask(std::move(question)) == std::nullopt);
    CHECK(checks.add(job("right", [&](auto) { needs_memory(); })));
    CHECK(ask(job("right", ignore)) == std::nullopt);  // after that one
    has_memory = true;
    CHECK(ask(job("right", ignore)) == true);
}

TEST_CASE("password checks: no more than so many wait, and a stop drops them") {
    SlowCheck slow;
    PasswordChecks checks([&](auto hash, auto given) { return slow(hash, given); });
    CHECK(checks.add(job("right", ignore)));
    slow.begun.acquire();
    std::size_t waiting = 0;
    while (waiting < PasswordChecks::most_waiting && checks.add(job("right", ignore))) ++waiting;
    CHECK(waiting == PasswordChecks::most_waiting);
    CHECK_FALSE(checks.add(job("right", ignore)));
    const auto stopped = std::async(std::launch::async, [&] { checks.stop(); });
    slow.go_on.release(static_cast<std::ptrdiff_t>(PasswordChecks::most_waiting) + 1);
    stopped.wait();
}
