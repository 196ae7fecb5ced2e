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
        CHECK((found.user ? found.user->name : "-") == row.found);
        CHECK(found.hash == "");
    }
    CHECK(users.check({std::string("main\0", 5), "secret"}).user == nullptr);
    CHECK(users.check({"main", std::string("secret\0", 7)}).user == nullptr);
}

TEST_CASE("users: the first is the node's own and may do everything, the others what they may") {
    const Users users({user("main", "secret"), user("other", "x")});
    CHECK(users.identity().user == "main");
    CHECK(users.identity().password == "secret");
    CHECK(users.check({"main", "secret"}).user->permissions == Permissions::all());
    CHECK_FALSE(users.check({"other", "x"}).user->permissions.allow(Permission::read));
}

TEST_CASE("users: a wrong answer takes the time of one hash, whoever was named") {
    User with_hash = user("hashed", "hash:x");
    with_hash.hashed = true;
    User with_certificate = user("certificate", "");
    with_certificate.certificate = "c";
    const Users users({user("main", "secret"), with_hash, with_certificate}, "hash:-");
    for (const std::string name : {"main", "certificate", "unknown", ""}) {
        CAPTURE(name);
        const Login login = users.check({name, "wrong"});
        CHECK(login.hash == "hash:-");
        CHECK(users.verified(login) == nullptr);
    }
    const Login login = users.check({"hashed", "wrong"});
    CHECK(login.hash == "hash:x");
    CHECK(users.verified(login)->name == "hashed");
    CHECK(users.check({"hashed", "hash:x"}).hash == "hash:x");
    CHECK(users.check({"main", "secret"}).hash == "");
    CHECK(users.check({"certificate", ""}, "c").hash == "");
}

TEST_CASE("users: a password that fitted is of no use when the user has got another since") {
    User before = user("hashed", "hash:x");
    before.hashed = true;
    User after = before;
    after.password = "hash:y";
    const Login login = Users({user("main", "m"), before}).check({"hashed", "x"});
    CHECK(Users({user("main", "m"), before}).verified(login) != nullptr);
    CHECK(Users({user("main", "m"), after}).verified(login) == nullptr);
    CHECK(Users({user("main", "m")}).verified(login) == nullptr);
}

TEST_CASE("users: a node without any cannot be") {
    CHECK_THROWS_AS(Users({}), std::invalid_argument);
}

TEST_CASE("users: the logins are the same while names, passwords and certificates are") {
    const auto with = [](std::vector<User> users) { return Users(std::move(users), "x"); };
    const Users users = with({user("main", "m"), user("a", "b")});
    User other = user("a", "b");
    other.permissions = Permissions::all();
    CHECK(users.same_logins(with({user("main", "m"), other})));
    other.certificate = "c";
    CHECK_FALSE(users.same_logins(with({user("main", "m"), other})));
    CHECK_FALSE(users.same_logins(with({user("main", "m"), user("a", "c")})));
    CHECK_FALSE(users.same_logins(with({user("main", "m"), user("b", "b")})));
    CHECK_FALSE(users.same_logins(with({user("main", "m")})));
    CHECK_FALSE(with({user("main", "m")}).same_logins(users));
}
