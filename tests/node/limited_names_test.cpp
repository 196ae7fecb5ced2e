// Users whose rights hold for some names only, where that is more than a name in a command.
#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using clacks::protocol::NamePattern;

namespace {

Settings with_names(const std::string& pattern) {
    Settings settings = TestNode::default_settings();
    for (User& user : settings.users) {
        if (user.name == "reader") user.read_names = {*NamePattern::make(pattern)};
        if (user.name == "writer") user.write_names = {*NamePattern::make(pattern)};
    }
    return settings;
}

}  // namespace

TEST_CASE("limited names: who may write some names only may tell the whole tree nothing") {
    TestNode node(with_names("mine::**"));
    TestPeer& limited = node.client("writer");
    TestPeer& other = node.client();
    for (const std::string line : {"OVERHEAD G hello", "OVERHEAD GNU Terry Pratchett"}) {
        CHECK(limited.asks(line) == "OVERHEAD E permission_denied");
    }
    CHECK(other.hears() == "");
    CHECK(limited.asks("OVERHEAD GC 0") == "OVERHEAD E permission_denied");
    CHECK(limited.asks("SET mine::a=1") == "");
    CHECK(limited.asks("OVERHEAD M hello") == "");
}

TEST_CASE(
    "limited names: listens that end with a reload are told in the log, once for each client") {
    TestNode node(with_names("mine::**"));
    TestPeer& reader = node.client("reader");
    reader.says("LISTEN mine::a");
    reader.says("LISTEN mine::**");
    node.reload(with_names("mine::**"));
    CHECK(node.log.count("listens_ended") == 0);
    node.reload(with_names("yours::**"));
    CHECK(node.log.count("listens_ended client=" + reader.id + " user=reader count=2") == 1);
    CHECK(reader.hears() == "");
}

TEST_CASE("limited names: who logs in as another user again and again does not fill the log") {
    TestNode node(with_names("mine::**"));
    TestPeer& client = node.client("exampleuser");
    for (int i = 0; i < 10; ++i) {
        client.says("LISTEN yours::a");
        CHECK(client.asks(node.login("reader", "r")) == "OVERHEAD O Welcome!");
        CHECK(client.asks(node.login("exampleuser", "unsafepassword")) == "OVERHEAD O Welcome!");
    }
    CHECK(node.log.count("login client=" + client.id) == 1);
    CHECK(node.log.count("listens_ended") == 0);
}
