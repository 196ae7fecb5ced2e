#include "client/tool/entry_source.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "client/tool/failure.hpp"
#include "protocol/base64.hpp"

using namespace clacks::tool;
using clacks::protocol::base64_encode;
using namespace std::string_literals;

namespace {

/// Everything that was found, a line each.
class Found final : public EntrySink {
public:
    void entry(std::size_t line, const CarriedEntry& e) override {
        text += std::to_string(line) + ' ' + e.key + '=' + e.value + '\n';
    }
    void fault(std::size_t line, const std::string& why) override {
        text += std::to_string(line) + ": " + why + '\n';
    }
    void deleted() override { text += "deleted\n"; }

    std::string text;
};

/// What is found in a file, or why it is refused.
std::string found_in(const std::string& bytes) {
    std::istringstream input(bytes);
    Found found;
    try {
        read_entries(input, found);
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::usage);
        return failure.what();
    }
    return found.text;
}

const std::string perl_mark = "\0CLACKSV3"s;

std::string perl_file(const std::string& yaml) { return perl_mark + yaml + perl_mark; }

}  // namespace

TEST_CASE("entry source: lines of export, with empty ones between them and faults by number") {
    CHECK(found_in("") == "");
    CHECK(found_in("\n\n") == "");
    CHECK(found_in(R"({"key":"a","value":"1"})") == "1 a=1\n");
    CHECK(
        found_in("{\"key\":\"a\",\"value\":\"1\"}\r\n\n \nx\n{\"key\":\"b\",\"value\":\"2\"}\n") ==
        "1 a=1\n4: it is no JSON: syntax error\n5 b=2\n");
}

TEST_CASE("entry source: a persistence file of Net::Clacks, version 3") {
    CHECK(found_in(perl_file("--- {}\n\n")) == "");
    CHECK(found_in(perl_file("--- \n"
                             "a::b: \n"
                             "  accesstime: 1704067200.12345\n"
                             "  cachetime: 1704067200.12345\n"
                             "  data: 21.5\n"
                             "  deleted: 0\n"
                             "gone: \n"
                             "  accesstime: 0\n"
                             "  cachetime: 1704067200\n"
                             "  data: REMOVED\n"
                             "  deleted: 1\n"
                             "none: \n"
                             "  data: ~\n"
                             "  deleted: 0\n"
                             "old: \n"
                             "  data: ''\n"
                             "strange: \n"
                             "  deleted: 0\n")) ==
          "2 a::b=21.5\ndeleted\n12 none=\n15 old=\n17: an entry without data\n");
}

TEST_CASE("entry source: strings as YAML::Syck writes them are bytes") {
    struct Row {
        const char* yaml;
        const char* value;
    };
    for (const Row& row : {
             Row{"plain text", "plain text"},
             {"'it''s: quoted'", "it's: quoted"},
             {"\"a \\\"b\\\" \\\\ \\t\"", "a \"b\" \\ \t"},
             {"'~'", "~"},
             {"\"\"", ""},
             {"\xc3\xa4", "\xc3\xa4"},
             {"\"\\xC3\\xA4\"", "\xc3\xa4"},
             {"\"\\xc3\\xa4 \xc3\xb6\"", "\xc3\xa4 \xc3\xb6"},
             {"\"\\xE4\"", "\xe4"},
             {"\"\\x80\\xBF\\xC0\\xFF\\x7F\\x41\"",
              "\x80\xbf\xc0\xff\x7f"
              "A"},
             {"\"\\\\xC3\"", "\\xC3"},
             {"\"\\\\\\xC3\"", "\\\xc3"},
             {"C:\\xff", "C:\\xff"},
             {"'C:\\\\xff'", "C:\\\\xff"},
             {"\"one\n    two\"", "one two"},
             {"\"a\\nb\"", "PAGECAMELCLACKSB64:YQpi"},
             {"'PAGECAMELCLACKSB64:YQpi'", "PAGECAMELCLACKSB64:YQpi"},
             {"'PAGECAMELCLACKSYAMLB64: LS0t'", "PAGECAMELCLACKSYAMLB64: LS0t"},
         }) {
        CAPTURE(row.yaml);
        CHECK(found_in(perl_file("--- \na: \n  data: "s + row.yaml + "\n  deleted: 0\n")) ==
              "2 a="s + row.value + '\n');
    }
    CHECK(found_in(perl_file("--- \n\"\\xC3\\xA4\": \n  data: 1\n")) == "2 \xc3\xa4=1\n");
}

TEST_CASE("entry source: older persistence files, lines of Base64") {
    const std::string values = base64_encode("--- \na: 1\nb: ''\nd: ~\n") + '\n';
    const std::string times = base64_encode("--- \na: 1704067200.1\nc: 2\nd: 3\n") + '\n';
    const std::string found = "1 a=1\n1 b=\ndeleted\ndeleted\n";
    CHECK(found_in(values + times) == found);
    CHECK(found_in(values + times + "ENDBYTES\n") == found);
    CHECK(found_in(values + times + times + "ENDBYTES\n") == found);
    CHECK(found_in(values + times + times + "ENDBYTES\r\n\n") == found);
}

TEST_CASE("entry source: a file that is not whole is refused as a whole") {
    const std::string cut =
        "its end is missing; the file before it may lie beside it, with _bck behind its name";
    const std::string neither = "it is neither an export nor a file of Net::Clacks";
    const std::string line = base64_encode("--- \na: 1\n") + '\n';
    CHECK(found_in(perl_mark + "--- \na: \n  data: 1\n") == cut);
    CHECK(found_in(line) == cut);
    CHECK(found_in(line + "ENDBYTES\n") == cut);
    CHECK(found_in(line + line + line) == cut);
    CHECK(found_in(line + line + line + line + "ENDBYTES\n") == neither);
    CHECK(found_in("\0CLACKSV4"s) == neither);
    CHECK(found_in(line + "?\nENDBYTES\n") == "line 2 is no Base64");
    CHECK(found_in(base64_encode("--- \na: [\n") + '\n' + line) ==
          "what line 1 holds: line 2: a list where a text should be");
    CHECK(found_in(perl_file("--- 1\n")) == "line 1: it is no mapping");
    CHECK(found_in(perl_file("")) == "there is no YAML in it");
    CHECK(found_in(perl_file("--- \na: \n  b: \n    c: 1\n")) ==
          "line 4: a mapping where a text should be");
    CHECK(found_in(perl_file("--- \na: &x 1\nb: *x\n")) ==
          "line 3: an alias where a text should be");
    CHECK(found_in(perl_file("--- \na: \"\\q\"\n")).starts_with("line 2: unknown escape"));
    CHECK(found_in("SQLite format 3\0"s).starts_with("it is a database, not an export: "));
}

TEST_CASE("entry source: a byte order mark is no part of the first line") {
    CHECK(found_in("\xef\xbb\xbf{\"key\":\"a\",\"value\":\"1\"}\n") == "1 a=1\n");
    CHECK(found_in("\xef\xbb\xbf") == "");
}

TEST_CASE("entry source: what is compressed is said to be") {
    CHECK(found_in("\x1f\x8b\x08\0\0\0\0\0"s) == "it is compressed with gzip: gunzip it first");
}
