#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clacks {

/// What a node says of itself, of another or of a connection: keys and values in its order. Keys
/// are stable words; more may come, so take them by name.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The value of `key`; empty if there is none.
inline std::string_view field(const Fields& fields, std::string_view key) {
    for (const auto& [name, value] : fields)
        if (name == key) return value;
    return {};
}

}  // namespace clacks
