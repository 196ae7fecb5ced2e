#pragma once

#include <cstdint>
#include <string_view>

namespace clacks::node {

/// Why a connection ended: one enumerator per cause, logged once. The peer gets the words that
/// protocol.txt, "End of a connection" gives for it.
enum class CloseReason : std::uint8_t {
    peer_closed,              ///< end of file or a reset from the other side
    quit,                     ///< the peer said QUIT
    peer_timed_out,           ///< the peer said TIMEOUT: it has not heard from us
    login_failed,             ///< wrong user or password
    login_delayed,            ///< not heard: too many failed logins from its address
    login_timeout,            ///< not logged in in time
    login_revoked,            ///< its user, or ours on an uplink, is gone or another since a reload
    not_clacks,               ///< the first line is none of the protocol's
    flood,                    ///< too much before the login
    ping_timeout,             ///< no PING for too long
    stalled_write,            ///< took none of its output for too long
    slow_consumer,            ///< its output outgrew limits.output
    disconnected_by_manager,  ///< CLIENTDISCONNECT or OVERHEAD C
    refused_by_master,        ///< uplink: the master does not know our user or password
    cycle,                    ///< the link would make the tree a ring
    unknown_master,           ///< uplink: we do not know the master's user or password
    master_removed,           ///< uplink: since a reload it leads to no master of ours
    tls_error,                ///< the TLS handshake or a record was bad
    shutting_down,            ///< this node stops
};

/// The reason as one word, as it stands in the log.
std::string_view to_string(CloseReason reason);

/// The last lines for the peer, or nothing where silence is the answer.
std::string_view last_words(CloseReason reason);

}  // namespace clacks::node
