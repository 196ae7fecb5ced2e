#include "server/node/users.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace clacks::node {

bool equal_in_constant_time(std::string_view stored, std::string_view given) {
    // volatile keeps the compiler from leaving the loop early.
    volatile unsigned char difference = stored.size() == given.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char ours = stored.empty() ? '\0' : stored[i % stored.size()];
        difference = static_cast<unsigned char>(
            difference | (static_cast<unsigned char>(ours) ^ static_cast<unsigned char>(given[i])));
    }
    return difference == 0;
}

Users::Users(std::vector<User> users, std::string nobodys_password)
    : nobodys_password_(std::move(nobodys_password)) {
    if (users.empty()) throw std::invalid_argument("a node needs at least one user, its own");
    users.front().permissions = Permissions::all();
    users.front().read_names.clear();
    users.front().write_names.clear();
    for (User& user : users) users_.push_back(std::make_shared<const User>(std::move(user)));
}

Login Users::check(const protocol::Credentials& given, std::string_view certificate) const {
    auto user = find(given.user);
    if (user && !certificate.empty() && user->certificate == certificate) return {.user = user};
    // Who is known by a certificate only has no password, not even the empty one.
    const bool has_password = user && !user->password.empty();
    if (has_password && user->hashed) return {.user = user, .hash = user->password};
    if (has_password && equal_in_constant_time(user->password, given.password)) {
        return {.user = user};
    }
    // A wrong answer takes the same time whoever was named: that of a hash, if anybody has one.
    return {.user = nullptr, .hash = nobodys_password_};
}

std::shared_ptr<const User> Users::verified(const Login& login) const {
    if (!login.user) return nullptr;
    auto user = find(login.user->name);
    return user && user->password == login.user->password ? user : nullptr;
}

std::shared_ptr<const User> Users::find(std::string_view name) const {
    const auto found = std::find_if(users_.begin(), users_.end(),
                                    [&](const auto& user) { return user->name == name; });
    return found == users_.end() ? nullptr : *found;
}

bool Users::same_logins(const Users& other) const {
    return std::equal(users_.begin(), users_.end(), other.users_.begin(), other.users_.end(),
                      [](const auto& a, const auto& b) {
                          return a->name == b->name && a->password == b->password &&
                                 a->certificate == b->certificate;
                      });
}

protocol::Credentials Users::identity() const {
    return {.user = users_.front()->name, .password = users_.front()->password};
}

}  // namespace clacks::node
