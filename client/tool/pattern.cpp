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

}  // namespace clacks::tool
