#pragma once

#include <string>
#include <string_view>

namespace clacks::tool {

/// A pattern over names whose levels are separated by "::". A level `*` stands for exactly one
/// level, `**` as the last level for one or more; everything else for itself.
class NamePattern {
public:
    /// Throws Failure (usage) when a `*` stands beside other characters of its level, or a `**`
    /// elsewhere than at the end.
    explicit NamePattern(std::string pattern);

    bool matches(std::string_view name) const;

private:
    std::string pattern_;
};

}  // namespace clacks::tool
