#include "server/node/field_value.hpp"

#include <algorithm>

namespace clacks::node {

std::string field_value(std::string_view text, std::size_t most_bytes,
                        std::string_view separators) {
    std::size_t length = std::min(most_bytes, text.size());
    const auto continues = [&] {
        return (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U;
    };
    while (length > 0 && length < text.size() && continues()) --length;
    std::string value(text.substr(0, length));
    std::replace_if(
        value.begin(), value.end(),
        [&](char c) { return separators.find(c) != std::string_view::npos; }, '_');
    return value;
}

}  // namespace clacks::node
