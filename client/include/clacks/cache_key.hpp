#pragma once

#include <string>
#include <string_view>

namespace clacks {

/// A name that the Perl cache client of Net::Clacks finds again: like it, this makes each blank and
/// each '=' of a free key "___". Different keys may become the same name.
std::string cache_key(std::string_view key);

}  // namespace clacks
