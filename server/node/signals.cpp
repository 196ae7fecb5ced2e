// LISTEN, UNLISTEN, NOTIFY, SET and the signal of SETANDSTORE: protocol.txt, "Signals".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

void Node::listen(Peer& from, std::string_view name, Turn& turn) {
    if (from.listens.contains(std::string(name))) return;
    if (from.listens.size() >= settings_.limits.listens) {
        const std::string limit = std::to_string(settings_.limits.listens);
        log_.warning("too_many_listens", {{"client", from.id}, {"limit", limit}});
        return reply(from, "OVERHEAD E", "too_many_listens limit=" + limit + " (limits.listens)",
                     turn);
    }
    from.listens.emplace(name);
    subscriptions_.add(name, from);
}

void Node::unlisten(Peer& from, std::string_view name) {
    if (from.listens.erase(std::string(name)) > 0) subscriptions_.remove(name, from);
}

void Node::publish(Peer& from, const Command& command, Turn& turn) {
    auto& bytes = turn.scratch;
    bytes.assign(command.verb == Verb::notify ? "NOTIFY " : "SET ");
    bytes += command.name;
    if (command.verb != Verb::notify) {
        bytes += '=';
        bytes += command.value;
    }
    bytes += "\r\n";
    subscriptions_.for_each(command.name, [&](Peer& to) {
        if (&to != &from) turn.outbox.send(to, bytes);
    });
}

}  // namespace clacks::node
