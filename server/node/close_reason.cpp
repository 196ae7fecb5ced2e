#include "server/node/close_reason.hpp"

namespace clacks::node {

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::peer_closed:
            return "peer_closed";
        case CloseReason::quit:
            return "quit";
        case CloseReason::peer_timed_out:
            return "peer_timed_out";
        case CloseReason::login_failed:
            return "login_failed";
        case CloseReason::login_delayed:
            return "login_delayed";
        case CloseReason::login_timeout:
            return "login_timeout";
        case CloseReason::login_revoked:
            return "login_revoked";
        case CloseReason::cycle:
            return "cycle";
        case CloseReason::not_clacks:
            return "not_clacks";
        case CloseReason::flood:
            return "flood";
        case CloseReason::ping_timeout:
            return "ping_timeout";
        case CloseReason::stalled_write:
            return "stalled_write";
        case CloseReason::slow_consumer:
            return "slow_consumer";
        case CloseReason::disconnected_by_manager:
            return "disconnected_by_manager";
        case CloseReason::refused_by_master:
            return "refused_by_master";
        case CloseReason::unknown_master:
            return "unknown_master";
        case CloseReason::master_removed:
            return "master_removed";
        case CloseReason::tls_error:
            return "tls_error";
        case CloseReason::shutting_down:
            return "shutting_down";
    }
    return "unknown";
}

std::string_view last_words(CloseReason reason) {
    // The empty line ends whatever the peer may have received half of.
    switch (reason) {
        case CloseReason::login_failed:
            return "OVERHEAD F Login failed!\r\n";
        case CloseReason::not_clacks:
            return "OVERHEAD E not_clacks expected CLACKS <name> as the first line\r\n";
        case CloseReason::flood:
            return "OVERHEAD E flood too much input before the login\r\n";
        case CloseReason::login_timeout:
        case CloseReason::ping_timeout:
        case CloseReason::stalled_write:
            return "\r\nTIMEOUT\r\n";
        case CloseReason::slow_consumer:
            return "\r\nOVERHEAD E slow_consumer output limit reached (limits.output)\r\nQUIT\r\n";
        case CloseReason::cycle:
            return "\r\nOVERHEAD E cycle this link would make the tree a ring\r\nQUIT\r\n";
        case CloseReason::login_revoked:
            return "\r\nOVERHEAD E login_revoked log in again\r\nQUIT\r\n";
        case CloseReason::login_delayed:  // the reason has been said
        case CloseReason::disconnected_by_manager:
        case CloseReason::master_removed:
        case CloseReason::shutting_down:
            return "\r\nQUIT\r\n";
        case CloseReason::unknown_master:  // the link has said OVERHEAD F already
        case CloseReason::peer_closed:
        case CloseReason::quit:
        case CloseReason::peer_timed_out:
        case CloseReason::refused_by_master:
        case CloseReason::tls_error:
            return "";
    }
    return "";
}

}  // namespace clacks::node
