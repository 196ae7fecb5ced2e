#include "client/tool/entry_source.hpp"

#include "client/tool/failure.hpp"
#include "client/tool/perl_file.hpp"

namespace clacks::tool {
namespace {

constexpr std::string_view blanks = " \t\r";
/// What some editors put before UTF-8.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view gzip_mark = "\x1f\x8b";

void read_line(std::size_t number, const std::string& line, EntrySink& sink) {
    if (line.find_first_not_of(blanks) == line.npos) return;
    const auto entry = parse_entry(line);
    if (entry)
        sink.entry(number, *entry);
    else
        sink.fault(number, entry.error().why);
}

}  // namespace

void read_entries(std::istream& input, EntrySink& sink) {
    std::string line;
    if (input.peek() == '\0') return read_perl_file(input, sink);
    std::getline(input, line);
    if (line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    if (line.starts_with(gzip_mark))
        throw Failure(ExitCode::usage, "it is compressed with gzip: gunzip it first");
    if (line.starts_with("SQLite format 3"))
        throw Failure(ExitCode::usage,
                      "it is a database, not an export: a node that begins with it has its content "
                      "(clacks help backup)");
    if (is_old_perl_line(line)) return read_old_perl_file(line, input, sink);
    for (std::size_t number = 1; !line.empty() || input; ++number) {
        read_line(number, line, sink);
        line.clear();
        std::getline(input, line);
    }
}

}  // namespace clacks::tool
