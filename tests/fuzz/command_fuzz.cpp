// Any line is refused or comes back: parse(format(parse(line))) is parse(line).
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "protocol/command.hpp"

using namespace clacks::protocol;
using clacks::fuzz::expect;

namespace {

/// Whether `part` is empty or lies within `whole`.
bool is_view_into(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto command = parse(line);
    if (!command) return 0;
    expect(line.starts_with(info(command->verb).word), "the verb is the line's first word");
    for (const std::string_view field : {command->name, command->value, command->mode}) {
        expect(is_view_into(field, line), "fields are views into the line");
    }

    std::string formatted;
    format(*command, formatted);
    expect(formatted.ends_with("\r\n"), "a formatted line ends with CR LF");
    const auto again = parse(std::string_view(formatted).substr(0, formatted.size() - 2));
    expect(again.has_value(), "a formatted line parses");
    expect(*again == *command, "parse is the inverse of format");
    return 0;
}
