#include "cache/number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

namespace clacks::cache {
namespace {

// Wide enough for every sum of two 64-bit integers, signed or not.
__extension__ using Integer = __int128;

constexpr Integer min_integer = std::numeric_limits<std::int64_t>::min();
constexpr Integer max_integer = std::numeric_limits<std::uint64_t>::max();

struct Number {
    std::optional<Integer> integer;  ///< where the number is exactly one of 64 bits
    double real = 0;                 ///< in any case
};

Number from_integer(Integer integer) { return {integer, static_cast<double>(integer)}; }
Number zero() { return from_integer(0); }

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The number that `text` begins with; empty if it begins with none.
std::string_view leading_number(std::string_view text) {
    const auto is = [&](std::size_t at, std::string_view any) {
        return at < text.size() && any.find(text[at]) != any.npos;
    };
    const auto after_digits = [&](std::size_t at) {
        while (is(at, "0123456789")) ++at;
        return at;
    };
    const std::size_t begin = is(0, "+-") ? 1 : 0;
    std::size_t end = after_digits(begin);
    std::size_t digit_count = end - begin;
    if (is(end, ".")) {
        const std::size_t fraction = end + 1;
        end = after_digits(fraction);
        digit_count += end - fraction;
    }
    if (digit_count == 0) return {};
    if (is(end, "eE")) {
        const std::size_t exponent = is(end + 1, "+-") ? end + 2 : end + 1;
        if (is(exponent, "0123456789")) end = after_digits(exponent);
    }
    return text.substr(0, end);
}

std::optional<Integer> parse_integer(std::string_view digits, bool negative) {
    std::uint64_t magnitude = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    const Integer integer = negative ? -Integer{magnitude} : Integer{magnitude};
    if (integer < min_integer) return std::nullopt;
    return integer;
}

// `text` is what leading_number() found.
Number parse(std::string_view text) {
    if (text.empty()) return zero();
    const bool negative = text.front() == '-';
    const std::string_view unsigned_text = text.substr(negative || text.front() == '+' ? 1 : 0);
    if (const auto integer = parse_integer(unsigned_text, negative)) return from_integer(*integer);

    double real = 0;
    const auto parsed =
        std::from_chars(unsigned_text.data(), unsigned_text.data() + unsigned_text.size(), real);
    if (parsed.ec != std::errc{}) return zero();  // too large, or too near to 0
    if (negative) real = -real;

    const bool written_as_integer = unsigned_text.find_first_of(".eE") == unsigned_text.npos;
    const bool fits =
        real >= static_cast<double>(min_integer) && real < static_cast<double>(max_integer);
    if (!written_as_integer && fits && std::trunc(real) == real) {
        return from_integer(static_cast<Integer>(real));
    }
    return {std::nullopt, real};
}

std::string print(const Number& number) {
    std::array<char, 32> text;
    std::to_chars_result end{};
    if (!number.integer) {
        end = std::to_chars(text.begin(), text.end(), number.real, std::chars_format::general, 15);
    } else if (*number.integer < 0) {
        end = std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(*number.integer));
    } else {
        end = std::to_chars(text.begin(), text.end(), static_cast<std::uint64_t>(*number.integer));
    }
    return std::string(text.begin(), end.ptr);
}

Number sum(const Number& a, const Number& b, bool subtract) {
    if (a.integer && b.integer) {
        const Integer exact = subtract ? *a.integer - *b.integer : *a.integer + *b.integer;
        if (exact >= min_integer && exact <= max_integer) return from_integer(exact);
    }
    const double real = subtract ? a.real - b.real : a.real + b.real;
    if (!std::isfinite(real)) return a;
    return {std::nullopt, real};
}

}  // namespace

std::string add(std::string_view value, std::string_view step, bool subtract) {
    const std::string_view trimmed_value = trimmed(value);
    const std::string_view number = leading_number(trimmed_value);
    const Number old = number.size() == trimmed_value.size() ? parse(number) : zero();
    const Number change = step.empty() ? from_integer(1) : parse(leading_number(trimmed(step)));
    return print(sum(old, change, subtract));
}

}  // namespace clacks::cache
