#include "tests/memcached/programs.hpp"

#include <utility>

namespace clacks::test {

using memcached::Client;
using memcached::Handlers;
using memcached::NewValue;
using memcached::Verdict;

void Program::answer(char letter, std::function<void()> then) {
    asked += letter;
    if (!slow_) return then();
    waiting_.push_back(std::move(then));
}

bool Program::answer_one() {
    if (waiting_.empty()) return false;
    const auto then = std::move(waiting_.front());
    waiting_.pop_front();
    then();
    return true;
}

Handlers Program::handlers() {
    Handlers handlers;
    handlers.find = [this](Client&, std::string_view key, auto then) {
        answer('f', [this, key = std::string(key), then] { then(values.contains(key)); });
    };
    handlers.get = [this](Client&, std::string_view key, auto then) {
        answer('g', [this, key = std::string(key), then] {
            const auto found = values.find(key);
            then(found == values.end() ? std::nullopt : std::optional(found->second));
        });
    };
    handlers.set = [this](Client&, std::string_view key, const NewValue& value, auto then) {
        answer('s', [this, key = std::string(key), text = std::string(value.value), then] {
            values[key] = text;
            then(Verdict::ok());
        });
    };
    handlers.remove = [this](Client&, std::string_view key, auto then) {
        answer('r', [this, key = std::string(key), then] { then(values.erase(key) > 0); });
    };
    handlers.flush_all = [this](Client&, auto then) {
        answer('c', [this, then] {
            values.clear();
            then(Verdict::ok());
        });
    };
    return handlers;
}

Customer::Customer(Program& served, memcached::Derived::Options options)
    : program(served),
      derived(served.handlers(), options),
      shop(derived, &memcached::all_rights()) {}

std::string Customer::ask(std::string_view request) {
    std::string reply = shop.ask(request);
    while (program.answer_one()) shop.feed(reply);
    return reply;
}

}  // namespace clacks::test
