#include "protocol/name_pattern.hpp"

#include "protocol/error.hpp"

namespace clacks::protocol {

namespace {

constexpr std::string_view separator = "::";

/// Matches within one level. Only the last star is ever tried again: that suffices, and keeps the
/// time below the product of the lengths.
bool level_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_taken = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_taken = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

Level take_level(std::string_view& rest) {
    const auto end = rest.find(separator);
    const Level level{rest.substr(0, end), end == std::string_view::npos};
    rest.remove_prefix(level.last ? rest.size() : end + separator.size());
    return level;
}

bool is_listen_pattern(std::string_view name) {
    if (name.find('*') == std::string_view::npos) return false;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(name);
        if (level.text == "*" || (level.last && level.text == "**")) return true;
    }
    return false;
}

bool is_listen_pattern_too_complex(std::string_view pattern) {
    unsigned levels = 0;
    unsigned stars = 0;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(pattern);
        ++levels;
        if (level.text == "*") ++stars;
    }
    return levels > most_pattern_levels || stars > most_pattern_stars;
}

boost::system::result<NamePattern> NamePattern::make(std::string_view pattern) {
    std::string_view rest = pattern;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(rest);
        if (level.text == "**" && !level.last) return ParseError::malformed;
    }
    return NamePattern(pattern);
}

bool NamePattern::matches(std::string_view name) const {
    std::string_view pattern = pattern_;
    for (;;) {
        const Level wanted = take_level(pattern);
        if (wanted.last && wanted.text == "**") return true;
        const Level given = take_level(name);
        if (!level_matches(wanted.text, given.text)) return false;
        if (wanted.last || given.last) return wanted.last && given.last;
    }
}

}  // namespace clacks::protocol
