#include "client/tool/pattern.hpp"

#include "client/tool/failure.hpp"
#include "protocol/name_pattern.hpp"

namespace clacks::tool {

void check_pattern(const std::string& pattern) {
    if (protocol::NamePattern::make(pattern)) return;
    throw Failure(ExitCode::usage, "pattern '" + pattern +
                                       "': '**' stands for one or more levels, and only at the "
                                       "end");
}

bool has_plain_star(const std::string& name) {
    constexpr std::string_view separator = "::";
    std::string_view rest = name;
    for (;;) {
        const auto end = rest.find(separator);
        const auto level = rest.substr(0, end);
        const bool last = end == rest.npos;
        const bool stands_for_some = level == "*" || (last && level == "**");
        if (!stands_for_some && level.find('*') != level.npos) return true;
        if (last) return false;
        rest.remove_prefix(end + separator.size());
    }
}

}  // namespace clacks::tool
