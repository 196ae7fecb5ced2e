#pragma once

#include <memory>
#include <string_view>

#include "protocol/verb.hpp"
#include "server/node/settings.hpp"

namespace clacks::node {

/// What a connection may do: the permissions of its user, and the names they hold for.
/// Source: protocol.txt, "Permissions".
class Access {
public:
    /// Nothing.
    Access() = default;
    explicit Access(std::shared_ptr<const User> user);
    /// Everything: a link to another node, which has checked what it passes on.
    static Access everything();

    bool allow(protocol::Permission permission) const { return permissions_.allow(permission); }

    /// Also for this name. `permission` read or write; no name limits the others.
    bool allow(protocol::Permission permission, std::string_view name) const {
        return allow(permission) && (!limited_ || name_allowed(permission, name));
    }

    /// Also for every name that this pattern of LISTEN stands for.
    bool allow_all_of(protocol::Permission permission, std::string_view pattern) const;

    /// Whether `permission` holds for some names only.
    bool limited(protocol::Permission permission) const { return names(permission) != nullptr; }

private:
    using Names = std::vector<protocol::NamePattern>;
    const Names* names(protocol::Permission permission) const;
    bool name_allowed(protocol::Permission permission, std::string_view name) const;

    std::shared_ptr<const User> user_;
    Permissions permissions_;
    bool limited_ = false;  ///< spares the hot path a look at the user
};

}  // namespace clacks::node
