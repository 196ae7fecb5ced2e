// What parse_time reads is a plain decimal number, and comes back from format_time exactly.
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "protocol/time.hpp"

using clacks::fuzz::expect;
using namespace clacks::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto time = parse_time(text);
    if (!time) return 0;
    expect(text.find_first_not_of("0123456789.") == std::string_view::npos, "a plain decimal");
    expect(time->time_since_epoch().count() >= 0, "not before 1970");

    std::string formatted;
    format_time(*time, formatted);
    const auto again = parse_time(formatted);
    expect(again.has_value(), "a formatted time parses");
    expect(*again == *time, "parse_time is the inverse of format_time");
    return 0;
}
