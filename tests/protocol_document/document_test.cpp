#include "tests/protocol_document/document.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

using namespace clacks::protocol_document;

namespace {

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The names in `protocol.txt, "Name"`, also where a comment breaks after the comma.
void collect_references(const std::string& source, std::set<std::string>& names) {
    static constexpr std::string_view start = "protocol.txt,";
    for (std::size_t at = source.find(start); at != source.npos; at = source.find(start, at)) {
        at += start.size();
        const std::size_t quote = source.find_first_not_of(" \n/", at);
        if (quote == source.npos || source[quote] != '"') continue;
        const std::size_t end = source.find('"', quote + 1);
        names.insert(source.substr(quote + 1, end - quote - 1));
    }
}

std::set<std::string> references() {
    std::set<std::string> names;
    for (const char* folder : {"protocol", "cache", "interclacks", "server", "client"}) {
        for (const auto& file :
             std::filesystem::recursive_directory_iterator(source_directory() / folder)) {
            const auto extension = file.path().extension();
            if (extension == ".hpp" || extension == ".cpp") {
                collect_references(content(file.path()), names);
            }
        }
    }
    return names;
}

/// Characters of UTF-8, not bytes.
std::ptrdiff_t width(std::string_view line) {
    return std::count_if(line.begin(), line.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

}  // namespace

TEST_CASE("protocol document: every section that the code refers to exists") {
    const auto names = references();
    CHECK(names.size() > 10);
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK_NOTHROW(section(name));
    }
}

TEST_CASE("protocol document: the table of contents names every section, in order") {
    std::string contents;
    for (const std::string& line : document()) {
        if (line.starts_with("1. ")) break;
        contents += line + "\n";
    }
    int number = 0;
    for (const Section& each : sections(document())) {
        if (each.number.find('.') != std::string::npos) continue;
        CAPTURE(each.title);
        CHECK(each.number == std::to_string(++number));
        CHECK(contents.find(" " + each.number + ". " + each.title) != contents.npos);
    }
    CHECK(number > 10);
}

TEST_CASE(
    "protocol document: it is 82 columns wide at most, without tabs and blanks at line ends") {
    for (const std::string& line : document()) {
        CAPTURE(line);
        CHECK(width(line) <= 82);
        CHECK(line.find('\t') == line.npos);
        CHECK_FALSE(line.ends_with(' '));
    }
}
