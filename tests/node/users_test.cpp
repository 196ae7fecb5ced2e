#include "server/node/users.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "protocol/verb.hpp"

using namespace clacks::node;
using clacks::protocol::Permission;

namespace {

User user(std::string name, std::string password) {
    return {.name = std::move(name), .password = std::move(password), .permissions = {}};
}

}  // namespace

TEST_CASE("users: name and password must both fit, whole") {
    const Users users(
        {user("main", "secret"), user("other", "secret2"), user("", "empty"), user("open", "")});
    struct Row {
        std::string name;
        std::string password;
        std::string found;  // "-": nobody
    };
    const Row rows[] = {
        {"main", "secret", "main"},
        {"other", "secret2", "other"},
        {"", "empty", ""},
        {"open", "", "-"},
        {"main", "secret2", "-"},
        {"other", "secret", "-"},
        {"main", "secre", "-"},
        {"main", "secrett", "-"},
        {"main", "secretsecret", "-"},
        {"mainmain", "secret", "-"},
        {"main", "", "-"},
        {"", "", "-"},
        {"Main", "secret", "-"},
        {"main", "Secret", "-"},
        {"open", "x", "-"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CAPTURE(row.password);
        const auto found = users.check({row.name, row.password});
        CHECK((found ? found->name : "-") == row.found);
    }
    CHECK(users.check({std::string("main\0", 5), "secret"}) == nullptr);
    CHECK(users.check({"main", std::string("secret\0", 7)}) == nullptr);
}

TEST_CASE("users: the first is the node's own and may do everything, the others what they may") {
    const Users users({user("main", "secret"), user("other", "x")});
    CHECK(users.identity().user == "main");
    CHECK(users.identity().password == "secret");
    CHECK(users.check({"main", "secret"})->permissions == Permissions::all());
    CHECK_FALSE(users.check({"other", "x"})->permissions.allow(Permission::read));
}

TEST_CASE("users: a node without any cannot be") {
    CHECK_THROWS_AS(Users({}), std::invalid_argument);
}
