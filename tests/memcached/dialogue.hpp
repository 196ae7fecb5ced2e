#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace clacks::test {

/// What is said to a memcached, and what it answers: lines that begin with "> " and "< ". In a
/// request `{cas}` is the last number that a `#` of a reply stood for. `x*1000` in braces, as in
/// {x*1000}, is so many of that letter, in both.
struct Dialogue {
    const char* sentence;
    const char* text;
    /// Why memcached 1.6.18 answers otherwise; nullptr: it does not.
    const char* differs = nullptr;
};

/// Requests that are sent together, and the replies to all of them.
struct Exchange {
    std::string request;
    std::string reply;
};
std::vector<Exchange> parse(const Dialogue& dialogue);

/// Holds the dialogue with whoever answers; returns how it went, in the same form. It went well if
/// that is as_text().
std::string hold(const Dialogue& dialogue,
                 const std::function<std::string(const std::string&)>& answer);
std::string as_text(const Dialogue& dialogue);

}  // namespace clacks::test
