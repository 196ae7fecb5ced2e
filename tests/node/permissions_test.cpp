#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using clacks::protocol::Permission;
using clacks::protocol::Verb;

namespace {

struct Row {
    std::string line;
    Permission needs;
};

const Row rows[] = {
    {"CLACKS me", Permission::none},
    {"PING", Permission::none},
    {"NOPING", Permission::none},
    {"NOP", Permission::none},
    {"GAPS 1", Permission::none},
    {"FLUSH x", Permission::none},
    {"OVERHEAD M hello", Permission::none},
    {"OVERHEAD T 1700000000", Permission::none},
    {"OVERHEAD D dropped", Permission::none},
    {"RETRIEVE a", Permission::read},
    {"KEYLIST", Permission::read},
    {"LISTEN a", Permission::read},
    {"UNLISTEN a", Permission::read},
    {"NOTIFY a", Permission::write},
    {"SET a=1", Permission::write},
    {"STORE a=1", Permission::write},
    {"SETANDSTORE a=1", Permission::write},
    {"REMOVE a", Permission::write},
    {"INCREMENT a", Permission::write},
    {"DECREMENT a", Permission::write},
    {"OVERHEAD G hello", Permission::write},
    {"OVERHEAD GNU Terry Pratchett", Permission::write},
    {"MONITOR", Permission::manage},
    {"UNMONITOR", Permission::manage},
    {"CLIENTLIST", Permission::manage},
    {"CLIENTDISCONNECT x", Permission::manage},
    {"CLEARCACHE", Permission::manage},
    {"OVERHEAD C 0", Permission::manage},
    {"OVERHEAD S 5", Permission::manage},
    {"OVERHEAD L 1", Permission::interclacks},
    {"OVERHEAD I 1", Permission::interclacks},
    {"FEATURES", Permission::none},
    {"TTL a", Permission::read},
    {"FLAGS a", Permission::read},
    {"EXISTS a", Permission::read},
    {"STATUS", Permission::read},
    {"LISTENANDRETRIEVE a", Permission::read},
    {"RETRIEVEVERSION a", Permission::read},
    {"RETRIEVEMANY a b", Permission::read},
    {"STOREFOR 5 a=1", Permission::write},
    {"EXPIRE a=5", Permission::write},
    {"STOREIF always a=1", Permission::write},
    {"REMOVEIF version:1 a", Permission::write},
    {"TREE", Permission::manage},
    {"SAVE", Permission::manage},
    {"NODE id=x;", Permission::interclacks},
    {"TIMEOUT", Permission::none},
    {"QUIT", Permission::none},
};

constexpr std::array all = {Permission::none, Permission::read, Permission::write,
                            Permission::manage, Permission::interclacks};

const std::string denied = "OVERHEAD E permission_denied";

/// A node with a user that has these permissions, a link, and a listener that hears everything.
struct Scene {
    explicit Scene(Permissions permissions) : node(settings(permissions)) {
        node.client().says("STORE a=0");
        link.forget();
        listener.says("LISTEN a");
    }
    static Settings settings(Permissions permissions) {
        Settings result = TestNode::default_settings();
        result.users.push_back({.name = "user", .password = "u", .permissions = permissions});
        return result;
    }
    std::string value() { return listener.asks("RETRIEVE a"); }

    TestNode node;
    TestPeer& link = node.slave();
    TestPeer& listener = node.client();
    TestPeer& user = node.client("user");
};

bool is_denied(const Row& row, Permissions permissions) {
    CAPTURE(row.line);
    Scene scene(permissions);
    scene.user.says(row.line);
    const bool answered_so = scene.user.hears() == denied;
    if (answered_so) {
        // Refused here means executed nowhere.
        CHECK(scene.link.hears() == "");
        CHECK(scene.listener.hears() == "");
        CHECK(scene.value() == "RETRIEVED a=0");
        CHECK_FALSE(scene.user.closed);
        CHECK_FALSE(scene.user.monitoring);
        CHECK_FALSE(scene.user.link);
        CHECK_FALSE(scene.node.shut_down_after);
    }
    return answered_so;
}

}  // namespace

TEST_CASE("permissions: each verb needs exactly one, or none") {
    for (const Row& row : rows) {
        for (const Permission only : all) {
            CAPTURE(static_cast<int>(only));
            Permissions permissions;
            permissions.add(only);
            CHECK(is_denied(row, permissions) ==
                  (row.needs != Permission::none && row.needs != only));
        }
        for (const Permission missing : all) {
            CAPTURE(static_cast<int>(missing));
            Permissions permissions;
            for (const Permission other : all) {
                if (other != missing) permissions.add(other);
            }
            CHECK(is_denied(row, permissions) ==
                  (row.needs != Permission::none && row.needs == missing));
        }
    }
}

TEST_CASE("permissions: the table above misses no verb") {
    for (unsigned i = 0; i <= static_cast<unsigned>(Verb::saving); ++i) {
        const auto& verb = clacks::protocol::info(static_cast<Verb>(i));
        if (!verb.to_node || verb.verb == Verb::keysync) continue;
        // These need two permissions, which has a test of its own.
        if (verb.verb == Verb::increment_and_retrieve) continue;
        if (verb.verb == Verb::decrement_and_retrieve) continue;
        const std::string word(verb.word);
        CAPTURE(word);
        CHECK(std::any_of(std::begin(rows), std::end(rows), [&](const Row& row) {
            return row.line == word || row.line.starts_with(word + ' ');
        }));
    }
}

TEST_CASE("permissions: KEYSYNC belongs to links; from a client it is refused, whatever the user") {
    TestNode node;
    TestPeer& client = node.client();
    CHECK(client.asks("KEYSYNC 1 1 U a=1") == denied);
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
}

TEST_CASE("permissions: what a node says to clients is unknown to it as a command") {
    TestNode node;
    TestPeer& client = node.client();
    for (unsigned i = 0; i <= static_cast<unsigned>(Verb::client_list_end); ++i) {
        const auto& verb = clacks::protocol::info(static_cast<Verb>(i));
        if (verb.to_node) continue;
        std::string line(verb.word);
        if (verb.arguments == clacks::protocol::Arguments::name_value) line += " a=1";
        if (verb.arguments != clacks::protocol::Arguments::none &&
            verb.arguments != clacks::protocol::Arguments::name_value) {
            line += " a";
        }
        CAPTURE(line);
        CHECK(client.asks(line) == "OVERHEAD E unknown_command " + line);
    }
}

TEST_CASE("permissions: a set of them") {
    Permissions some;
    CHECK(some.allow(Permission::none));
    CHECK_FALSE(some.allow(Permission::read));
    some.add(Permission::read);
    CHECK(some.allow(Permission::read));
    CHECK_FALSE(some.allow(Permission::write));
    for (const Permission permission : all) CHECK(Permissions::all().allow(permission));
}

TEST_CASE("permissions: to count and to be told the result needs both write and read") {
    TestNode node;
    for (const std::string verb : {"INCREMENTANDRETRIEVE", "DECREMENTANDRETRIEVE"}) {
        CAPTURE(verb);
        CHECK(node.client("reader").asks(verb + " n") == denied);
        CHECK(node.client("writer").asks(verb + " n") == denied);
    }
    CHECK(node.client().asks("RETRIEVE n") == "NOTRETRIEVED n");
}
