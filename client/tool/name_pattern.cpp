#include "client/tool/name_pattern.hpp"

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

/// Takes the first level off `rest`; `last` says whether nothing follows it.
struct Level {
    std::string_view text;
    bool last;
};
Level take_level(std::string_view& rest) {
    const auto end = rest.find("::");
    const Level level{rest.substr(0, end), end == std::string_view::npos};
    rest.remove_prefix(level.last ? rest.size() : end + 2);
    return level;
}

}  // namespace

NamePattern::NamePattern(std::string pattern) : pattern_(std::move(pattern)) {
    std::string_view rest = pattern_;
    for (Level level{{}, false}; !level.last;) {
        level = take_level(rest);
        if (level.text == "*" || (level.text == "**" && level.last)) continue;
        if (level.text.find('*') != std::string_view::npos)
            throw Failure(ExitCode::usage, "pattern '" + pattern_ +
                                               "': '*' stands for a whole level between '::', "
                                               "'**' for one or more levels at the end");
    }
}

bool NamePattern::matches(std::string_view name) const {
    std::string_view pattern = pattern_;
    for (;;) {
        const Level wanted = take_level(pattern);
        if (wanted.text == "**") return true;
        const Level given = take_level(name);
        if (wanted.text != "*" && wanted.text != given.text) return false;
        if (wanted.last || given.last) return wanted.last && given.last;
    }
}

}  // namespace clacks::tool
