// LISTEN, UNLISTEN, NOTIFY, SET and the signal of SETANDSTORE: protocol.txt, "Signals".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

/// False: refused, and said so.
bool Node::listen(Peer& from, std::string_view name, Turn& turn) {
    if (from.listens.contains(std::string(name))) return true;
    if (from.listens.size() >= settings_.limits.listens) {
        const std::string limit = std::to_string(settings_.limits.listens);
        complain(from, Complaint::too_many_listens, "limit", limit);
        reply(from, "OVERHEAD E", "too_many_listens limit=" + limit + " (limits.listens)", turn);
        return false;
    }
    if (protocol::is_listen_pattern(name) && protocol::is_listen_pattern_too_complex(name)) {
        refuse_complex(from, turn);
        return false;
    }
    from.listens.emplace(name);
    subscriptions_.add(name, from);
    return true;
}

void Node::unlisten(Peer& from, std::string_view name) {
    if (from.listens.erase(std::string(name)) > 0) subscriptions_.remove(name, from);
}

/// Listens first: a change that happens in between arrives as a signal, too.
void Node::listen_and_retrieve(Peer& from, const Command& command, Turn& turn) {
    if (listen(from, command.name, turn)) retrieve(from, command.name, turn);
}

void Node::gaps(Peer& from, std::string_view wanted, std::string_view line, Turn& turn) {
    if (wanted != "1" && wanted != "0") return refuse(from, line, turn);
    if (!from.own_gaps) from.own_gaps = std::make_unique<Gaps>();
    from.gaps = wanted == "1" ? from.own_gaps.get() : nullptr;
}

void Node::publish(const Peer* from, const Command& command, Turn& turn) {
    auto& bytes = turn.scratch;
    bytes.assign(command.verb == Verb::notify ? "NOTIFY " : "SET ");
    bytes += command.name;
    if (command.verb != Verb::notify) {
        bytes += '=';
        bytes += command.value;
    }
    bytes += "\r\n";
    std::uint64_t deliveries = 0;
    subscriptions_.for_each(command.name, turn.worker, turn.listeners, [&](Peer& to) {
        if (&to == from) return;
        if (Gaps* const gaps = to.gaps) {
            const auto limit = settings_.limits.output_bytes;
            const auto waiting = [&] { return to.queued_bytes(); };
            if (!gaps->admits(command.name, waiting, limit)) return;
        }
        turn.outbox.send(to, bytes);
        ++deliveries;
    });
    auto& counters = count(turn);
    Counters::add(counters.signals);
    Counters::add(counters.deliveries, deliveries);
}

}  // namespace clacks::node
