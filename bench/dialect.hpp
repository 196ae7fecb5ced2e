#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

// What the servers are asked and what they answer, in bytes. The loads know no protocol:
// they send frames of a dialect and compare what arrives with the frames it should be.
namespace clacks::bench {

inline constexpr std::size_t value_bytes = 128;  ///< of each message and each stored value
inline constexpr std::string_view some_key = "bench::00::0000";  ///< all keys are this long
inline constexpr std::string_view topic = some_key;  ///< the name the fan-out is published under

/// The sixteen decimal digits a value begins with: they tell one message from another.
using Digits = std::span<char, 16>;
inline constexpr std::string_view zero = "0000000000000000";

/// Adds one.
void count_up(Digits number);

/// A command or an answer of a fixed size, with places for a key and a value.
class Frame {
public:
    /// The text, with `{key}` and `{value}` where those stand, each at most once.
    explicit Frame(std::string_view pattern, std::size_t size_of_value = value_bytes);

    std::size_t size() const { return bytes_.size(); }
    /// Appends the frame to `out`. What it has no place for is ignored.
    void append_to(std::string& out, std::string_view key, std::string_view number) const;
    /// The digits in a copy of this frame, to be counted up there.
    Digits number_in(std::string& copy) const { return Digits(copy.data() + value_, 16); }

private:
    std::string bytes_;
    std::size_t key_;
    std::size_t value_;
};

struct Dialect {
    std::string login;  ///< sent first, answered with `welcome` at the end
    std::string welcome;

    std::string listen;  ///< to `topic`, answered with `listening`
    std::string listening;
    Frame publish;  ///< answered to the publisher with `published`, which may be empty
    std::string published;
    Frame delivery;       ///< what each listener gets
    std::string barrier;  ///< a listener's question; `passed` follows the last delivery before it
    std::string passed;

    Frame store;  ///< answered with `stored`, which may be empty
    std::string stored;
    Frame retrieve;  ///< answered with `retrieved`
    Frame retrieved;
    std::string small_store;  ///< {0}: a key, {1}: a value, {2}: the size of that; not answered
    std::string settle;       ///< where stores go unanswered: asks whether all are done, `settled`
    std::string settled;
};

/// Each publish is answered with the number of listeners that got it.
Dialect redis_dialect(unsigned listeners);

/// Values are of 100 bytes. Only what the cache and the measurement of memory need.
Dialect memcached_dialect();

/// For a node whose configuration knows the user `bench` with the password `bench`.
Dialect clacks_dialect();

}  // namespace clacks::bench
