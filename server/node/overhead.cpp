// OVERHEAD and its flags: protocol.txt, "OVERHEAD".
#include <charconv>
#include <optional>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Flags;
using protocol::Permission;

namespace {

/// Flags that mean something to this hop only; a line with one of them is not forwarded.
constexpr std::string_view hop_flags = "AFILOT";

bool has_any(Flags flags, std::string_view letters) {
    for (const char letter : letters) {
        if (flags.has(letter)) return true;
    }
    return false;
}

Permission permission_for(Flags flags) {
    if (has_any(flags, "IL")) return Permission::interclacks;
    if (has_any(flags, "CS")) return Permission::manage;
    if (flags.has('G')) return Permission::write;
    return Permission::none;
}

/// What is told the whole tree is about no name: whoever may write some names only may not.
bool may_send(const Peer& from, Flags flags) {
    const bool to_all = flags.has('G') && !has_any(flags, hop_flags);
    if (to_all && from.access.limited(Permission::write)) return false;
    return from.access.allow(permission_for(flags));
}

/// Whole seconds up to a year, or nothing.
std::optional<std::chrono::seconds> parse_delay(std::string_view text) {
    constexpr long longest = 365L * 24 * 60 * 60;
    long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (seconds < 0 || seconds > longest) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace

void Node::overhead(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const Flags flags = command.flags;
    if (flags.has('A')) return log_in(from, command.value, turn);
    if (!may_send(from, flags)) {
        if (flags.has('I') && command.value == "1") {
            complain(from, Complaint::link_denied, "user", from.user);
        }
        return deny(from, turn);
    }
    if (from.link && is_probe(command)) return on_probe(from, command, line, turn);
    const auto delay = parse_delay(command.value);
    if (flags.has('S') && !delay) return refuse(from, line, turn);

    if (flags.has('G') && !has_any(flags, hop_flags)) forward_overhead(from, command, turn);
    if (flags.has('D')) return;
    if (flags.has('E') && !flags.has('N')) {
        if (from.link) {
            complain(from, Complaint::peer_error, "text", command.value);
        } else {
            log_.debug("peer_error", {{"client", from.id}, {"text", command.value}});
        }
    }
    if (flags.has('I') && command.value == "1") become_downlink(from, turn);
    if (flags.has('C') && command.value == "1") {
        registry_.for_each(
            [&](Peer& peer) { turn.outbox.close(peer, CloseReason::disconnected_by_manager); });
    }
    if (flags.has('S')) {
        log_.warning("shutdown_requested", {{"client", from.id}, {"user", from.user}});
        turn.outbox.shut_down(*delay);
    }
}

void Node::forward_overhead(Peer& from, const Command& command, Turn& turn) {
    if (command.value.empty()) return;
    Command forwarded = command;
    forwarded.flags.drop('U');
    auto& bytes = turn.scratch;
    bytes.clear();
    protocol::format(forwarded, bytes);
    const bool back_to_sender = command.flags.has('U');
    const bool for_links_only = from.link && is_probe(command);
    registry_.for_each([&](Peer& peer) {
        if (for_links_only && !peer.is_link) return;
        if (peer.reachable && (&peer != &from || back_to_sender)) turn.outbox.send(peer, bytes);
    });
}

}  // namespace clacks::node
