#pragma once

#include <optional>

#include "server/config_section.hpp"

// Who may log in, and what as: the users of a configuration.
namespace clacks::server {

/// A pattern over names. Nothing, and an error, if it is none.
std::optional<protocol::NamePattern> read_pattern(Document& document, const Value& item);

/// The users under `users`, each name once, the first with all permissions. A user may be known by
/// a certificate if there is an address that `asks_for_certificates`. Fills `users` and
/// `nobodys_password`.
void read_users(Document& document, const Section& top, bool asks_for_certificates,
                node::Settings& settings);

}  // namespace clacks::server
