#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "protocol/command.hpp"

using namespace clacks;
using namespace clacks::protocol;

namespace {

std::string line_of(const Command& command) {
    std::string line;
    format(command, line);
    return line;
}

/// A source of commands such as parse can give. The texts that a command views live in here until
/// the next one.
class RandomCommands {
public:
    Command next() {
        for (auto* text : {&name_, &value_, &mode_, &letters_}) text->clear();
        const auto verb = static_cast<Verb>(below(static_cast<int>(Verb::saving) + 1));
        Command command{.verb = verb};
        switch (info(verb).arguments) {
            case Arguments::none:
                break;
            case Arguments::name:
                command.name = text(name_, "abZ:=*ü", 1);
                break;
            case Arguments::names:
                if (below(2) == 0) {
                    command.name = text(name_, "abZ:=*", 1);
                } else {
                    command.value = text(value_, "ab=", 1);
                    command.value = text(value_, " ", 1);
                }
                break;
            case Arguments::key:
                command.name = text(name_, "abZ:= ", 1);
                break;
            case Arguments::text:
                command.value = text(value_, "ab= ", 1);
                break;
            case Arguments::maybe_text:
                command.value = text(value_, "ab= ", 0);
                break;
            case Arguments::word_name:
                command.mode = text(mode_, "ab:,=1.", 1);
                command.name = text(name_, "abZ:=*", 1);
                break;
            case Arguments::word_name_value:
                command.mode = text(mode_, "ab:,=1.", 1);
                add_name_value(command);
                break;
            case Arguments::name_value:
                add_name_value(command);
                break;
            case Arguments::name_step:
                command.value = text(value_, "12.- x", 0);
                command.name = text(name_, "ab=", 1);
                // Without a step an inner '=' would make one; at the end it stays in the name.
                if (value_.empty()) command.name = name_ = name_.front() + std::string("=");
                break;
            case Arguments::overhead:
                command.flags = Flags(text(letters_, "ADEGLMNOTUZx", 0));
                command.value = text(value_, "ab= ", 0);
                break;
            case Arguments::keysync:
                command.changed = time();
                command.accessed = time();
                command.mode = text(mode_, "DU,:=1", 1);
                add_name_value(command);
                break;
        }
        return command;
    }

private:
    int below(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }

    std::string_view text(std::string& into, std::string_view letters, int shortest) {
        for (int left = shortest + below(6); left > 0; --left) {
            into += letters[static_cast<std::size_t>(below(static_cast<int>(letters.size())))];
        }
        return into;
    }

    void add_name_value(Command& command) {
        command.name = text(name_, "abZ:*", 1);
        command.value = text(value_, "ab= \t", 0);
    }

    WallTime time() {
        const std::int64_t microseconds = std::int64_t{below(1 << 30)} << below(28);
        return WallTime(std::chrono::microseconds(microseconds));
    }

    std::mt19937 random_{4};
    std::string name_, value_, mode_, letters_;
};

}  // namespace

TEST_CASE("format: lines as a node writes them") {
    struct Row {
        Command command;
        std::string_view line;
    };
    const WallTime changed{std::chrono::microseconds(1'795'170'629'149'240)};
    const Row rows[] = {
        {{.verb = Verb::ping}, "PING\r\n"},
        {{.verb = Verb::clacks, .value = "PageCamel 36"}, "CLACKS PageCamel 36\r\n"},
        {{.verb = Verb::set, .name = "a", .value = "1=2"}, "SET a=1=2\r\n"},
        {{.verb = Verb::set, .name = "a"}, "SET a=\r\n"},
        {{.verb = Verb::notify, .name = "a::b"}, "NOTIFY a::b\r\n"},
        {{.verb = Verb::increment, .name = "c"}, "INCREMENT c\r\n"},
        {{.verb = Verb::increment, .name = "c", .value = "5"}, "INCREMENT c=5\r\n"},
        {{.verb = Verb::increment, .name = "e="}, "INCREMENT e=\r\n"},
        {{.verb = Verb::retrieved, .name = "e=", .value = "1"}, "RETRIEVED e==1\r\n"},
        {{.verb = Verb::key, .name = "a"}, "KEY a\r\n"},
        {{.verb = Verb::flushed, .value = " two words"}, "FLUSHED  two words\r\n"},
        {{.verb = Verb::overhead, .value = "permission_denied", .flags = Flags("E")},
         "OVERHEAD E permission_denied\r\n"},
        {{.verb = Verb::overhead, .value = "x", .flags = Flags("UNG")}, "OVERHEAD GNU x\r\n"},
        {{.verb = Verb::overhead, .value = "nothing"}, "OVERHEAD Z nothing\r\n"},
        {{.verb = Verb::overhead, .flags = Flags("G")}, "OVERHEAD G\r\n"},
        {{.verb = Verb::keysync,
          .name = "a",
          .value = "1",
          .changed = changed,
          .accessed = changed,
          .mode = "U"},
         "KEYSYNC 1795170629.149240 1795170629.149240 U a=1\r\n"},
        {{.verb = Verb::keysync,
          .name = "gone",
          .value = "REMOVED",
          .changed = changed,
          .mode = "D"},
         "KEYSYNC 1795170629.149240 0 D gone=REMOVED\r\n"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        CHECK(line_of(row.command) == row.line);
    }
}

TEST_CASE("format: appends to what is there") {
    std::string out;
    format({.verb = Verb::key_list_start}, out);
    format({.verb = Verb::key, .name = "a"}, out);
    format({.verb = Verb::key_list_end}, out);
    CHECK(out == "KEYLISTSTART\r\nKEY a\r\nKEYLISTEND\r\n");
}

TEST_CASE("format: parse takes back every command") {
    RandomCommands commands;
    std::vector<int> seen(static_cast<std::size_t>(Verb::saving) + 1);
    for (int round = 0; round < 20'000; ++round) {
        const Command command = commands.next();
        const std::string line = line_of(command);
        CAPTURE(line);
        REQUIRE(line.ends_with("\r\n"));
        const auto parsed = parse(std::string_view(line).substr(0, line.size() - 2));
        REQUIRE(parsed.has_value());
        CHECK(*parsed == command);
        ++seen[static_cast<std::size_t>(command.verb)];
    }
    for (const int count : seen) CHECK(count > 0);
}

TEST_CASE("format: what parse makes of any line comes back") {
    std::mt19937 random(5);
    const std::string_view words[] = {"SET",       "STORE", "INCREMENT", "OVERHEAD", "KEYSYNC",
                                      "RETRIEVED", "KEY",   "FLUSH",     "PING",     "LISTEN"};
    int parsed_count = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string line(words[random() % std::size(words)]);
        for (auto left = random() % 10; left > 0; --left) line += "  =1.aGz"[random() % 8];
        CAPTURE(line);
        const auto command = parse(line);
        if (!command) continue;
        ++parsed_count;
        const std::string formatted = line_of(*command);
        const auto again = parse(std::string_view(formatted).substr(0, formatted.size() - 2));
        REQUIRE(again.has_value());
        CHECK(*again == *command);
    }
    CHECK(parsed_count > 1000);
}
