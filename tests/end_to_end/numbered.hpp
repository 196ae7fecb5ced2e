#pragma once

#include <string>
#include <string_view>

// Signals with a number each, so that a lost, doubled or overtaken one shows.
namespace clacks::test {

/// `SET name=0` to `SET name=(count - 1)`, as they are on the wire.
inline std::string numbered(std::string_view name, int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i) {
        bytes.append("SET ").append(name).append("=").append(std::to_string(i)).append("\r\n");
    }
    return bytes;
}

/// How far `lines` counts up from `SET name=0`; -1 if a number is doubled, missing or overtaken.
/// Other names between them do not matter.
inline int counted(std::string_view name, std::string_view lines) {
    std::string start = "SET ";
    start.append(name).append("=");
    int next = 0;
    for (std::size_t begin = 0; begin < lines.size();) {
        const auto end = lines.find('\n', begin);
        const auto line = lines.substr(begin, end - begin);
        begin = end + 1;
        if (!line.starts_with(start)) continue;
        if (line.substr(start.size()) != std::to_string(next)) return -1;
        ++next;
    }
    return next;
}

}  // namespace clacks::test
