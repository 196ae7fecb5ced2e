#include "server/node/users.hpp"

#include <stdexcept>
#include <utility>

namespace clacks::node {

namespace {

/// Equality in a time that depends on the length of `given` only.
bool equal_in_constant_time(std::string_view expected, std::string_view given) {
    // volatile keeps the compiler from leaving the loop early.
    volatile unsigned char difference = expected.size() == given.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char ours = expected.empty() ? '\0' : expected[i % expected.size()];
        difference = static_cast<unsigned char>(
            difference | (static_cast<unsigned char>(ours) ^ static_cast<unsigned char>(given[i])));
    }
    return difference == 0;
}

}  // namespace

Users::Users(std::vector<User> users) : users_(std::move(users)) {
    if (users_.empty()) throw std::invalid_argument("a node needs at least one user, its own");
    users_.front().permissions = Permissions::all();
}

const User* Users::check(const protocol::Credentials& given) const {
    const User* found = nullptr;
    for (const User& user : users_) {
        const bool name_fits = equal_in_constant_time(user.name, given.user);
        const bool password_fits = equal_in_constant_time(user.password, given.password);
        if (name_fits && password_fits) found = &user;
    }
    return found;
}

protocol::Credentials Users::identity() const {
    return {.user = users_.front().name, .password = users_.front().password};
}

}  // namespace clacks::node
