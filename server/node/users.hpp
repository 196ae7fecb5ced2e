#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/credentials.hpp"
#include "server/node/settings.hpp"

namespace clacks::node {

/// Equality in constant time: for passwords stored in plain text.
bool equal_in_constant_time(std::string_view stored, std::string_view given);

/// What can be said of a login at once, without computing a hash.
struct Login {
    /// Who it is. Null: nobody, whatever the password turns out to be.
    std::shared_ptr<const User> user;
    /// Not empty: only if the password fits this, which takes long to find out.
    std::string hash{};
};

/// Who may log in. Read by every worker; replaced as a whole by Node::reload().
class Users {
public:
    /// The first user is the node's own identity and gets all permissions, for all names.
    /// `nobodys_password` as in Settings. Throws std::invalid_argument if there is no user.
    explicit Users(std::vector<User> users, std::string nobodys_password = {});

    /// Whose credentials these are. `certificate`: the name in the peer's verified client
    /// certificate, or empty.
    Login check(const protocol::Credentials& given, std::string_view certificate = {}) const;
    /// The user of a login whose password has been found to fit, or null. As it is now: it may have
    /// gone or got another password meanwhile.
    std::shared_ptr<const User> verified(const Login& login) const;

    /// The user of this name, or null.
    std::shared_ptr<const User> find(std::string_view name) const;

    /// Whether the same logins are right.
    bool same_logins(const Users& other) const;

    /// As whom the node logs in elsewhere.
    protocol::Credentials identity() const;

private:
    std::vector<std::shared_ptr<const User>> users_;
    std::string nobodys_password_;
};

}  // namespace clacks::node
