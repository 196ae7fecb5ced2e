#include "client/tool/perl_file.hpp"

#include <iterator>
#include <map>
#include <vector>

#include "client/tool/failure.hpp"
#include "client/tool/syck_yaml.hpp"
#include "protocol/base64.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::tool {
namespace {

using namespace std::string_view_literals;

constexpr auto perl_mark = "\0CLACKSV3"sv;
constexpr auto perl_end = "ENDBYTES"sv;

[[noreturn]] void refuse_file(const std::string& why) { throw Failure(ExitCode::usage, why); }

[[noreturn]] void refuse_incomplete() {
    refuse_file(
        "its end is missing; the file before it may lie beside it, with _bck behind its name");
}

/// What Perl takes for true.
bool is_true(const std::optional<std::string>& value) {
    return value && !value->empty() && *value != "0";
}

void take_text(std::size_t line, const std::string& key, const std::string& value,
               EntrySink& sink) {
    const bool fits = protocol::fits_line(value);
    sink.entry(line, {.key = key, .value = fits ? value : protocol::encode_value(value)});
}

void take_item(const SyckItem& item, EntrySink& sink) {
    const auto deleted = item.fields.find("deleted");
    if (deleted != item.fields.end() && is_true(deleted->second)) return sink.deleted();
    const auto data = item.fields.find("data");
    if (data == item.fields.end()) return sink.fault(item.line, "an entry without data");
    take_text(item.line, item.key, data->second.value_or(""), sink);
}

std::vector<std::string> lines_of(std::istream& input) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(input, line);) {
        if (line.ends_with('\r')) line.pop_back();
        lines.push_back(std::move(line));
    }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

using Mapping = std::map<std::string, std::optional<std::string>>;

Mapping mapping_of(const std::string& line, std::size_t number) {
    const auto yaml = protocol::base64_decode(line);
    if (!yaml) refuse_file("line " + std::to_string(number) + " is no Base64");
    Mapping mapping;
    try {
        read_syck(*yaml, [&](const SyckItem& item) {
            const auto value = item.fields.find("");
            if (value == item.fields.end()) refuse_file("an item of it is no text");
            mapping.insert_or_assign(item.key, value->second);
        });
    } catch (const Failure& failure) {
        refuse_file("what line " + std::to_string(number) + " holds: " + failure.what());
    }
    return mapping;
}

}  // namespace

void read_perl_file(std::istream& input, EntrySink& sink) {
    std::string bytes(std::istreambuf_iterator<char>(input), {});
    if (!bytes.starts_with(perl_mark))
        refuse_file("it is neither an export nor a file of Net::Clacks");
    const auto end = bytes.rfind(perl_mark);
    if (end == 0) refuse_incomplete();
    bytes.resize(end);
    bytes.erase(0, perl_mark.size());
    read_syck(bytes, [&](const SyckItem& item) { take_item(item, sink); });
}

bool is_old_perl_line(std::string_view first) {
    return first.starts_with("LS0t");  // "---", with which YAML::Syck begins
}

void read_old_perl_file(const std::string& first, std::istream& input, EntrySink& sink) {
    auto lines = lines_of(input);
    lines.insert(lines.begin(), first);
    const bool ended = lines.back() == perl_end;
    if (ended) lines.pop_back();
    if (lines.size() > 3) refuse_file("it is neither an export nor a file of Net::Clacks");
    // Versions that had no such line had two others.
    if (lines.size() < 2 || (lines.size() == 3 && !ended)) refuse_incomplete();

    const Mapping values = mapping_of(lines[0], 1);
    const Mapping times = mapping_of(lines[1], 2);
    if (lines.size() == 3) mapping_of(lines[2], 3);
    for (const auto& [key, value] : values)
        if (value) take_text(1, key, *value, sink);
    for (const auto& [key, time] : times) {
        const auto value = values.find(key);
        if (value == values.end() || !value->second) sink.deleted();
    }
}

}  // namespace clacks::tool
