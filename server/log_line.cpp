#include "server/log_line.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace clacks::server {
namespace {

constexpr std::size_t longest_value = 200;
constexpr std::size_t longest_reason = 1000;  // it may name files

std::size_t longest(std::string_view key) {
    return key == "why" || key == "error" || key == "what" ? longest_reason : longest_value;
}

// One step through a value: a character, or a byte that does not belong to any.
struct Step {
    std::string_view bytes;
    char32_t character = 0;
    bool valid = false;
};

// The first character of `text`, which is not empty. Overlong forms, surrogates and what is
// beyond U+10FFFF are no characters.
Step first_step(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {text.substr(0, 1), lead, true};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const Step invalid{text.substr(0, 1), 0, false};
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return invalid;
    auto character = static_cast<char32_t>(lead & (0x7fU >> length));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0U) != 0x80) return invalid;
        character = (character << 6U) | (byte & 0x3fU);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < smallest[length] || character > 0x10ffff || surrogate) return invalid;
    return {text.substr(0, length), character, true};
}

// Characters that move the cursor, end the line, or make what follows appear somewhere else.
bool is_unprintable(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool direction = c == 0x61c || c == 0x200e || c == 0x200f ||
                           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return control || separator || direction || c == 0xfeff;
}

// At most so many bytes of `value`, no character cut in two.
std::string_view head(std::string_view value, std::size_t most) {
    if (value.size() <= most) return value;
    std::size_t end = 0;
    while (end < value.size()) {
        const std::size_t next = end + first_step(value.substr(end)).bytes.size();
        if (next > most) break;
        end = next;
    }
    return value.substr(0, end);
}

void append_cut_mark(std::string& out, std::size_t left_out) {
    if (left_out != 0) fmt::format_to(std::back_inserter(out), "…(+{} bytes)", left_out);
}

void append_text_escape(std::string& out, const Step& step) {
    const auto into = std::back_inserter(out);
    if (step.bytes == "\n") {
        out += "\\n";
    } else if (step.bytes == "\r") {
        out += "\\r";
    } else if (step.bytes == "\t") {
        out += "\\t";
    } else if (step.bytes.size() == 1) {
        fmt::format_to(into, "\\x{:02x}", static_cast<unsigned char>(step.bytes[0]));
    } else {
        fmt::format_to(into, "\\u{:04x}", static_cast<std::uint32_t>(step.character));
    }
}

void append_text(std::string& out, std::string_view value, std::size_t most) {
    const std::size_t start = out.size();
    const std::string_view shown = head(value, most);
    bool plain = !value.empty() && shown.size() == value.size();
    for (std::string_view rest = shown; !rest.empty();) {
        const Step step = first_step(rest);
        rest.remove_prefix(step.bytes.size());
        if (step.bytes == "\"" || step.bytes == "\\") {
            plain = false;
            out += '\\';
            out += step.bytes;
        } else if (!step.valid || is_unprintable(step.character)) {
            plain = false;
            append_text_escape(out, step);
        } else {
            plain = plain && step.bytes != " " && step.bytes != "=" && step.bytes != "'";
            out += step.bytes;
        }
    }
    append_cut_mark(out, value.size() - shown.size());
    if (plain) return;
    out.insert(start, 1, '"');
    out += '"';
}

void append_json(std::string& out, std::string_view value, std::size_t most = longest_value) {
    const std::string_view shown = head(value, most);
    out += '"';
    for (std::string_view rest = shown; !rest.empty();) {
        const Step step = first_step(rest);
        rest.remove_prefix(step.bytes.size());
        if (!step.valid) {
            out += "\\ufffd";
        } else if (is_unprintable(step.character)) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                           static_cast<std::uint32_t>(step.character));
        } else {
            if (step.bytes == "\"" || step.bytes == "\\") out += '\\';
            out += step.bytes;
        }
    }
    append_cut_mark(out, value.size() - shown.size());
    out += '"';
}

}  // namespace

std::string text_line(std::string_view event, std::initializer_list<node::Log::Field> fields) {
    std::string line(event);
    for (const auto& [key, value] : fields) {
        line += ' ';
        line += key;
        line += '=';
        append_text(line, value, longest(key));
    }
    return line;
}

std::string json_members(std::string_view event, std::initializer_list<node::Log::Field> fields) {
    std::string members = "\"event\":";
    append_json(members, event);
    for (const auto& [key, value] : fields) {
        members += ',';
        append_json(members, key);
        members += ':';
        append_json(members, value, longest(key));
    }
    return members;
}

}  // namespace clacks::server
