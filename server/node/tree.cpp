// The tree as its nodes know it: protocol.txt, "NODE" and "TREE". Each node tells its neighbours of
// itself every few seconds, and passes on what others say; a node knows the ids on the way to its
// root, by which a ring is found before it closes.
#include <algorithm>
#include <utility>

#include "server/node/field_value.hpp"
#include "server/node/node.hpp"

namespace clacks::node {

using interclacks::Link;
using protocol::Command;

namespace {

constexpr std::chrono::seconds report_interval{5};
constexpr std::chrono::seconds silent_after{20};

constexpr std::string_view probe_word = "clacks-probe ";

/// In a report, where blanks and commas have a meaning too.
std::string report_value(std::string_view text) {
    constexpr std::size_t longest = 100;
    return field_value(text, longest, ";, ");
}

std::vector<std::string> split_path(std::string_view text) {
    std::vector<std::string> ids;
    while (!text.empty()) {
        const auto end = text.find(',');
        ids.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return ids;
}

std::string join_path(const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) {
        if (!text.empty()) text += ',';
        text += id;
    }
    return text;
}

bool contains(const std::vector<std::string>& ids, std::string_view id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

std::string Node::announcement() const {
    const std::lock_guard lock(path_mutex_);
    return "id=" + identity_.id + ";name=" + report_value(settings_.name) +
           ";path=" + join_path(path_) + ";";
}

void Node::on_announcement(Peer& peer, std::string_view value, Turn& turn) {
    const auto text = Link::parse_announcement(value).value_or("");
    if (report_field(text, "id")) {
        on_introduction(peer, text, turn);
        if (peer.closing) return;
    }
    on_word(peer, text, turn);
}

/// Who the peer is, and where in the tree.
void Node::on_introduction(Peer& peer, std::string_view text, Turn& turn) {
    const std::string id(report_field(text, "id").value_or(""));
    // Others read who it is, from then on: it stays that.
    if (!peer.node_id.empty() && peer.node_id != id) return;
    bool ring = id.empty() || id.size() > longest_id || id == identity_.id;
    if (peer.link->role() == Link::Role::uplink) {
        auto path = split_path(report_field(text, "path").value_or(""));
        ring = ring || contains(path, identity_.id);
        if (!ring) {
            path.push_back(identity_.id);
            set_path(std::move(path), turn);
        }
    } else {
        const std::lock_guard lock(path_mutex_);
        ring = ring || contains(path_, id);
    }
    if (ring) return on_ring(peer, turn);
    if (peer.node_id.empty()) registry_.set_node_id(peer, id);
    // A slave first has to know what time it is in the tree: on_word().
    if (!peer.is_uplink && !peer.positioned) begin_with_slave(peer, turn);
    send_reports(peer, turn);
}

void Node::on_ring(Peer& peer, Turn& turn) {
    log_ring(peer);
    close(peer, CloseReason::cycle, turn);
}

void Node::log_ring(const Peer& peer) {
    log_.error("cycle", {{"client", peer.id},
                         {"what",
                          "this link would make the tree a ring; check `master` here and "
                          "there"}});
}

/// A plain node tells no path. But what has G it passes on to all its other connections: if a probe
/// of ours comes back over another link, there is a ring, and the link that it was sent over has
/// closed it, since it is the newer one.
void Node::send_probe(Peer& to, Turn& turn) {
    turn.outbox.send(to, "OVERHEAD GM " + std::string(probe_word) + identity_.id + ' ' +
                             probes_.make(to.serial, turn.now.mono) + "\r\n");
}

bool Node::is_probe(const Command& overhead) {
    return overhead.flags.has('G') && overhead.flags.has('M') &&
           overhead.value.starts_with(probe_word);
}

/// Our own goes no further; another node's goes on over the links alone, so that no client sees it.
void Node::on_probe(Peer& from, const Command& probe, std::string_view line, Turn& turn) {
    const auto words = probe.value.substr(probe_word.size());
    const auto end = words.find(' ');
    if (words.substr(0, end) != identity_.id) return forward_signal(&from, line, turn);
    const auto word = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
    const auto closed_by = probes_.link_that_closed_ring(word, from.serial, turn.now.mono);
    if (!closed_by) return;
    registry_.for_each([&](Peer& link) {
        if (!link.is_link || link.serial != *closed_by) return;
        log_ring(link);
        turn.outbox.close(link, CloseReason::cycle);
    });
}

/// Where we are in the tree has changed: everything below us is told.
void Node::set_path(std::vector<std::string> path, Turn& turn) {
    {
        const std::lock_guard lock(path_mutex_);
        if (path_ == path) return;
        path_ = std::move(path);
    }
    std::string line;
    Link::format_announcement(announcement(), line);
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* link : audience.links) {
            if (link->link->role() == Link::Role::downlink && link->link->speaks_extensions()) {
                turn.outbox.send(*link, line);
            }
        }
    });
}

std::string Node::root_of_path() const {
    const std::lock_guard lock(path_mutex_);
    return path_.front();
}

std::string Node::own_report() const {
    unsigned clients = 0;
    unsigned links = 0;
    std::size_t waiting = 0;
    registry_.for_each([&](const Peer& peer) {
        if (!peer.reachable) return;
        ++(peer.is_link ? links : clients);
        if (peer.is_link) waiting += peer.queued_bytes();
    });
    std::string up;
    {
        const std::lock_guard lock(path_mutex_);
        if (path_.size() > 1) up = path_[path_.size() - 2];
    }
    return "id=" + identity_.id + ";up=" + up + ";name=" + report_value(settings_.name) +
           ";software=" + report_value(identity_.software) + ";clients=" + std::to_string(clients) +
           ";links=" + std::to_string(links) + ";keys=" + std::to_string(cache_.size()) +
           ";link_bytes_waiting=" + std::to_string(waiting) + ";";
}

MonoTime Node::report(Turn& turn) {
    give_up_waiting_for_time(turn);
    tell_complaints_outside(turn);
    tell_all_missed(turn);
    tree_view_.forget_silent(turn.now.mono - silent_after);
    if (link_count_.load(std::memory_order_relaxed) > 0) {
        const std::string line = "NODE " + own_report() + "\r\n";
        audience_.read(turn.worker, [&](const Audience& audience) {
            for (Peer* to : audience.links) {
                if (to->link->speaks_extensions()) turn.outbox.send(*to, line);
            }
        });
    }
    return turn.now.mono + report_interval;
}

void Node::on_report(Peer& from, const Command& command, Turn& turn) {
    auto report = parse_node_report(command.value);
    if (!report || report->id == identity_.id) return;
    if (!tree_view_.heard(std::move(*report), from, turn.now.mono)) return;
    const std::string line = "NODE " + std::string(command.value) + "\r\n";
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (to != &from && to->link->speaks_extensions()) turn.outbox.send(*to, line);
        }
    });
}

/// A new neighbour hears at once what we know, and need not wait for the next round.
void Node::send_reports(Peer& to, Turn& turn) {
    std::string lines = "NODE " + own_report() + "\r\n";
    for (const auto& report : tree_view_.reports_for(to)) lines += "NODE " + report + "\r\n";
    turn.outbox.send(to, lines);
}

void Node::tree(Peer& from, Turn& turn) {
    std::string lines = "TREESTART\r\nTREE " + own_report() + "self=1;\r\n";
    registry_.for_each([&](Peer& peer) {
        // What kind of link is read from another worker's peer: only what is atomic or guarded.
        if (!peer.is_link || !peer.reachable) return;
        lines += "TREE link=" + peer.id + ";node=" + report_value(peer.node_id) +
                 ";with=" + report_value(peer.client_info) +
                 ";role=" + (peer.is_uplink ? "master" : "slave") +
                 ";synced=" + (peer.synced ? "1" : "0") +
                 ";waiting=" + std::to_string(peer.queued_bytes()) + ";\r\n";
    });
    lines += tree_view_.tree_lines(turn.now.mono);
    lines += "TREEEND\r\n";
    turn.outbox.send(from, lines);
}

}  // namespace clacks::node
