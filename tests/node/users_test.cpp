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

TEST_CASE("users: a wrong answer takes the time of one hash, whoever was named") {
    const auto hashed = [](std::string_view stored) { return stored.starts_with("hash:"); };
    int hashes = 0;
    const PasswordCheck check = [&](std::string_view stored, std::string_view given) {
        hashes += hashed(stored) ? 1 : 0;
        return stored == (hashed(stored) ? "hash:" + std::string(given) : given);
    };
    User with_hash = user("hashed", "hash:x");
    with_hash.hashed = true;
    User with_certificate = user("certificate", "");
    with_certificate.certificate = "c";
    const Users users({user("main", "secret"), with_hash, with_certificate}, check, "hash:-");
    for (const std::string name : {"main", "hashed", "certificate", "unknown", ""}) {
        CAPTURE(name);
        hashes = 0;
        CHECK(users.check({name, "wrong"}) == nullptr);
        CHECK(hashes == 1);
    }
    CHECK(users.check({"unknown", "-"}) == nullptr);
    CHECK(users.check({"hashed", "x"})->name == "hashed");
}

TEST_CASE("users: a node without any cannot be") {
    CHECK_THROWS_AS(Users({}), std::invalid_argument);
}
