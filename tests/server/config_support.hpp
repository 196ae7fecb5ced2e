#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.hpp"

// Configurations as texts that are easy to compare.
namespace clacks::server {

inline std::optional<std::string> no_environment(const std::string&) { return std::nullopt; }

inline Loaded parsed(std::string_view text) {
    return parse_config(text, "/etc/clacks/node.yaml", no_environment);
}

/// `LINE: text` per line.
inline std::string printed(const std::vector<ConfigError>& errors) {
    std::string out;
    for (const ConfigError& error : errors) out += fmt::format("{}: {}\n", error.line, error.text);
    return out;
}

/// The configuration in `text`, which is right.
inline Config loaded(std::string_view text) {
    Loaded result = parsed(text);
    REQUIRE(printed(result.errors) == "");
    REQUIRE(result.config.has_value());
    return *std::move(result.config);
}

/// The listeners: `tls HOST PORT, unix PATH MODE GROUP`.
inline std::string addresses(const Config& config) {
    std::vector<std::string> out;
    for (const transport::Address& address : config.net.listen) {
        if (const auto* tls = std::get_if<transport::TlsAddress>(&address)) {
            out.push_back(fmt::format("tls {} {}", tls->host, tls->port));
        } else {
            const auto& local = std::get<transport::UnixAddress>(address);
            out.push_back(fmt::format("unix {} {:o} {}", local.path, local.mode, local.group));
        }
    }
    return fmt::format("{}", fmt::join(out, ", "));
}

inline std::string patterns(std::string_view what,
                            const std::vector<protocol::NamePattern>& names) {
    std::string out;
    for (const auto& name : names)
        out += fmt::format("{}{}", out.empty() ? what : "|", name.text());
    return out;
}

/// `NAME PASSWORD PERMISSIONS[ cert=NAME][ read=PATTERN|…][ write=…], …`; a permission that is
/// missing is a dash.
inline std::string users(const Config& config) {
    using protocol::Permission;
    std::vector<std::string> out;
    for (const node::User& user : config.node.users) {
        const auto letter = [&](Permission permission, char c) {
            return user.permissions.allow(permission) ? c : '-';
        };
        out.push_back(fmt::format(
            "{} {} {}{}{}{}{}{}{}{}", user.name, user.password, letter(Permission::read, 'r'),
            letter(Permission::write, 'w'), letter(Permission::manage, 'm'),
            letter(Permission::interclacks, 'i'),
            user.certificate.empty() ? "" : " cert=", user.certificate,
            patterns(" read=", user.read_names), patterns(" write=", user.write_names)));
    }
    return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace clacks::server
