#include "tests/protocol_document/document.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace clacks::protocol_document {
namespace {

constexpr auto npos = std::string::npos;

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

bool consists_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == npos;
}

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// `7.4 INCREMENT` as a section without lines; without a number if `line` is no heading.
Section heading(const std::string& line, bool underlined) {
    const std::size_t end = line.find(' ');
    if (end == npos) return {};
    std::string number = line.substr(0, end);
    if (!consists_of(number, "0123456789.") || number.find('.') == npos) return {};
    if ((number.back() == '.') != underlined) return {};
    if (underlined) number.pop_back();
    return {.number = std::move(number), .title = line.substr(end + 1), .lines = {}};
}

struct Column {
    std::string name;
    std::size_t begin;
    std::size_t end;
};

std::string cell(const std::string& line, const Column& column) {
    if (column.begin >= line.size()) return {};
    return trimmed(std::string_view(line).substr(column.begin, column.end - column.begin));
}

/// One column for each run of dashes in `rule`, with the name that stands above it.
std::vector<Column> columns(const std::string& rule, const std::string& names) {
    std::vector<Column> result;
    for (std::size_t at = rule.find('-'); at != npos; at = rule.find('-', at)) {
        const std::size_t end = std::min(rule.find(' ', at), rule.size());
        result.push_back({.name = {}, .begin = at, .end = end});
        result.back().name = cell(names, result.back());
        at = end;
    }
    return result;
}

void append_row(Table& table, const std::vector<Column>& layout, const std::string& line) {
    const bool continues = cell(line, layout.front()).empty() && !table.empty();
    if (!continues) table.emplace_back();
    for (const Column& column : layout) {
        const std::string text = cell(line, column);
        std::string& whole = table.back()[column.name];
        if (!text.empty()) whole += (whole.empty() ? "" : " ") + text;
    }
}

}  // namespace

std::filesystem::path source_directory() { return CLACKS_SOURCE; }

const std::vector<std::string>& document() {
    static const auto lines = read_lines(source_directory() / "protocol.txt");
    return lines;
}

std::vector<Section> sections(const std::vector<std::string>& lines) {
    std::vector<Section> result;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool underlined = i + 1 < lines.size() && consists_of(lines[i + 1], "=");
        if (Section begun = heading(lines[i], underlined); !begun.number.empty()) {
            result.push_back(std::move(begun));
        } else if (!result.empty()) {
            result.back().lines.push_back(lines[i]);
        }
    }
    return result;
}

const Section& section(std::string_view title) {
    static const auto all = sections(document());
    const auto has_title = [&](const Section& each) { return each.title == title; };
    if (std::count_if(all.begin(), all.end(), has_title) != 1) {
        throw std::runtime_error("protocol.txt: not exactly one section " + std::string(title));
    }
    return *std::find_if(all.begin(), all.end(), has_title);
}

std::vector<Table> tables(const std::vector<std::string>& lines) {
    std::vector<Table> result;
    std::vector<Column> layout;  // empty: outside
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0 && lines[i].find("--") != npos && consists_of(lines[i], "- ")) {
            layout = columns(lines[i], lines[i - 1]);
            result.emplace_back();
        } else if (lines[i].empty()) {
            layout.clear();
        } else if (!layout.empty()) {
            append_row(result.back(), layout, lines[i]);
        }
    }
    return result;
}

std::string field(const Section& section, std::string_view name) {
    const std::string begin = "  " + std::string(name) + " ";
    for (const std::string& line : section.lines) {
        if (line.starts_with(begin)) return trimmed(std::string_view(line).substr(begin.size()));
    }
    return {};
}

}  // namespace clacks::protocol_document
