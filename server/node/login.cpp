// Before a connection may do anything: protocol.txt, "Connecting".
#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Permission;
using protocol::Verb;

void Node::line_before_login(Peer& peer, std::string_view line, Turn& turn) {
    constexpr std::uint32_t most_lines = 1000;
    const auto command = protocol::parse(line);
    if (!peer.greeted) {
        // A web browser, a port scanner: tell them now instead of at the end of a timeout.
        if (!command && command.error() == protocol::ParseError::unknown_verb) {
            // Not what it said: it may be a login whose beginning was forgotten.
            const std::string bytes = std::to_string(line.size());
            log_.warning("not_clacks", {{"client", peer.id}, {"bytes", bytes}});
            return close(peer, CloseReason::not_clacks, turn);
        }
        peer.greeted = true;
    }
    if (++peer.lines_before_login > most_lines) return close(peer, CloseReason::flood, turn);
    if (!command) return;
    if (command->verb == Verb::clacks) registry_.set_client_info(peer, command->value);
    if (command->verb == Verb::overhead && command->flags.has('A')) {
        log_in(peer, command->value, turn);
    }
}

void Node::log_in(Peer& peer, std::string_view token, Turn& turn) {
    const auto refuse_login = [&](std::string_view what) {
        // Not the name that was tried: people type passwords there.
        Counters::add(count(turn).failed_logins);
        log_.warning("login_failed", {{"client", peer.id}, {"what", what}});
        close(peer, CloseReason::login_failed, turn);
    };
    const bool from_network = peer.host != unix_host;
    if (from_network) {
        const auto wait = login_guard_.wait(peer.host, turn.now.mono);
        if (wait.count() > 0) return delay_login(peer, wait, turn);
    }
    const auto given = protocol::decode_token(token);
    const auto user = given ? users_.check(*given, peer.certificate) : nullptr;
    if (!user) {
        if (from_network) login_guard_.failed(peer.host, turn.now.mono);
        return refuse_login(given ? "wrong user or password" : "bad token");
    }
    peer.logged_in = true;
    peer.user = user->name;
    peer.pinged = turn.now.mono;
    peer.pinged_wall = turn.now.wall;
    peer.reachable = true;
    send_mirrored(turn);  // it may be the last that it sees
    apply_access(peer, Access(user));
    Counters::add(count(turn).logins);
    turn.outbox.send(peer, "OVERHEAD O Welcome!\r\n");
    log_.info("login", {{"client", peer.id}, {"user", peer.user}});
}

/// Not OVERHEAD F: who shares its address with a guesser may well know the password.
void Node::delay_login(Peer& peer, LoginGuard::Duration wait, Turn& turn) {
    const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
    log_.warning("login_delayed", {{"client", peer.id}, {"seconds", seconds}});
    reply(peer, "OVERHEAD E",
          "login_delayed seconds=" + seconds + " (too many failed logins from this address)", turn);
    close(peer, CloseReason::login_delayed, turn);
}

/// What the peer had and may not have any longer ends here.
void Node::apply_access(Peer& peer, Access access) {
    peer.access = std::move(access);
    erase_if(peer.listens, [&](const std::string& name) {
        const bool allowed = protocol::is_listen_pattern(name)
                                 ? peer.access.allow_all_of(Permission::read, name)
                                 : peer.access.allow(Permission::read, name);
        if (!allowed) subscriptions_.remove(name, peer);
        return !allowed;
    });
    if (!peer.access.allow(Permission::manage)) stop_monitoring(peer);
}

}  // namespace clacks::node
