#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "server/node/log.hpp"

// The text of a log line. Values are hostile: whatever a peer sent, one event stays one line, and
// neither control characters nor text that runs backwards reach a terminal.
namespace clacks::server {

/// `event key=value key="a value"`. A value stands in quotes if it is empty or holds blanks,
/// quotes, `=` or anything escaped: `\n`, `\x1b` for bytes, `\u202e` for characters. Of more than
/// 200 bytes, or 1,000 of what went wrong (why, error, what), the rest is left out:
/// `"aaa…(+56 bytes)"`.
std::string text_line(std::string_view event, std::initializer_list<node::Log::Field> fields);

/// `"event":"event","key":"value"`: members of a JSON object, cut like the text. Bytes that are
/// no UTF-8 become U+FFFD.
std::string json_members(std::string_view event, std::initializer_list<node::Log::Field> fields);

}  // namespace clacks::server
