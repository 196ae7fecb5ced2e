// What no client should say, and the one answer that protocol.txt has for it. Whatever it is, the
// connection stays, the links hear nothing of it, and the store is as it was.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using clacks::protocol::Arguments;
using clacks::protocol::Verb;
using clacks::protocol::VerbInfo;

namespace {

const std::string permission_denied = "OVERHEAD E permission_denied";

std::string unknown(const std::string& line) { return "OVERHEAD E unknown_command " + line; }

std::vector<VerbInfo> every_command() {
    std::vector<VerbInfo> verbs;
    for (unsigned i = 0; i <= static_cast<unsigned>(Verb::saving); ++i) {
        const VerbInfo& verb = clacks::protocol::info(static_cast<Verb>(i));
        if (verb.to_node) verbs.push_back(verb);
    }
    return verbs;
}

/// What follows the verb and does not fit it, for each shape of arguments.
std::vector<std::string> misfits(Arguments shape) {
    switch (shape) {
        case Arguments::none:
            return {" x", "  ", " =", " \xff"};
        case Arguments::name:
            return {"", " ", "  ", "  a", " a ", " a b"};
        case Arguments::names:
            return {"", " ", "  ", "  a", " a ", " a  a", " a b "};
        case Arguments::text:
        case Arguments::key:
            return {"", " "};
        case Arguments::maybe_text:
            return {};  // what does not fit there is for the verb to say; see below
        case Arguments::word_name:
            return {"", " ", " w", " w ", "  a", " w a b"};
        case Arguments::word_name_value:
            return {"", " ", " w", " w ", " w a", " w =1", "  a=1", " w a b=1"};
        case Arguments::name_value:
            return {"", " ", " a", " =", " =1", "  a=1", " a b=1"};
        case Arguments::name_step:
            return {"", " ", "  a", " a b", " a b=1"};
        case Arguments::overhead:
            return {"", " "};
        case Arguments::keysync:
            return {"",         " ",         " 1",        " 1 1",         " 1 1 U",
                    " 1 1 U a", " 1 1 U =1", " 1 1  a=1", " 1 1 U a b=1", "  1 1 U a=1"};
    }
    return {};
}

/// Arguments that fit, but for the words of the extensions.
std::string fitting(const VerbInfo& verb, const std::string& name) {
    switch (verb.arguments) {
        case Arguments::name_value:
            return ' ' + name + "=1";
        case Arguments::word_name:
        case Arguments::word_name_value: {
            std::string word = "1700000009";
            if (verb.verb == Verb::store_if) word = "always";
            if (verb.verb == Verb::remove_if) word = "version:1";
            return ' ' + word + ' ' + name +
                   (verb.arguments == Arguments::word_name_value ? "=1" : "");
        }
        case Arguments::keysync:
            return " 1 1 U " + name + "=1";
        default:
            return ' ' + name;
    }
}

bool has_name(const VerbInfo& verb) {
    return verb.arguments != Arguments::none && verb.arguments != Arguments::text &&
           verb.arguments != Arguments::maybe_text && verb.arguments != Arguments::overhead;
}

/// A node with a key and a link; what is bad leaves no trace at either.
struct Quiet {
    Quiet() {
        client.says("STORE a=1");
        link.forget();
    }
    void check() {
        CHECK(link.hears() == "");
        CHECK(client.asks("KEYLIST") == "KEYLISTSTART | KEY a | KEYLISTEND");
        CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=1");
        CHECK_FALSE(client.closed);
        CHECK_FALSE(link.closed);
    }
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& link = node.slave();
};

}  // namespace

TEST_CASE("bad input: arguments that are missing, empty or malformed make a line unknown") {
    Quiet quiet;
    for (const VerbInfo& verb : every_command()) {
        for (const std::string& arguments : misfits(verb.arguments)) {
            const std::string line = std::string(verb.word) + arguments;
            CAPTURE(line);
            CHECK(quiet.client.asks(line) == unknown(line));
            // A link is answered the same, but for what has no effect there at all.
            TestPeer& link = quiet.node.slave();
            const std::string answer = link.asks(line);
            CHECK((answer == unknown(line) || answer == ""));
            CHECK_FALSE(link.closed);
            quiet.node.hangs_up(link);
        }
    }
    quiet.check();
}

TEST_CASE("bad input: words and numbers of an extension that do not fit make a line unknown") {
    Quiet quiet;
    const std::string lines[] = {
        "STOREFOR never a=2",
        "STOREFOR never,flags: a=2",
        "STOREFOR never,flags:4294967296 a=2",
        "STOREFOR never,flags:-1 a=2",
        "STOREFOR 0,flags:1 a=2",
        "STOREFOR 1,flags:1x a=2",
        "STOREFOR nan a=2",
        "STOREFOR inf a=2",
        "STOREFOR 0 a=2",
        "STOREFOR -1 a=2",
        "STOREFOR 1e308 a=2",
        "STOREFOR 99999999999999999999 a=2",
        "STOREFOR 253402300800 a=2",
        "EXPIRE a=nan",
        "EXPIRE a=-1",
        "EXPIRE a=0.0000001",
        "EXPIRE a=1e308",
        "EXPIRE a=99999999999999999999",
        "EXPIRE a=",
        "STOREIF a=2 a=2",
        "STOREIF never a=2",
        "STOREIF version: a=2",
        "STOREIF always,for: a=2",
        "STOREIF always,for:0 a=2",
        "STOREIF always,for:1e308 a=2",
        "STOREIF always,for:-1 a=2",
        "REMOVEIF always a",
        "REMOVEIF version: a",
        "NODE id=x;",
        "KEYLIST limit=0",
        "KEYLIST limit=-1",
        "KEYLIST limit=1e3",
        "KEYLIST limit=100001",
        "KEYLIST limit=99999999999999999999",
        "KEYLIST limit=1 limit=1",
        "KEYLIST after=",
        "KEYLIST a b",
        "KEYLIST **::a",
        "KEYLIST  a",
        "MONITOR a",
        "MONITOR name=",
        "MONITOR name=**::a",
        "MONITOR command=NONSENSE",
        "MONITOR command=SET,",
        "MONITOR sample=0",
        "MONITOR sample=nan",
        "MONITOR sample=-1",
        "MONITOR sample=1e308",
        "MONITOR sample=1e-308",
        "MONITOR colour=red",
    };
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(quiet.client.asks(line) == unknown(line));
        CHECK_FALSE(quiet.client.monitoring);
    }
    quiet.check();
}

TEST_CASE("bad input: KEYSYNC with absurd times is unknown, and with the last ones loses nothing") {
    TestNode node;
    TestPeer& link = node.slave();
    for (const std::string time : {"nan", "inf", "-1", "1e9", "1e308", "99999999999999999999",
                                   "253402300800", "0x1", "1.", ".5", "1.5.5", "\xff"}) {
        for (const std::string& times : {time + " 1", "1 " + time}) {
            const std::string line = "KEYSYNC " + times + " U a=2";
            CAPTURE(line);
            CHECK(link.asks(line) == unknown(line));
        }
    }
    CHECK(node.node.cache().size() == 0);
    link.says("KEYSYNC 253402300799.999999 253402300799.999999 U a=from the end of time");
    TestPeer& client = node.client();
    client.says("STORE a=now");
    CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=now");
}

TEST_CASE("bad input: any bytes are a name: foreign ones, control characters, NUL") {
    for (const std::string& name :
         {std::string("\xff\xfe\x80"), std::string("a\0b", 3), std::string("\0", 1),
          std::string("\x01\x1b[31m\x7f\t"), std::string("\xc3"), std::string("\xed\xa0\x80")}) {
        TestNode node;
        TestPeer& listener = node.client();
        TestPeer& client = node.client();
        TestPeer& link = node.slave();
        CHECK(listener.asks("LISTEN " + name) == "");
        client.says("SETANDSTORE " + name + "=" + name);
        CHECK(listener.hears() == "SET " + name + "=" + name);
        CHECK(link.hears() == "SETANDSTORE " + name + "=" + name);
        CHECK(client.asks("RETRIEVE " + name) == "RETRIEVED " + name + "=" + name);
        CHECK(client.asks("KEYLIST") == "KEYLISTSTART | KEY " + name + " | KEYLISTEND");
        client.says("REMOVE " + name);
        CHECK(client.asks("EXISTS " + name) == "EXISTS " + name + "=0");
    }
}

TEST_CASE("bad input: every verb takes foreign bytes, and answers nothing that is not documented") {
    const std::string odd("\xff\0\x1b", 3);
    for (const VerbInfo& verb : every_command()) {
        TestNode node;
        TestPeer& client = node.client();
        const std::string line = std::string(verb.word) + fitting(verb, odd);
        CAPTURE(line);
        const std::string answer = client.asks(line);
        if (answer.starts_with("OVERHEAD E ")) {
            CHECK((answer == unknown(line) || answer == permission_denied));
        }
        if (!client.closed) CHECK(client.asks("FLUSH x").ends_with("FLUSHED x"));
    }
}

TEST_CASE("bad input: a name that is too long is refused by name, whatever the verb") {
    Settings settings = TestNode::default_settings();
    settings.limits.key_bytes = 20;
    TestNode node(settings);
    TestPeer& client = node.client();
    TestPeer& link = node.slave();
    const std::string refusal = "OVERHEAD E name_too_long limit=20 (limits.key)";
    for (const VerbInfo& verb : every_command()) {
        if (!has_name(verb)) continue;
        const bool of_links = verb.permission == clacks::protocol::Permission::interclacks;
        CAPTURE(verb.word);
        CHECK((of_links ? link : client)
                  .asks(std::string(verb.word) + fitting(verb, std::string(21, 'n'))) == refusal);
        CHECK(link.hears() == "");
    }
    for (const std::string verb : {"RETRIEVEMANY", "TTL", "FLAGS"}) {
        CAPTURE(verb);
        CHECK(client.asks(verb + " a " + std::string(21, 'n')) == refusal);
    }
    CHECK(node.node.cache().size() == 0);
}

TEST_CASE("bad input: more names in one line than a node looks up without a pause") {
    Quiet quiet;
    std::string names;
    for (int i = 0; i < 1000; ++i) names += " a";
    CHECK(quiet.client.asks("RETRIEVEMANY" + names).ends_with(" | RETRIEVED a=1"));
    for (const std::string verb : {"RETRIEVEMANY", "TTL", "FLAGS"}) {
        CAPTURE(verb);
        CHECK(quiet.client.asks(verb + " a" + names) == "OVERHEAD E too_many_names limit=1000");
    }
    quiet.check();
}

TEST_CASE("bad input: patterns made to be slow are refused, or matched in no time") {
    Quiet quiet;
    const std::string too_complex = "OVERHEAD E pattern_too_complex levels=16 stars=4";
    std::string deep = "*";
    for (int i = 0; i < 20; ++i) deep += "::x";
    for (const std::string& pattern : {std::string("*::*::*::*::*"), deep}) {
        CHECK(quiet.client.asks("LISTEN " + pattern) == too_complex);
        CHECK(quiet.client.asks("LISTENANDRETRIEVE " + pattern) == too_complex);
    }
    CHECK(quiet.client.listens.empty());
    // Backtracking would take longer than the age of the universe.
    std::string stars;
    for (int i = 0; i < 100; ++i) stars += "*a";
    const std::string name(1000, 'a');
    quiet.client.says("STORE " + name + "=1");
    quiet.link.forget();
    CHECK(quiet.client.asks("KEYLIST " + stars + "b") == too_complex);
    CHECK(quiet.client.asks("MONITOR name=" + stars + "b") == too_complex);
    CHECK(quiet.client.asks("KEYLIST *a*a*a*b") == "KEYLISTSTART | KEYLISTEND");
    CHECK(quiet.client.asks("EXISTS " + name) == "EXISTS " + name + "=1");
    quiet.client.says("REMOVE " + name);
    quiet.client.says("UNMONITOR");
    quiet.link.forget();
    quiet.check();
}

TEST_CASE("bad input: a client without the permission that plays a master or a slave is refused") {
    TestNode node;
    TestPeer& writer = node.client("writer");
    node.client().says("STORE a=1");
    const std::string lines[] = {"OVERHEAD I 1",
                                 "OVERHEAD L 1",
                                 "KEYSYNC 1800000000 1800000000 U a=2",
                                 "KEYSYNC 1800000000 0 D a=REMOVED",
                                 "OVERHEAD L 0",
                                 "OVERHEAD GI 1",
                                 "OVERHEAD UGL 1",
                                 "NODE id=x;up=y;"};
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(writer.asks(line) == permission_denied);
    }
    // What anybody may say means nothing when it does not come over a link.
    for (const std::string line :
         {"CLACKS x in interclacks master mode", "OVERHEAD T 1", "OVERHEAD M clacks id=x;path=x;",
          "OVERHEAD O Welcome!", "OVERHEAD F Login failed!"}) {
        CAPTURE(line);
        CHECK(writer.asks(line) == "");
    }
    CHECK_FALSE(writer.link);
    CHECK_FALSE(writer.closed);
    CHECK(node.client("reader").asks("RETRIEVE a") == "RETRIEVED a=1");
    CHECK(node.client().asks("TREE").find("id=x") == std::string::npos);
}

TEST_CASE("bad input: a slave that plays the master changes nothing at its master's") {
    TestNode node;
    TestPeer& slave = node.slave();
    TestPeer& client = node.client();
    for (const std::string line :
         {"CLACKS x in interclacks master mode",
          "OVERHEAD A ZXhhbXBsZXVzZXI=:d3Jvbmc=", "OVERHEAD L 1", "OVERHEAD T 1700000000",
          "OVERHEAD L 0", "OVERHEAD L 0", "OVERHEAD I 1", "OVERHEAD I 0", "PING"}) {
        CAPTURE(line);
        CHECK(slave.asks(line) == "");
    }
    CHECK_FALSE(slave.closed);
    client.says("STORE a=1");
    CHECK(slave.hears() == "STORE a=1");
}
