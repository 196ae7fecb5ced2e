#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace clacks::memcached {

/// The number that incr and decr find in a value, as memcached reads it: digits, perhaps with
/// blanks before and anything behind a blank. Beyond 64 bits, negative, or none: nullopt.
std::optional<std::uint64_t> stored_number(std::string_view value);

/// What memcached makes of it: beyond 64 bits it begins again at 0, below 0 it stays 0. The result
/// is not padded with blanks as memcached's is when it gets shorter: other clients read it, too.
struct Changed {
    std::uint64_t number = 0;
    bool is_sum = true;  ///< it is what arithmetic says
};
Changed change_number(std::uint64_t number, std::uint64_t delta, bool subtract);

}  // namespace clacks::memcached
