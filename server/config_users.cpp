#include "server/config_users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "client/password.hpp"
#include "protocol/name_pattern.hpp"

namespace clacks::server {
namespace {

using protocol::NamePattern;
using protocol::Permission;
using Names = std::vector<NamePattern>;

/// The patterns of a list that is there. None: all names, which is what `**` says too.
Names read_names(Document& document, const Section& section, std::string_view key) {
    const auto items = section.items(key);
    if (items.empty()) {
        document.error(section.line(key),
                       fmt::format("'{}' is empty; leave the key out", section.value(key).name));
    }
    Names names;
    bool all = false;
    for (const Value& item : items) {
        const auto pattern = read_pattern(document, item);
        if (!pattern) continue;
        all = all || pattern->text() == "**";
        names.push_back(*pattern);
    }
    if (all) names.clear();
    return names;
}

/// `[read, write]`: each for all names, or for those under `names`.
void read_permission_list(Document& document, const Section& user, node::Permissions& permissions) {
    static constexpr std::pair<std::string_view, Permission> words[] = {
        {"read", Permission::read},
        {"write", Permission::write},
        {"manage", Permission::manage},
    };
    for (const Value& item : user.items("permissions")) {
        const auto text = text_of(document, item);
        const auto* found = std::find_if(std::begin(words), std::end(words),
                                         [&](const auto& word) { return word.first == text; });
        if (found != std::end(words)) {
            permissions.add(found->second);
        } else if (text == "interclacks") {
            document.error(item.line,
                           "'users.permissions': interclacks belongs to the first user "
                           "alone; allowed: read, write, manage");
        } else if (text || item.node.IsNull()) {
            document.error(item.line, fmt::format("'users.permissions': {} is unknown; "
                                                  "allowed: read, write, manage",
                                                  in_quotes(text.value_or(""))));
        }
    }
}

/// `{read: [PATTERN…], write: [PATTERN…], manage: true}`: what is left out is not allowed.
void read_permission_map(Document& document, const Section& user, node::User& target) {
    Section section(document, user.value("permissions"), {"read", "write", "manage"});
    if (section.has("read")) {
        target.permissions.add(Permission::read);
        target.read_names = read_names(document, section, "read");
    }
    if (section.has("write")) {
        target.permissions.add(Permission::write);
        target.write_names = read_names(document, section, "write");
    }
    bool manage = false;
    section.choice("manage", manage, {{"true", true}, {"false", false}});
    if (manage) target.permissions.add(Permission::manage);
    if (user.has("names")) {
        document.error(user.line("names"),
                       "'users.names' goes with a list of permissions; here the names stand in "
                       "'users.permissions'");
    }
}

void read_permissions(Document& document, const Section& user, node::User& target) {
    if (user.value("permissions").node.IsMap()) {
        return read_permission_map(document, user, target);
    }
    if (user.has("permissions")) {
        read_permission_list(document, user, target.permissions);
    } else {
        target.permissions.add(Permission::read);
        target.permissions.add(Permission::write);
    }
    if (!user.has("names")) return;
    target.read_names = read_names(document, user, "names");
    target.write_names = target.read_names;
}

/// The node itself: the identity with which it logs in elsewhere.
void read_own_permissions(Document& document, const Section& user, node::User& target) {
    target.permissions = node::Permissions::all();
    for (const std::string_view key : {"permissions", "names"}) {
        if (!user.has(key)) continue;
        document.error(user.line(key),
                       fmt::format("'users.{}': the first user is the node itself and has all "
                                   "permissions for all names; leave the key out",
                                   key));
    }
    if (user.has("certificate")) {
        // Who logs in as the first user is told the node's password in the answer to OVERHEAD I.
        document.error(user.line("certificate"),
                       "'users.certificate': the first user is the node itself and proves to "
                       "other nodes who it is with its password; leave the key out");
    }
}

void need_keys(Document& document, const Value& item, const Section& user, bool first) {
    if (!item.node.IsMap()) return;  // reported
    if (!user.has("name")) document.error(item.line, "'users': a user needs a 'name'");
    if (user.has("password")) return;
    if (first) {
        document.error(item.line,
                       "'users': the first user needs a 'password', with which the node "
                       "logs in at its master");
    } else if (!user.has("certificate")) {
        document.error(item.line, "'users': a user needs a 'password' or a 'certificate'");
    }
}

node::User read_user(Document& document, const Value& item, bool first,
                     bool asks_for_certificates) {
    using Use = Section::PasswordUse;
    Section section(document, item, {"name", "password", "certificate", "permissions", "names"});
    node::User user;
    section.name("name", user.name);
    section.password("password", user.password, first ? Use::log_in : Use::check);
    user.hashed = is_password_hash(user.password);
    section.name("certificate", user.certificate);
    need_keys(document, item, section, first);
    if (!first && !user.certificate.empty() && !asks_for_certificates) {
        document.error(section.line("certificate"),
                       "'users.certificate' needs 'client_certificates': request or require, under "
                       "'tls' or at an address of 'memcached.listen'");
    }
    if (first) {
        read_own_permissions(document, section, user);
    } else {
        read_permissions(document, section, user);
    }
    return user;
}

}  // namespace

std::optional<NamePattern> read_pattern(Document& document, const Value& item) {
    const auto text = text_of(document, item);
    if (!text && !item.node.IsNull()) return std::nullopt;  // reported
    const std::string pattern = text.value_or("");
    const bool possible =
        !pattern.empty() && std::none_of(pattern.begin(), pattern.end(),
                                         [](char c) { return c == ' ' || is_control(c); });
    const auto made = NamePattern::make(pattern);
    if (possible && made) return *made;
    document.error(item.line, fmt::format("'{}': {} is no pattern over names; allowed: levels "
                                          "between '::', '*' for one of them, '**' as the last "
                                          "for one or more",
                                          item.name, in_quotes(pattern)));
    return std::nullopt;
}

void read_users(Document& document, const Section& top, bool asks_for_certificates,
                node::Settings& settings) {
    auto& users = settings.users;
    std::map<std::string, int> lines;
    for (const Value& item : top.items("users")) {
        if (item.node.IsNull()) {
            document.error(item.line, "'users' has an empty item");
            continue;
        }
        node::User user = read_user(document, item, users.empty(), asks_for_certificates);
        const auto [first, fresh] = lines.try_emplace(user.name, item.line);
        if (!fresh && !user.name.empty()) {
            document.error(item.line, fmt::format("'users': {} stands here twice; first in line {}",
                                                  in_quotes(user.name), first->second));
        }
        users.push_back(std::move(user));
    }
    if (users.empty()) {
        document.error(top.line("users"),
                       "'users' needs at least one user; "
                       "the first one is the node's own identity");
    }
    const auto hashed = std::find_if(users.begin(), users.end(), [](const node::User& user) {
        return user.hashed && !password_hash_fault(user.password);
    });
    if (hashed != users.end()) settings.nobodys_password = unfitting_hash(hashed->password);
}

}  // namespace clacks::server
