#include "server/log_line.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clacks::server;
using namespace std::string_view_literals;

namespace {

std::string value(std::string_view text) {
    return text_line("e", {{"k", text}}).substr("e k="sv.size());
}

std::string json_value(std::string_view text) {
    return json_members("e", {{"k", text}}).substr(R"("event":"e","k":)"sv.size());
}

}  // namespace

TEST_CASE("log: an event is a word and its fields") {
    CHECK(text_line("stopped", {}) == "stopped");
    CHECK(text_line("ready", {{"listen", "tls://127.0.0.1:49888"}, {"name", "my node"}}) ==
          "ready listen=tls://127.0.0.1:49888 name=\"my node\"");
    CHECK(json_members("stopped", {}) == R"("event":"stopped")");
    CHECK(json_members("ready", {{"listen", "tls://127.0.0.1:49888"}, {"name", "my node"}}) ==
          R"("event":"ready","listen":"tls://127.0.0.1:49888","name":"my node")");
}

TEST_CASE("log: a hostile value stays one printable value") {
    struct Row {
        std::string_view value;
        std::string_view text;
        std::string_view json;
    };
    const Row rows[] = {
        {"plain", "plain", R"("plain")"},
        {"127.0.0.1:5/a::b-c_d", "127.0.0.1:5/a::b-c_d", R"("127.0.0.1:5/a::b-c_d")"},
        {"", R"("")", R"("")"},
        {"a b", R"("a b")", R"("a b")"},
        {"a=b", R"("a=b")", R"("a=b")"},
        {"it's", R"("it's")", R"("it's")"},
        {"say \"no\"", R"("say \"no\"")", R"("say \"no\"")"},
        {"back\\slash", R"("back\\slash")", R"("back\\slash")"},
        {"a\nb\rc\td", R"("a\nb\rc\td")", R"("a\u000ab\u000dc\u0009d")"},
        {"\x1b[31m", R"("\x1b[31m")", R"("\u001b[31m")"},
        {"a\0b"sv, R"("a\x00b")", R"("a\u0000b")"},
        {"\x7f", R"("\x7f")", R"("\u007f")"},
        {"grüße€😀", "grüße€😀", R"("grüße€😀")"},
        {"\xc2\x9b", R"("\u009b")", R"("\u009b")"},      // CSI in one character
        {"\xe2\x80\xa8", R"("\u2028")", R"("\u2028")"},  // a line separator
        {"a\xe2\x80\xae"
         "b",
         R"("a\u202eb")", R"("a\u202eb")"},                  // right to left
        {"\xff", R"("\xff")", R"("\ufffd")"},                // never UTF-8
        {"a\xc3", R"("a\xc3")", R"("a\ufffd")"},             // cut short
        {"\xc3(", R"("\xc3(")", R"("\ufffd(")"},             // not continued
        {"\xc0\xaf", R"("\xc0\xaf")", R"("\ufffd\ufffd")"},  // overlong
        {"\xe0\x80\xaf", R"("\xe0\x80\xaf")", R"("\ufffd\ufffd\ufffd")"},
        {"\xed\xa0\x80", R"("\xed\xa0\x80")", R"("\ufffd\ufffd\ufffd")"},  // a surrogate
        {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")",                      // beyond U+10FFFF
         R"("\ufffd\ufffd\ufffd\ufffd")"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(value(row.value) == row.text);
        CHECK(json_value(row.value) == row.json);
    }
}

TEST_CASE("log: every byte is printable in the line or escaped") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        all += value(one) + json_value(one);
    }
    for (const char c : all) CHECK((c >= 0x20 && c <= 0x7e));
}

TEST_CASE("log: a value is cut after 200 bytes and says so") {
    const std::string longest(200, 'a');
    CHECK(value(longest) == longest);
    CHECK(value(longest + "b") == "\"" + longest + "…(+1 bytes)\"");
    CHECK(json_value(longest + "b") == "\"" + longest + "…(+1 bytes)\"");
    CHECK(value(std::string(1'000'000, 'a')) == "\"" + longest + "…(+999800 bytes)\"");

    // No character is cut in two: the é would be bytes 200 and 201.
    const std::string before(199, 'a');
    CHECK(value(before + "éb") == "\"" + before + "…(+3 bytes)\"");
    CHECK(value(std::string(300, '\xff')).size() == 200 * 4 + "\"…(+100 bytes)\""sv.size());
}

TEST_CASE("log: what went wrong is whole, also where it names files with long paths") {
    const std::string reason(1000, 'a');
    for (const std::string key : {"why", "error", "what"}) {
        CHECK(text_line("e", {{key, reason}}) == "e " + key + "=" + reason);
        CHECK(text_line("e", {{key, reason + "b"}}) ==
              "e " + key + "=\"" + reason + "…(+1 bytes)\"");
    }
}
