#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/credentials.hpp"
#include "server/node/settings.hpp"

namespace clacks::node {

/// Whether `given` is the password that `stored` stands for. Must take a time that tells nothing of
/// where they differ.
using PasswordCheck = std::function<bool(std::string_view stored, std::string_view given)>;

/// Equality in constant time: for passwords stored in plain text.
bool equal_in_constant_time(std::string_view stored, std::string_view given);

/// Who may log in. Read by every worker; replaced as a whole by Node::reload().
class Users {
public:
    /// The first user is the node's own identity and gets all permissions, for all names.
    /// `nobodys_password` as in Settings. Throws std::invalid_argument if there is no user.
    explicit Users(std::vector<User> users, PasswordCheck check = equal_in_constant_time,
                   std::string nobodys_password = {});

    /// The user whose credentials these are, or null. `certificate`: the name in the peer's
    /// verified client certificate, or empty.
    std::shared_ptr<const User> check(const protocol::Credentials& given,
                                      std::string_view certificate = {}) const;

    /// The user of this name, or null.
    std::shared_ptr<const User> find(std::string_view name) const;

    /// As whom the node logs in elsewhere.
    protocol::Credentials identity() const;

private:
    std::vector<std::shared_ptr<const User>> users_;
    PasswordCheck check_;
    std::string nobodys_password_;
};

}  // namespace clacks::node
