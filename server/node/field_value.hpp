#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clacks::node {

/// What somebody calls himself, as the value of a `key=value;` field of a line: its whole
/// characters of UTF-8 up to `most_bytes`, each of `separators` as an underscore.
std::string field_value(std::string_view text, std::size_t most_bytes, std::string_view separators);

}  // namespace clacks::node
