#pragma once

#include <string>
#include <string_view>

namespace chat {

/// Text from somebody else, made harmless for a terminal: control characters become ^[ and the
/// like, what is no UTF-8 or would reorder the text around it becomes U+FFFD. All else is kept.
std::string printable(std::string_view text);

}  // namespace chat
