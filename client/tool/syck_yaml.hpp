#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace clacks::tool {

/// An item of a mapping: key and fields, or a single value under "". Nothing: undefined (`~`).
struct SyckItem {
    std::size_t line = 0;  ///< from 1
    std::string key;
    std::map<std::string, std::optional<std::string>, std::less<>> fields;
};

/// Reads a mapping as Perl's YAML::Syck writes it, item by item. Strings are bytes: its `\xC3` is
/// that byte, not the character U+00C3, whatever YAML says. Throws Failure (usage) with the line
/// when it is something else.
void read_syck(const std::string& yaml, const std::function<void(const SyckItem&)>& take);

}  // namespace clacks::tool
