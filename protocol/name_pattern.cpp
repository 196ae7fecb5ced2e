#include "protocol/name_pattern.hpp"

#include <algorithm>
#include <cstddef>

#include "protocol/error.hpp"

namespace clacks::protocol {

namespace {

constexpr std::string_view separator = "::";

/// Matches within one level. What stands before the first star and behind the last has its place;
/// each piece between two stars is taken where it is found first, which leaves most to the others.
bool level_matches(std::string_view pattern, std::string_view text) {
    auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    for (text.remove_prefix(star);;) {
        pattern.remove_prefix(star + 1);
        star = pattern.find('*');
        if (star == std::string_view::npos) return text.ends_with(pattern);
        const auto found = text.find(pattern.substr(0, star));
        if (found == std::string_view::npos) return false;
        text.remove_prefix(found + star);
    }
}

/// Of several stars in a row one does the same.
void append_collapsed(std::string_view level, std::string& out) {
    const auto start = out.size();
    for (const char c : level) {
        const bool again = c == '*' && out.size() > start && out.back() == '*';
        if (!again) out += c;
    }
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
    NamePattern made;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(pattern);
        const bool rest = level.text == "**";
        if (rest && !level.last) return ParseError::malformed;
        if (rest) {
            made.pattern_ += level.text;
        } else {
            append_collapsed(level.text, made.pattern_);
        }
        if (!level.last) made.pattern_ += separator;
    }
    return made;
}

bool NamePattern::is_too_complex() const {
    std::string_view rest = pattern_;
    unsigned levels = 0;
    std::ptrdiff_t stars = 0;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(rest);
        if (++levels > most_pattern_levels) return true;
        if (level.text != "**") stars += std::count(level.text.begin(), level.text.end(), '*');
    }
    return stars > most_pattern_stars;
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
