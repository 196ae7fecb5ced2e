#include "server/units.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace clacks::server {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: the first that divides a value evenly makes the shortest text.
constexpr std::array<Unit, 6> duration_units{{
    {"d", 24ULL * 60 * 60 * 1000 * 1000},
    {"h", 60ULL * 60 * 1000 * 1000},
    {"m", 60ULL * 1000 * 1000},
    {"s", 1000 * 1000},
    {"ms", 1000},
    {"us", 1},
}};

constexpr std::array<Unit, 4> size_units{{
    {"GiB", 1ULL << 30U},
    {"MiB", 1ULL << 20U},
    {"KiB", 1ULL << 10U},
    {"", 1},
}};

// Takes the digits off the front of `text`. Nothing if there are none or they exceed 64 bits.
std::optional<std::uint64_t> take_digits(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

template <std::size_t count>
const Unit* find_unit(const std::array<Unit, count>& units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

// whole * factor, unless that exceeds `limit`.
std::optional<std::uint64_t> scaled(std::uint64_t whole, std::uint64_t factor,
                                    std::uint64_t limit) {
    if (whole > limit / factor) return std::nullopt;
    return whole * factor;
}

// The part of `factor` that `.digits` is, if it is a whole number.
std::optional<std::uint64_t> fraction_of(std::uint64_t factor, std::string_view digits) {
    std::uint64_t sum = 0;
    for (const char digit : digits) {
        factor = factor % 10 == 0 ? factor / 10 : 0;
        if (factor == 0 && digit != '0') return std::nullopt;
        sum += static_cast<std::uint64_t>(digit - '0') * factor;
    }
    return sum;
}

template <std::size_t count>
std::string format(const std::array<Unit, count>& units, std::uint64_t value) {
    for (const Unit& unit : units) {
        if (value != 0 && value % unit.factor == 0) {
            return std::to_string(value / unit.factor) + std::string(unit.name);
        }
    }
    return "0" + std::string(units.back().name);
}

}  // namespace

std::optional<microseconds> parse_duration(std::string_view text) {
    const auto whole = take_digits(text);
    if (!whole) return std::nullopt;
    std::string_view digits;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        digits = text.substr(0, text.find_first_not_of("0123456789"));
        if (digits.empty()) return std::nullopt;
        text.remove_prefix(digits.size());
    }
    const Unit* unit = find_unit(duration_units, text);
    if (unit == nullptr) return std::nullopt;
    constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto fraction = fraction_of(unit->factor, digits);
    const auto count = scaled(*whole, unit->factor, limit - unit->factor);
    if (!fraction || !count) return std::nullopt;
    return microseconds(static_cast<std::int64_t>(*count + *fraction));
}

std::optional<std::size_t> parse_size(std::string_view text) {
    const auto whole = take_digits(text);
    const Unit* unit = find_unit(size_units, text);
    if (!whole || unit == nullptr) return std::nullopt;
    return scaled(*whole, unit->factor, std::numeric_limits<std::size_t>::max());
}

std::string format_duration(microseconds duration) {
    return format(duration_units, static_cast<std::uint64_t>(duration.count()));
}

std::string format_size(std::size_t bytes) { return format(size_units, bytes); }

}  // namespace clacks::server
