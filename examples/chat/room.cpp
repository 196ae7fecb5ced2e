#include "room.hpp"

#include "printable.hpp"

namespace chat {

std::string to_value(const Line& line) {
    switch (line.kind) {
        case Line::Kind::said:
            return line.name + ": " + line.text;
        case Line::Kind::did:
            return "* " + line.name + " " + line.text;
        case Line::Kind::joined:
            return "+ " + line.name;
        case Line::Kind::left:
            return "- " + line.name;
    }
    return {};
}

Line to_line(std::string_view value) {
    using Kind = Line::Kind;
    const std::string_view sign = value.substr(0, 2);
    const std::string_view rest = value.substr(sign.size());
    if (sign == "+ " && is_name(rest)) return {Kind::joined, std::string(rest)};
    if (sign == "- " && is_name(rest)) return {Kind::left, std::string(rest)};

    // Both a name and a text, with `separator` in between.
    const auto split = [](Kind kind, std::string_view from, std::string_view separator) -> Line {
        const auto end = from.find(separator);
        if (end == from.npos || !is_name(from.substr(0, end))) return {};
        return {kind, std::string(from.substr(0, end)),
                std::string(from.substr(end + separator.size()))};
    };
    Line line = sign == "* " ? split(Kind::did, rest, " ") : split(Kind::said, value, ": ");
    return line.name.empty() ? Line{Kind::said, "?", std::string(value)} : line;
}

std::string to_text(const Line& line) {
    switch (line.kind) {
        case Line::Kind::said:
            return line.name + ": " + printable(line.text);
        case Line::Kind::did:
            return "* " + line.name + " " + printable(line.text);
        case Line::Kind::joined:
            return "-- " + line.name + " joined";
        case Line::Kind::left:
            return "-- " + line.name + " left";
    }
    return {};
}

bool is_name(std::string_view text) {
    constexpr std::size_t name_bytes = 32;
    return !text.empty() && text.size() <= name_bytes && printable(text) == text &&
           text.find_first_of(" :=") == text.npos &&
           std::string_view("+-*/?").find(text.front()) == std::string_view::npos;
}

}  // namespace chat
