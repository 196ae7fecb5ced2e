// Before a connection may do anything: protocol.txt, "Connecting".
#include <algorithm>
#include <utility>

#include "protocol/login_delay.hpp"
#include "server/node/node.hpp"

namespace clacks::node {

using namespace std::chrono_literals;
using protocol::Permission;
using protocol::Verb;

namespace {

constexpr std::string_view wrong_login = "wrong user or password";

}  // namespace

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
    const auto given = protocol::decode_token(token);
    // Of names only those of our users: people type passwords there.
    const auto user = given ? users_.find(given->user) : nullptr;
    peer.login_name = user ? user->name : "";
    const auto wait = login_guard_.wait(peer.host, turn.now.mono);
    if (wait.count() > 0) return delay_login(peer, wait, too_many_failed_logins, turn);
    peer.login_attempt = login_guard_.attempt(token, peer.certificate);
    if (login_guard_.knows(peer.host, peer.login_attempt, turn.now.mono)) {
        return login_failed(peer, wrong_login, turn);
    }
    if (!given) return login_failed(peer, "bad token", turn);
    check_login(peer, *given, turn);
}

/// A client's, or that of the master at the other end of an uplink.
void Node::check_login(Peer& peer, const protocol::Credentials& given, Turn& turn) {
    constexpr std::chrono::seconds until_there_is_room{5};
    auto login = users_.check(given, peer.certificate);
    if (login.hash.empty()) return login_checked(peer, login.user, turn);
    std::string hash = login.hash;
    peer.login = std::make_unique<Login>(std::move(login));
    if (turn.outbox.check_password(peer, std::move(hash), given.password)) return;
    peer.login.reset();
    delay_login(peer, until_there_is_room, "too many logins are being checked", turn);
}

void Node::password_checked(Peer& peer, std::optional<bool> fits, Turn& turn) {
    const auto login = std::move(peer.login);
    if (peer.closing || !login) return;
    // Whoever guessed before has had its answers meanwhile: a guesser that asks for many at once
    // learns no more than one that waits for each.
    const auto wait = login_guard_.wait(peer.host, turn.now.mono);
    if (!peer.is_uplink && wait.count() > 0) {
        return delay_login(peer, wait, too_many_failed_logins, turn);
    }
    // A hash of before says nothing of the present password, and F is the last word to many.
    if (!peer.is_uplink && !login_guard_.is_present(peer.login_attempt)) {
        return delay_login(peer, wait, "users have changed meanwhile", turn);
    }
    if (!fits && !login_guard_.knows(peer.host, peer.login_attempt, turn.now.mono)) {
        return delay_login(peer, wait, "the password was not checked", turn);
    }
    login_checked(peer, fits == true ? users_.verified(*login) : nullptr, turn);
}

void Node::login_checked(Peer& peer, const std::shared_ptr<const User>& user, Turn& turn) {
    if (peer.is_uplink) return master_checked(peer, user, turn);
    if (!user) return login_failed(peer, wrong_login, turn);
    // Whoever logs in again and again must not fill the log.
    const auto level = peer.logged_in ? Log::Level::debug : Log::Level::info;
    peer.logged_in = true;
    peer.user = user->name;
    peer.pinged = turn.now.mono;
    peer.pinged_wall = turn.now.wall;
    peer.reachable = true;
    apply_access(peer, Access(user), turn);
    Counters::add(count(turn).logins);
    turn.outbox.send(peer, "OVERHEAD O Welcome!\r\n");
    log_.write(level, "login", {{"client", peer.id}, {"user", peer.user}});
}

void Node::login_failed(Peer& peer, std::string_view what, Turn& turn) {
    const auto& attempt = peer.login_attempt;
    if (!login_guard_.knows(peer.host, attempt, turn.now.mono)) {
        login_guard_.failed(peer.host, attempt, turn.now.mono);
    }
    Counters::add(count(turn).failed_logins);
    log_.warning("login_failed", {{"client", peer.id}, {"user", peer.login_name}, {"what", what}});
    close(peer, CloseReason::login_failed, turn);
}

/// Not OVERHEAD F: who shares its address with a guesser may well know the password.
void Node::delay_login(Peer& peer, LoginGuard::Duration wait, std::string_view why, Turn& turn) {
    const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(wait), 1s);
    const auto text = std::to_string(seconds.count());
    log_.warning("login_delayed",
                 {{"client", peer.id}, {"seconds", text}, {"user", peer.login_name}, {"why", why}});
    reply(peer, "OVERHEAD E", protocol::format_login_delay(seconds, why), turn);
    close(peer, CloseReason::login_delayed, turn);
}

/// What the peer had and may not have any longer ends here. Returns how many listens did.
std::size_t Node::apply_access(Peer& peer, Access access, Turn& turn) {
    peer.access = std::move(access);
    const auto ended = erase_if(peer.listens, [&](const std::string& name) {
        const bool allowed = protocol::is_listen_pattern(name)
                                 ? peer.access.allow_all_of(Permission::read, name)
                                 : peer.access.allow(Permission::read, name);
        if (!allowed) subscriptions_.remove(name, peer);
        return !allowed;
    });
    if (!peer.access.allow(Permission::manage)) stop_monitoring(peer, turn);
    return ended;
}

}  // namespace clacks::node
