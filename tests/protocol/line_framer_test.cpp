#include "protocol/line_framer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/allocations.hpp"

using namespace clacks;
using protocol::LineFramer;

namespace {

constexpr std::size_t roomy = 1024;

/// Feeds pieces to a framer and writes down what it says: each line in [], <oversize>.
struct Reader {
    LineFramer framer{roomy};
    std::string log;

    explicit Reader(std::size_t limit = roomy) : framer(limit) {}

    void feed(std::string piece) {
        framer.feed(
            piece,
            [&](std::string_view line) {
                log.append("[").append(line) += ']';
                return true;
            },
            [&] {
                log += "<oversize>";
                return true;
            });
    }
};

std::string read(std::string_view stream, std::size_t limit = roomy) {
    Reader reader(limit);
    reader.feed(std::string(stream));
    return reader.log;
}

}  // namespace

TEST_CASE("framer: lines end at LF, CR is dropped wherever it stands, empty lines are skipped") {
    struct Row {
        std::string_view stream, log;
    };
    for (const Row& row : {Row{"", ""},
                           {"PING\r\n", "[PING]"},
                           {"PING\n", "[PING]"},
                           {"PING", ""},
                           {"CLACKS d;e\n\n\r\nQUIT\n", "[CLACKS d;e][QUIT]"},
                           {"\n", ""},
                           {"\r\n\r\r\n\n", ""},
                           {"\rSET\r a=\r\r1\r\r\n", "[SET a=1]"},
                           {"a\rb\n", "[ab]"},
                           {" \n", "[ ]"},
                           {{"a\0b\n", 4}, {"[a\0b]", 5}},
                           {"\r\nQUIT\r\n", "[QUIT]"}}) {
        CAPTURE(row.stream);
        CHECK(read(row.stream) == row.log);
    }
}

TEST_CASE("framer: a stream cut anywhere gives the same lines") {
    const std::string stream =
        "CLACKS a\r\n\r\nSET k=\rv\nx\n\n0123456789 too long \r\r\nKEY 34567\r\n\r\nab\rc\r\nend";
    const std::size_t limit = 9;
    const std::string expected = read(stream, limit);
    REQUIRE(expected == "[CLACKS a][SET k=v][x]<oversize>[KEY 34567][abc]");
    for (std::size_t i = 0; i <= stream.size(); ++i) {
        for (std::size_t j = i; j <= stream.size(); ++j) {
            CAPTURE(i);
            CAPTURE(j);
            Reader reader(limit);
            reader.feed(stream.substr(0, i));
            reader.feed(stream.substr(i, j - i));
            reader.feed(stream.substr(j));
            CHECK(reader.log == expected);
            CHECK(reader.framer.pending_bytes() == 3);
        }
    }
}

TEST_CASE("framer: a stream in single bytes gives the same lines, and holds no more than one") {
    const std::string stream =
        "SET a=1\r\nfar too long a line\r\nPING\n\r\n12345678\r\nx\n123456789";
    const std::size_t limit = 8;
    Reader reader(limit);
    for (const char c : stream) {
        reader.feed(std::string(1, c));
        CHECK(reader.framer.pending_bytes() <= limit);
    }
    CHECK(reader.log == "[SET a=1]<oversize>[PING][12345678][x]<oversize>");
    CHECK(reader.log == read(stream, limit));
}

TEST_CASE("framer: the limit counts neither CR nor LF") {
    CHECK(read("12345\r\n", 5) == "[12345]");
    CHECK(read("1\r2\r3\r4\r5\r\r\r\n", 5) == "[12345]");
    CHECK(read("123456\n", 5) == "<oversize>");
    CHECK(read("123456", 5) == "<oversize>");
    CHECK(read("12345", 5) == "");
}

TEST_CASE("framer: an oversize line is reported once, as soon as it is known, and then dropped") {
    Reader reader(5);
    reader.feed("1234");
    CHECK(reader.log == "");
    reader.feed("56");
    CHECK(reader.log == "<oversize>");
    CHECK(reader.framer.pending_bytes() == 0);
    for (int i = 0; i < 100; ++i) reader.feed("and so on and on");
    CHECK(reader.framer.pending_bytes() == 0);
    CHECK(reader.log == "<oversize>");
    reader.feed("\r\nPING\r\n");
    CHECK(reader.log == "<oversize>[PING]");
    reader.feed("1234567\n1234567\n");
    CHECK(reader.log == "<oversize>[PING]<oversize><oversize>");
}

TEST_CASE("framer: a line within one chunk is a view into it") {
    std::string chunk = "PING\r\nQUIT\r\n";
    std::vector<std::size_t> offsets;
    LineFramer framer(roomy);
    framer.feed(
        chunk,
        [&](std::string_view line) {
            offsets.push_back(static_cast<std::size_t>(line.data() - chunk.data()));
            return true;
        },
        [] { return true; });
    CHECK(offsets == std::vector<std::size_t>{0, 6});
}

TEST_CASE("framer: whole lines cost no allocation, and nothing is held between lines") {
    LineFramer framer(roomy);
    const std::string half = "SET name=a value that is longer than a short string holds";
    std::string chunk = half + "\r\n" + half + "\r\n";
    std::string first = half;
    std::string second = " and goes on\r\nPING\r\n";
    int lines = 0;
    const auto feed = [&](std::string& piece) {
        framer.feed(
            piece,
            [&](std::string_view) {
                ++lines;
                return true;
            },
            [] { return true; });
    };

    const auto made = test::allocation_count();
    feed(chunk);
    const auto made_by_whole_lines = test::allocation_count() - made;
    const auto living = test::living_allocation_count();
    feed(first);
    const auto held_inside = test::living_allocation_count() - living;
    feed(second);
    const auto held_after = test::living_allocation_count() - living;

    CHECK(made_by_whole_lines == 0);
    CHECK(held_inside == 1);
    CHECK(held_after == 0);
    CHECK(lines == 4);
}

TEST_CASE("framer: an oversize line gives back what was held of it") {
    Reader reader(100);
    reader.log.reserve(roomy);
    const auto living = test::living_allocation_count();
    reader.feed(std::string(90, 'x'));
    reader.feed(std::string(90, 'x'));
    const auto held = test::living_allocation_count() - living;
    CHECK(held == 0);
    CHECK(reader.log == "<oversize>");
}

TEST_CASE("framer: a callback that returns false is the last one, and the rest is given back") {
    struct Row {
        std::string_view stream, log, rest;
    };
    for (const Row& row : {Row{"a\nstop\nb\n\nc", "[a][stop]", "b\n\nc"},
                           {"a\r\nstop\r\n", "[a][stop]", ""},
                           {"a\nlong line\nb\n", "[a]<oversize>", "b\n"},
                           {"a\nlong line", "[a]<oversize>", ""}}) {
        CAPTURE(row.stream);
        std::string log;
        LineFramer framer(4);
        std::string chunk(row.stream);
        const auto rest = framer.feed(
            chunk,
            [&](std::string_view line) {
                log.append("[").append(line) += ']';
                return line != "stop";
            },
            [&] {
                log += "<oversize>";
                return false;
            });
        CHECK(log == row.log);
        CHECK(std::string_view(rest.data(), rest.size()) == row.rest);
        CHECK(framer.pending_bytes() == 0);
    }
}

TEST_CASE("framer: who stops after each line and feeds the rest again gets the same lines") {
    const std::string stream = "PING\r\n\r\nSET a=\r1\r\ntoo long a line\r\nx\n\nend";
    std::string log;
    LineFramer framer(8);
    std::string chunk = stream;
    for (std::span<char> rest = chunk; !rest.empty();) {
        rest = framer.feed(
            rest,
            [&](std::string_view line) {
                log.append("[").append(line) += ']';
                return false;
            },
            [&] {
                log += "<oversize>";
                return false;
            });
    }
    CHECK(log == read(stream, 8));
    CHECK(framer.pending_bytes() == 3);
}

TEST_CASE("framer: a limit set inside a callback holds from the next line on") {
    std::string log;
    LineFramer framer(8);
    std::string chunk = "12345678\nwide\n1234567890\nnarrow\n123\n12\n";
    framer.feed(
        chunk,
        [&](std::string_view line) {
            log.append("[").append(line) += ']';
            if (line == "wide") framer.set_limit(10);
            if (line == "narrow") framer.set_limit(2);
            return true;
        },
        [&] {
            log += "<oversize>";
            return true;
        });
    CHECK(log == "[12345678][wide][1234567890][narrow]<oversize>[12]");
}

TEST_CASE("framer: a lower limit also measures what is already held") {
    for (const std::string_view rest : {"\n", "\r\n", "6\n"}) {
        CAPTURE(rest);
        Reader reader(10);
        reader.feed("12345");
        reader.framer.set_limit(4);
        reader.feed(std::string(rest));
        reader.feed("PING\n");
        CHECK(reader.log == "<oversize>[PING]");
    }
}
