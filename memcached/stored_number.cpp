#include "memcached/stored_number.hpp"

#include "memcached/words.hpp"

namespace clacks::memcached {

std::optional<std::uint64_t> stored_number(std::string_view value) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = value.find_first_not_of(blanks);
    if (first == value.npos) return std::nullopt;
    value.remove_prefix(first);
    return parse_number<std::uint64_t>(value.substr(0, value.find_first_of(blanks)));
}

Changed change_number(std::uint64_t number, std::uint64_t delta, bool subtract) {
    if (subtract) return delta > number ? Changed{0, false} : Changed{number - delta};
    const std::uint64_t sum = number + delta;
    return {sum, sum >= number};
}

}  // namespace clacks::memcached
