// Before a connection may do anything: protocol.txt, "Connecting".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Verb;

void Node::line_before_login(Peer& peer, std::string_view line, Turn& turn) {
    constexpr std::uint32_t most_lines = 1000;
    const auto end = [&](CloseReason reason) {
        peer.closing = true;
        turn.outbox.close(peer, reason);
    };
    const auto command = protocol::parse(line);
    if (!peer.greeted) {
        // A web browser, a port scanner: tell them now instead of at the end of a timeout.
        if (!command && command.error() == protocol::ParseError::unknown_verb) {
            log_.warning("not_clacks", {{"client", peer.id}, {"line", line}});
            return end(CloseReason::not_clacks);
        }
        peer.greeted = true;
    }
    if (++peer.lines_before_login > most_lines) return end(CloseReason::flood);
    if (!command) return;
    if (command->verb == Verb::clacks) registry_.set_client_info(peer, command->value);
    if (command->verb == Verb::overhead && command->flags.has('A')) {
        log_in(peer, command->value, turn);
    }
}

void Node::log_in(Peer& peer, std::string_view token, Turn& turn) {
    const auto given = protocol::decode_token(token);
    const User* user = given ? users_.check(*given) : nullptr;
    if (!user) {
        // Not the name that was tried: people type passwords there.
        log_.warning("login_failed", {{"client", peer.id},
                                      {"what", given ? "wrong user or password" : "bad token"}});
        peer.closing = true;  // whatever is queued behind it is not executed
        return turn.outbox.close(peer, CloseReason::login_failed);
    }
    peer.logged_in = true;
    peer.user = user->name;
    peer.permissions = user->permissions;
    peer.pinged = turn.now.mono;
    peer.pinged_wall = turn.now.wall;
    peer.reachable = true;
    turn.outbox.send(peer, "OVERHEAD O Welcome!\r\n");
    log_.info("login", {{"client", peer.id}, {"user", peer.user}});
}

}  // namespace clacks::node
