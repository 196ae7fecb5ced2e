#include "protocol/command.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/allocations.hpp"

using namespace clacks;
using namespace clacks::protocol;

namespace {

/// What `line` means, on one line: the verb and each field it fills, `name` in [] and `value` in
/// {}, so that blanks at their ends are seen; or why it means nothing.
std::string meaning(std::string_view line) {
    const auto command = parse(line);
    if (!command) return command.error().message();
    std::string text(info(command->verb).word);
    const auto microseconds = [](WallTime time) {
        return std::to_string(time.time_since_epoch().count());
    };
    if (!command->flags.empty()) text += " flags=" + command->flags.letters();
    if (command->changed != WallTime{}) text += " changed=" + microseconds(command->changed);
    if (command->accessed != WallTime{}) text += " accessed=" + microseconds(command->accessed);
    if (!command->mode.empty()) text.append(" mode=").append(command->mode);
    if (!command->name.empty()) text.append(" [").append(command->name) += ']';
    if (!command->value.empty()) text.append(" {").append(command->value) += '}';
    return text;
}

struct Row {
    std::string_view line, meaning;
};

template <std::size_t Count>
void check_meanings(const Row (&rows)[Count]) {
    for (const Row& row : rows) {
        CAPTURE(row.line);
        CHECK(meaning(row.line) == row.meaning);
    }
}

}  // namespace

TEST_CASE("command: what a client sends") {
    check_meanings({
        {"CLACKS PageCamel 36", "CLACKS {PageCamel 36}"},
        {"CLACKS d;e", "CLACKS {d;e}"},
        {"PING", "PING"},
        {"NOPING", "NOPING"},
        {"NOP", "NOP"},
        {"TIMEOUT", "TIMEOUT"},
        {"QUIT", "QUIT"},
        {"LISTEN sensor::1", "LISTEN [sensor::1]"},
        {"LISTEN sensor::*", "LISTEN [sensor::*]"},
        {"UNLISTEN sensor::1", "UNLISTEN [sensor::1]"},
        {"NOTIFY news", "NOTIFY [news]"},
        {"SET sensor::1=21.5", "SET [sensor::1] {21.5}"},
        {"SET sensor::1=", "SET [sensor::1]"},
        {"SET sensor::1=a=b=c", "SET [sensor::1] {a=b=c}"},
        {"SET sensor::1= leading and trailing ", "SET [sensor::1] { leading and trailing }"},
        {"SET sensor::1=Grüße ✓", "SET [sensor::1] {Grüße ✓}"},
        {"SETANDSTORE sensor::1=kept", "SETANDSTORE [sensor::1] {kept}"},
        {"STORE s=  7 ", "STORE [s] {  7 }"},
        {"STORE b=", "STORE [b]"},
        {"STORE k=v=w", "STORE [k] {v=w}"},
        {"RETRIEVE X", "RETRIEVE [X]"},
        {"RETRIEVE e=", "RETRIEVE [e=]"},
        {"REMOVE a", "REMOVE [a]"},
        {"REMOVE e=", "REMOVE [e=]"},
        {"KEYLIST", "KEYLIST"},
        {"CLEARCACHE", "CLEARCACHE"},
        {"FLUSH done", "FLUSH {done}"},
        {"FLUSH  two words", "FLUSH { two words}"},
        {"MONITOR", "MONITOR"},
        {"UNMONITOR", "UNMONITOR"},
        {"CLIENTLIST", "CLIENTLIST"},
        {"CLIENTDISCONNECT unixdomainsocket:1795170645.57812:2",
         "CLIENTDISCONNECT [unixdomainsocket:1795170645.57812:2]"},
    });
}

TEST_CASE("command: what a node answers") {
    check_meanings({
        {"RETRIEVED X=12", "RETRIEVED [X] {12}"},
        {"RETRIEVED b=", "RETRIEVED [b]"},
        {"RETRIEVED k=v=w", "RETRIEVED [k] {v=w}"},
        {"RETRIEVED e==1", "RETRIEVED [e] {=1}"},
        {"NOTRETRIEVED nothing", "NOTRETRIEVED [nothing]"},
        {"KEYLISTSTART", "KEYLISTSTART"},
        {"KEY a::b", "KEY [a::b]"},
        {"KEY e=", "KEY [e=]"},
        {"KEY with a blank", "KEY [with a blank]"},
        {"KEYLISTEND", "KEYLISTEND"},
        {"FLUSHED  two words", "FLUSHED { two words}"},
        {"DEBUG CONNECTED=unixdomainsocket:1795170585.57826:2",
         "DEBUG [CONNECTED] {unixdomainsocket:1795170585.57826:2}"},
        {"DEBUG DISCONNECTED=127.0.0.1:54321:17 (0 bytes discarded from outbuffer)",
         "DEBUG [DISCONNECTED] {127.0.0.1:54321:17 (0 bytes discarded from outbuffer)}"},
        {"DEBUG 127.0.0.1:54321:17=SET a=1", "DEBUG [127.0.0.1:54321:17] {SET a=1}"},
        {"DEBUG SERVERCACHE=CLEANDELETED=gone", "DEBUG [SERVERCACHE] {CLEANDELETED=gone}"},
        {"CLIENTLISTSTART", "CLIENTLISTSTART"},
        {"CLIENT CID=127.0.0.1:54321:17;HOST=127.0.0.1;CLIENTINFO=d e;",
         "CLIENT {CID=127.0.0.1:54321:17;HOST=127.0.0.1;CLIENTINFO=d e;}"},
        {"CLIENTLISTEND", "CLIENTLISTEND"},
    });
}

TEST_CASE("command: a step follows the last '=' when there is something on both sides") {
    check_meanings({
        {"INCREMENT c", "INCREMENT [c]"},
        {"INCREMENT c=5", "INCREMENT [c] {5}"},
        {"INCREMENT c=-10", "INCREMENT [c] {-10}"},
        {"DECREMENT c=1.25", "DECREMENT [c] {1.25}"},
        {"INCREMENT d=12abc", "INCREMENT [d] {12abc}"},
        {"INCREMENT d= 7 ", "INCREMENT [d] { 7 }"},
        {"INCREMENT e=", "INCREMENT [e=]"},
        {"INCREMENT e==5", "INCREMENT [e=] {5}"},
        {"INCREMENT e==", "INCREMENT [e==]"},
        {"INCREMENT =5", "INCREMENT [=5]"},
        {"INCREMENT =", "INCREMENT [=]"},
        {"INCREMENT a b=5", "malformed"},
        {"INCREMENT c 5", "malformed"},
        {"INCREMENT", "malformed"},
        {"DECREMENT ", "malformed"},
    });
}

TEST_CASE("command: OVERHEAD is flags and a text") {
    check_meanings({
        {"OVERHEAD M Authentication required", "OVERHEAD flags=M {Authentication required}"},
        {"OVERHEAD A ZXhhbXBsZXVzZXI=:cg==", "OVERHEAD flags=A {ZXhhbXBsZXVzZXI=:cg==}"},
        {"OVERHEAD E unknown_command SET x", "OVERHEAD flags=E {unknown_command SET x}"},
        {"OVERHEAD GNU Terry Pratchett", "OVERHEAD flags=GNU {Terry Pratchett}"},
        {"OVERHEAD GMD with discard", "OVERHEAD flags=DGM {with discard}"},
        {"OVERHEAD GQX unknown letters", "OVERHEAD flags=G {unknown letters}"},
        {"OVERHEAD GG  twice", "OVERHEAD flags=G { twice}"},
        {"OVERHEAD T 1795170631.75638", "OVERHEAD flags=T {1795170631.75638}"},
        {"OVERHEAD Z nothing", "OVERHEAD {nothing}"},
        {"OVERHEAD gnu lower", "OVERHEAD {lower}"},
        {"OVERHEAD G", "OVERHEAD flags=G"},
        {"OVERHEAD G ", "OVERHEAD flags=G"},
        {"OVERHEAD", "malformed"},
        {"OVERHEAD ", "malformed"},
        {"OVERHEAD  G text", "malformed"},
    });
}

TEST_CASE("command: KEYSYNC is two times, a mode, a name and a value") {
    check_meanings({
        {"KEYSYNC 1795170629.14924 1795170629.1 U a=1",
         "KEYSYNC changed=1795170629149240 accessed=1795170629100000 mode=U [a] {1}"},
        {"KEYSYNC 1795170629.14925 0 D gone=REMOVED",
         "KEYSYNC changed=1795170629149250 mode=D [gone] {REMOVED}"},
        {"KEYSYNC 1795169632.85878 1795170632.85878 S fresh=from slave",
         "KEYSYNC changed=1795169632858780 accessed=1795170632858780 mode=S [fresh] {from slave}"},
        {"KEYSYNC 1 1 U,v=1 a=", "KEYSYNC changed=1000000 accessed=1000000 mode=U,v=1 [a]"},
        {"KEYSYNC 1 1 U e==1", "KEYSYNC changed=1000000 accessed=1000000 mode=U [e] {=1}"},
        {"KEYSYNC", "malformed"},
        {"KEYSYNC 1", "malformed"},
        {"KEYSYNC 1 1", "malformed"},
        {"KEYSYNC 1 1 U", "malformed"},
        {"KEYSYNC 1 1 U ", "malformed"},
        {"KEYSYNC 1 1 U a", "malformed"},
        {"KEYSYNC 1 1 U =1", "malformed"},
        {"KEYSYNC 1 1 U a b=1", "malformed"},
        {"KEYSYNC 1 1  a=1", "malformed"},
        {"KEYSYNC 1  1 U a=1", "malformed"},
        {"KEYSYNC -1 1 U a=1", "malformed"},
        {"KEYSYNC 1 1e3 U a=1", "malformed"},
        {"KEYSYNC x 1 U a=1", "malformed"},
    });
}

TEST_CASE("command: arguments that are missing or do not fit are malformed") {
    for (const std::string_view line : {"SET novalue",
                                        "SET =x",
                                        "SET",
                                        "SET ",
                                        "SET  a=1",
                                        "SET a b=1",
                                        "SET a =1",
                                        "STORE noequals",
                                        "STORE =v",
                                        "STORE half",
                                        "SETANDSTORE x",
                                        "NOTIFY",
                                        "NOTIFY a b",
                                        "NOTIFY  a",
                                        "LISTEN",
                                        "LISTEN ",
                                        "LISTEN a ",
                                        "UNLISTEN",
                                        "RETRIEVE",
                                        "RETRIEVE a b",
                                        "REMOVE",
                                        "FLUSH",
                                        "FLUSH ",
                                        "CLIENTDISCONNECT",
                                        "CLIENTDISCONNECT a b",
                                        "CLACKS",
                                        "CLACKS ",
                                        "PING x",
                                        "NOPING 1",
                                        "QUIT now",
                                        "CLEARCACHE a",
                                        "STOREFOR a=1",
                                        "STOREFOR 5 a",
                                        "STOREFOR  a=1",
                                        "STOREIF absent",
                                        "REMOVEIF version:1",
                                        "REMOVEIF version:1 a b",
                                        "RETRIEVEMANY",
                                        "RETRIEVED a",
                                        "RETRIEVED =a",
                                        "NOTRETRIEVED",
                                        "KEY",
                                        "KEY ",
                                        "DEBUG a",
                                        "DEBUG a b=c",
                                        "CLIENT",
                                        "FLUSHED"}) {
        CAPTURE(line);
        CHECK(parse(line).error() == ParseError::malformed);
    }
}

TEST_CASE("command: a first word that is no verb is unknown") {
    for (const std::string_view line : {"", " ", " PING", "BADCMD with arguments", "set lower=case",
                                        "PINGX", "PIN", "SET=x", "SETX a=1", "SET\ta=1", "\xff"}) {
        CAPTURE(line);
        CHECK(parse(line).error() == ParseError::unknown_verb);
    }
}

TEST_CASE("command: nothing behind the blank is no argument") { CHECK(meaning("PING ") == "PING"); }

TEST_CASE("command: the fields are views into the line") {
    const std::string line = "KEYSYNC 1 1 U name=value";
    const auto command = parse(line);
    REQUIRE(command.has_value());
    CHECK(command->mode.data() == line.data() + 12);
    CHECK(command->name.data() == line.data() + 14);
    CHECK(command->value.data() == line.data() + 19);
}

TEST_CASE("command: parse allocates nothing") {
    const auto before = test::allocation_count();
    bool parsed = true;
    for (const std::string_view line :
         {"SET sensor::1=a value that is longer than any short string", "INCREMENT counter=5",
          "OVERHEAD GNU Terry Pratchett", "KEYSYNC 1795170629.14924 1795170629.14924 U a=1"}) {
        parsed = parsed && parse(line).has_value();
    }
    const bool refused = !parse("STORE noequals") && !parse("BADCMD with arguments");
    const auto after = test::allocation_count();
    CHECK(after == before);
    CHECK(parsed);
    CHECK(refused);
}

TEST_CASE("command: flags are a set of the letters that mean something") {
    Flags flags("UNGQZxg1 ");
    CHECK(flags.letters() == "GNU");
    CHECK(flags.has('G'));
    CHECK_FALSE(flags.has('A'));
    CHECK_FALSE(flags.has('Q'));
    CHECK_FALSE(flags.has('Z'));
    CHECK_FALSE(flags.has('g'));
    CHECK(flags == Flags("GNU"));
    flags.drop('U');
    flags.add('B');
    flags.add('M');
    CHECK(flags.letters() == "GMN");
    CHECK(Flags().letters() == "Z");
    CHECK(Flags("Z").empty());
    CHECK(Flags("ABCDEFGHIJKLMNOPQRSTUVWXYZ").letters() == Flags::known);
}

TEST_CASE("command: a word before the name, as the extensions have it") {
    const auto conditional = parse("STOREIF version:17,for:2.5 a=b=c");
    REQUIRE(conditional.has_value());
    CHECK(conditional->mode == "version:17,for:2.5");
    CHECK(conditional->name == "a");
    CHECK(conditional->value == "b=c");

    const auto removal = parse("REMOVEIF version:17 a=b");
    REQUIRE(removal.has_value());
    CHECK(removal->mode == "version:17");
    CHECK(removal->name == "a=b");
}

TEST_CASE("command: conditions behind KEYLIST and MONITOR are optional text") {
    CHECK(parse("KEYLIST")->value == "");
    CHECK(parse("KEYLIST a::* limit=5")->value == "a::* limit=5");
    CHECK(parse("MONITOR name=a::**")->value == "name=a::**");
}
