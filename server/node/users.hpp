#pragma once

#include <vector>

#include "protocol/credentials.hpp"
#include "server/node/settings.hpp"

namespace clacks::node {

/// Who may log in. Read by every worker; not changed while the node runs.
class Users {
public:
    /// The first user is the node's own identity and gets all permissions.
    explicit Users(std::vector<User> users);

    /// The user whose credentials these are, or null. Compares every password in full, whatever
    /// was given, so that the time it takes tells nothing about them.
    const User* check(const protocol::Credentials& given) const;

    protocol::Credentials identity() const;

private:
    std::vector<User> users_;
};

}  // namespace clacks::node
