#pragma once

#include <string>
#include <string_view>

#include "cache/counter.hpp"

namespace clacks::persistence {

/// The parts of a counter as bytes, and back; false if they are no such bytes.
std::string format_counter(const cache::Counter& counter);
bool parse_counter(std::string_view bytes, cache::Counter& counter);

}  // namespace clacks::persistence
