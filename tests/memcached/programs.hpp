#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "memcached/derived.hpp"
#include "tests/memcached/shop.hpp"

namespace clacks::test {

/// A program that keeps its values in a map and serves them by handlers. `slow`: they answer when
/// they are let.
class Program {
public:
    explicit Program(bool slow = false) : slow_(slow) {}

    memcached::Handlers handlers();

    /// Lets the handler that has waited longest answer. False: there is none.
    bool answer_one();

    std::map<std::string, std::string> values;
    std::string asked;  ///< what the handlers were asked for, a letter each

private:
    void answer(char letter, std::function<void()> then);

    bool slow_;
    std::deque<std::function<void()>> waiting_;
};

/// A client of a program.
class Customer {
public:
    explicit Customer(Program& program, memcached::Derived::Options options = {});

    /// All that comes back, with every handler let.
    std::string ask(std::string_view request);

    Program& program;
    memcached::Derived derived;
    Shop shop;
};

}  // namespace clacks::test
