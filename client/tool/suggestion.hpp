#pragma once

#include <span>
#include <string>
#include <string_view>

namespace clacks::tool {

/// What somebody may have meant who typed `word`: the one of `words` that is called so elsewhere,
/// that begins with it, or that two slips of the finger turn into it. Empty if there is none.
std::string suggestion(std::string_view word, std::span<const std::string> words);

}  // namespace clacks::tool
