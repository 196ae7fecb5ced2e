#pragma once

#include <cstdint>

#include "clacks/error.hpp"

namespace clacks {

/// Why a client could not connect, as far as it decides what a person can do about it.
enum class Cause : std::uint8_t {
    other,
    no_such_host,         ///< the name of the host means nothing to the system
    nobody_listens,       ///< the host refuses the connection, or there is no such socket
    no_answer,            ///< the host, or its TLS, is silent or out of reach
    not_allowed,          ///< the unix socket is not for this user
    no_tls,               ///< what listens there does not speak TLS
    untrusted,            ///< its certificate is not signed by whom we trust, or is another host's
    certificate_wanted,   ///< it lets nobody in without a certificate, and we showed none
    certificate_refused,  ///< it does not trust the certificate that we showed
    no_greeting,          ///< it is silent where a node greets
    not_clacks,           ///< it is no node
    login_failed,
    login_delayed,  ///< it does not look at our login for now: too many have failed, or wait
};

/// What is behind an error of connect, in Asio's, OpenSSL's or our own words.
Cause cause_of(const error_code& error);

}  // namespace clacks
