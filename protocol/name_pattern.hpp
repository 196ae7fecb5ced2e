#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

// Names and patterns over them: protocol.txt, "Patterns". The levels of a name stand between "::".
namespace clacks::protocol {

/// Takes the first level off `rest`. `last`: nothing follows it.
struct Level {
    std::string_view text;
    bool last;
};
Level take_level(std::string_view& rest);

/// Whether LISTEN takes this as a pattern: a level is `*`, or the last one is `**`. A star beside
/// other characters of its level is an ordinary character, as it always was.
bool is_listen_pattern(std::string_view name);

/// More than this a pattern from a client may not ask for, so that matching stays cheap whatever
/// patterns there are: see node::PatternTable.
inline constexpr unsigned most_pattern_levels = 16;
inline constexpr unsigned most_pattern_stars = 4;  ///< levels that are `*`; `**` does not count
bool is_listen_pattern_too_complex(std::string_view pattern);

/// A pattern over names. A level `*` stands for exactly one level, `**` as the last for one or
/// more; within a level `*` stands for any characters of it, also none; all else for itself.
/// Several stars in a row within a level are kept as one.
class NamePattern {
public:
    /// `**` elsewhere than as the last level: ParseError::malformed.
    static boost::system::result<NamePattern> make(std::string_view pattern);

    /// Whether it asks for more than a pattern of LISTEN may; here every star counts but `**`.
    bool is_too_complex() const;

    /// In a time that grows with the lengths of name and pattern, at worst with their product.
    bool matches(std::string_view name) const;

    const std::string& text() const { return pattern_; }

private:
    NamePattern() = default;
    std::string pattern_;
};

}  // namespace clacks::protocol
