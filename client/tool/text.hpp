#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clacks/fields.hpp"

// What a line of output looks like. Pure: nothing here writes. The forms are promised in --help.
namespace clacks::tool {

/// `bytes` so that they fit a line and cannot steer a terminal: backslash is `\\`, line feed `\n`,
/// carriage return `\r`, tab `\t`, every other control character `\xHH`. All else is left alone.
std::string escape(std::string_view bytes);

/// A signal as `listen` prints it: `NAME=VALUE` for SET, `NAME` for NOTIFY (no value). A '=' in a
/// name that came with NOTIFY is `\x3d`, so the first '=' always ends the name.
std::string signal_line(std::string_view name, std::optional<std::string_view> value);

struct Field {
    std::string_view name;
    std::optional<std::string_view> value;  ///< none: null
    bool bare = false;                      ///< a number, true or false: stands as it is
};

inline Field truth_field(std::string_view name, bool value) {
    return {.name = name, .value = value ? "true" : "false", .bare = true};
}

/// One JSON object on one line, fields in the given order. A value that is not UTF-8 is given in
/// Base64 instead, its field's name then ends in `_base64`.
std::string json_line(std::span<const Field> fields);
std::string json_line(std::initializer_list<Field> fields);
std::string json_line(const Fields& fields);

/// Well-formed as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

}  // namespace clacks::tool
