// What two nodes of ours tell each other beyond what a plain link knows: where they were, what time
// it is in the tree, when it was cleared; and the changes of the store, as the cursor of the link
// comes by them. protocol.txt, "Between our nodes".
#include <charconv>
#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using interclacks::Link;

namespace {

/// While more than this is waiting the link goes on later: enough to keep a socket busy, little
/// enough that signals do not queue behind it.
constexpr std::size_t most_waiting_bytes = 1U << 20U;

/// Microseconds since 1970.
std::string word_of(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<WallTime> time_of(std::optional<std::string_view> word) {
    const auto count = word ? parse_number<std::int64_t>(*word) : std::nullopt;
    if (!count || *count < 0 || *count > protocol::latest_time.time_since_epoch().count()) {
        return std::nullopt;
    }
    return WallTime(std::chrono::microseconds(*count));
}

/// Microseconds; no more than lie between any two times.
std::optional<std::chrono::microseconds> span_of(std::optional<std::string_view> word) {
    const auto count = word ? parse_number<std::int64_t>(*word) : std::nullopt;
    const auto most = protocol::latest_time.time_since_epoch().count();
    if (!count || *count < -most || *count > most) return std::nullopt;
    return std::chrono::microseconds(*count);
}

/// `id:sequence`
struct Position {
    std::string_view node;
    cache::Sequence sequence;
};

std::optional<Position> parse_position(std::optional<std::string_view> word) {
    if (!word) return std::nullopt;
    const auto colon = word->rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto sequence = parse_number<cache::Sequence>(word->substr(colon + 1));
    if (!sequence) return std::nullopt;
    return Position{word->substr(0, colon), *sequence};
}

}  // namespace

std::string Node::position_of(std::string_view node) const {
    const std::lock_guard lock(positions_mutex_);
    const auto found = positions_.find(node);
    const auto sequence = found == positions_.end() ? 0 : found->second;
    return std::string(node) + ":" + std::to_string(sequence);
}

/// The peer has said who it is: it hears what we have of it, and goes on from there.
void Node::send_position(Peer& peer, Turn& turn) {
    peer.positioned = true;  // before we look when we were cleared
    std::string text = "have=" + position_of(peer.node_id) + ";";
    if (const auto cleared = cache_.cleared(); cleared != WallTime::min()) {
        text += "cleared=" + word_of(cleared) + ";";
    }
    if (!peer.is_uplink) text += "now=" + word_of(tree_time(turn)) + ";";
    std::string line;
    Link::format_announcement(text, line);
    turn.outbox.send(peer, line);
}

/// Words about the link, behind OVERHEAD M clacks.
void Node::on_word(Peer& peer, std::string_view text, Turn& turn) {
    if (const auto now = time_of(report_field(text, "now")); now && peer.is_uplink) {
        hear_tree_time(peer, *now, turn);
        if (!peer.positioned) send_position(peer, turn);
    }
    if (report_field(text, "ask") && !peer.is_uplink) tell_tree_time(peer, turn);
    if (const auto by = span_of(report_field(text, "moved")); by && peer.is_uplink) {
        move_tree_time(peer, *by, turn);
        std::string line;
        Link::format_announcement("heard=" + std::to_string(by->count()) + ";", line);
        turn.outbox.send(peer, line);
    }
    if (const auto by = span_of(report_field(text, "heard")); by && !peer.is_uplink) {
        peer.moved_unheard = peer.moved_unheard.load() - *by;
    }
    if (auto cleared = time_of(report_field(text, "cleared"))) {
        *cleared += peer.moved_unheard.load();
        if (*cleared > cache_.cleared()) {
            cache_.merge_clear(*cleared);
            forward_clear(&peer, *cleared, turn);
        }
    }
    if (const auto have = parse_position(report_field(text, "have"))) {
        peer.link->feed_from(cache_, have->node == identity_.id ? have->sequence : 0);
        feed(peer, turn);
    }
    if (const auto at = parse_position(report_field(text, "at")); at && at->node == peer.node_id) {
        const std::lock_guard lock(positions_mutex_);
        positions_[peer.node_id] = at->sequence;
    }
}

void Node::tell_tree_time(Peer& to, Turn& turn) {
    std::string line;
    Link::format_announcement("now=" + word_of(tree_time(turn)) + ";", line);
    turn.outbox.send(to, line);
}

/// The master's word counts. If we have been going by another clock until now, by that of the tree
/// whose root we were, all that we have is of that time: it is moved along. (Which is when the
/// master's clock is somewhere else beyond doubt, and by more than one that drifts.)
void Node::hear_tree_time(Peer& master, WallTime told, Turn& turn) {
    constexpr std::chrono::seconds drift{1};
    const auto behind = master.link->tree_ahead(told, {tree_time(turn), turn.now.mono});
    if (behind == behind.zero()) return;
    if (abs(behind) >= drift) return move_tree_time(master, behind, turn);
    tree_offset_ = tree_offset_.load() + behind;
    master.link->tree_time_moved(behind);
}

/// Ours and that of all below us. What they say is of the former time until they have heard. Not to
/// before 1970 or beyond what can be written.
void Node::move_tree_time(Peer& master, std::chrono::microseconds by, Turn& turn) {
    const auto moved = tree_time(turn) + by;
    if (moved < WallTime{} || moved > protocol::latest_time) {
        return log_.error("tree_time_absurd",
                          {{"client", master.id}, {"moved_us", std::to_string(by.count())}});
    }
    std::string line;
    Link::format_announcement("moved=" + std::to_string(by.count()) + ";", line);
    master.link->tree_time_moved(by);
    cache_.shift(by, [&] {
        tree_offset_ = tree_offset_.load() + by;
        audience_.read(turn.worker, [&](const Audience& audience) {
            for (Peer* to : audience.links) {
                if (to->is_uplink || !to->positioned) continue;
                to->moved_unheard = to->moved_unheard.load() + by;
                turn.outbox.send(*to, line);
            }
        });
    });
    log_.info("tree_time_moved",
              {{"client", master.id}, {"by_ms", std::to_string(by.count() / 1000)}});
}

/// The next part for a link of this worker, which may still be in its sync. When all has been sent
/// the peer is told up to where that goes.
void Node::feed(Peer& peer, Turn& turn) {
    Link& link = *peer.link;
    peer.sending_store = false;
    if (!link.is_sending() || !link.knows_where_to_feed_from()) return;
    if (!feed_on(peer, turn)) return;
    // What is numbered so far is in its shard by the time we have come to the end of that.
    const auto up_to = cache_.last_sequence();
    link.all_changed();
    if (!feed_on(peer, turn)) return;
    if (!link.is_live()) {
        turn.scratch.clear();
        link.feed_complete(turn.now, turn.scratch);
        if (!turn.scratch.empty()) turn.outbox.send(peer, turn.scratch);
        link_synced(peer, ahead(turn), turn);
    }
    std::string line;
    Link::format_announcement("at=" + identity_.id + ":" + std::to_string(up_to) + ";", line);
    turn.outbox.send(peer, line);
}

/// True: all that had changed has been sent. Else Node::work() goes on when there is room.
bool Node::feed_on(Peer& peer, Turn& turn) {
    const bool all = peer.link->feed(
        turn.scratch, [&](std::string_view lines) { turn.outbox.send(peer, lines); },
        [&] { return peer.queued_bytes() < most_waiting_bytes; });
    if (!all && !peer.sending_store.exchange(true)) turn.outbox.work(peer);
    return all;
}

/// Whoever has changed something sends it, on whatever worker the link lives.
void Node::feed_changes(Turn& turn) {
    if (!std::exchange(turn.changes_to_feed, false)) return;
    fed_links_.read(turn.worker, [&](const std::vector<Peer*>& links) {
        for (Peer* peer : links) {
            if (peer->link->is_live() && !peer->sending_store) feed_on(*peer, turn);
        }
    });
}

void Node::merge_versioned(Peer& from, const interclacks::VersionedEntry& told, Turn& turn) {
    const auto room = cache_.make_room(told.entry, tree_time(turn));
    if (!has_room(from, room, turn)) return;
    auto shard = cache_.lock(told.entry.key);
    if (shard.merge(told.entry) != cache::Merge::taken) return;
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    const auto taken = *shard.find(told.entry.key);
    std::string line;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (to->link->speaks_extensions()) {
                to->link->changed(shard.index());
                turn.changes_to_feed = true;
            } else if (to != &from && to->link->carries(shard.index())) {
                if (line.empty()) Link::format_keysync(taken, turn.now.wall, ahead(turn), line);
                turn.outbox.send(*to, line);
            }
        }
    });
}

}  // namespace clacks::node
