#include "server/node/access.hpp"

#include <algorithm>
#include <utility>

namespace clacks::node {

using protocol::NamePattern;
using protocol::Permission;

namespace {

/// Whether every name that `inner` stands for is one that `outer` stands for. Compares level by
/// level; a level with a star among other characters covers only itself.
bool covers(std::string_view outer, std::string_view inner) {
    for (;;) {
        const auto wide = protocol::take_level(outer);
        if (wide.last && wide.text == "**") return true;
        const auto narrow = protocol::take_level(inner);
        if (narrow.last && narrow.text == "**") return false;
        if (wide.text != "*" && wide.text != narrow.text) return false;
        if (wide.last || narrow.last) return wide.last && narrow.last;
    }
}

}  // namespace

Access::Access(std::shared_ptr<const User> user)
    : user_(std::move(user)),
      permissions_(user_->permissions),
      limited_(!user_->read_names.empty() || !user_->write_names.empty()) {}

Access Access::everything() {
    Access access;
    access.permissions_ = Permissions::all();
    return access;
}

const Access::Names* Access::names(Permission permission) const {
    if (!limited_) return nullptr;
    const Names* names = permission == Permission::read    ? &user_->read_names
                         : permission == Permission::write ? &user_->write_names
                                                           : nullptr;
    return names && !names->empty() ? names : nullptr;
}

bool Access::name_allowed(Permission permission, std::string_view name) const {
    const Names* allowed = names(permission);
    return !allowed || std::any_of(allowed->begin(), allowed->end(),
                                   [&](const NamePattern& each) { return each.matches(name); });
}

bool Access::allow_all_of(Permission permission, std::string_view pattern) const {
    if (!allow(permission)) return false;
    const Names* allowed = names(permission);
    return !allowed || std::any_of(allowed->begin(), allowed->end(), [&](const NamePattern& each) {
        return covers(each.text(), pattern);
    });
}

}  // namespace clacks::node
