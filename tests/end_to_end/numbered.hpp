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

/// What is wrong with `lines` if those of this name should be the `count` ones above in their
/// order:
/// "" or a sentence. Lines of other names between them do not matter.
inline std::string miscount(std::string_view name, int count, std::string_view lines) {
    std::string start = "SET ";
    start.append(name).append("=");
    int due = 0;
    for (std::size_t begin = 0; begin < lines.size();) {
        const auto end = lines.find('\n', begin);
        const std::string line(lines.substr(begin, end - begin));
        begin = end + 1;
        if (!line.starts_with(start)) continue;
        if (line != start + std::to_string(due))
            return line + " where " + std::to_string(due) + " was due";
        ++due;
    }
    return due == count ? "" : "the last is " + std::to_string(due - 1);
}

}  // namespace clacks::test
