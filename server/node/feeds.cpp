// What two nodes of ours tell each other beyond what a plain link knows: where they were, when the
// store was cleared (what time it is in the tree: tree_time.cpp); and the changes of the store, as
// the cursor of the link comes by them. protocol.txt, "Between our nodes".
#include <algorithm>
#include <charconv>
#include <utility>

#include "server/node/node.hpp"
#include "server/node/words.hpp"

namespace clacks::node {

using interclacks::Link;

namespace {

/// While more than this is waiting the link goes on later: enough to keep a socket busy, little
/// enough that signals do not queue behind it.
constexpr std::size_t most_waiting_bytes = 1U << 20U;

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

/// No more than lies between any two times.
bool is_span(std::chrono::microseconds span) {
    constexpr auto most = protocol::latest_time.time_since_epoch();
    return -most <= span && span <= most;
}

std::optional<std::chrono::microseconds> span_of(std::optional<std::string_view> word) {
    const auto count = word ? parse_number<std::int64_t>(*word) : std::nullopt;
    if (!count || !is_span(std::chrono::microseconds(*count))) return std::nullopt;
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

/// The peer has said who it is: it hears what we have of it, and goes on from there.
void Node::send_position(Peer& peer, Turn& turn) {
    const std::lock_guard lock(whole_store_);
    peer.positioned = true;
    std::string text = position_word("have", peer.node_id, positions_.of(peer.node_id));
    if (const auto cleared = cache_.cleared(); cleared != WallTime::min()) {
        text += "cleared=" + word_of(cleared) + ";";
    }
    if (!peer.is_uplink) text += time_word(turn);
    send_word(peer, text, turn);
}

/// Words about the link, behind OVERHEAD M clacks.
void Node::on_word(Peer& peer, std::string_view text, Turn& turn) {
    if (const auto now = time_of(report_field(text, "now")); now && peer.is_uplink) {
        hear_tree_time(peer, *now, report_field(text, "of").value_or(peer.node_id), turn);
        if (!peer.positioned && !peer.node_id.empty()) send_position(peer, turn);
    }
    if (report_field(text, "ask") && !peer.is_uplink) tell_tree_time(peer, turn);
    if (const auto by = span_of(report_field(text, "moved")); by && peer.is_uplink) {
        move_tree_time(peer, *by, report_field(text, "of").value_or(peer.node_id),
                       "heard=" + std::to_string(by->count()) + ";", turn);
    }
    if (const auto by = span_of(report_field(text, "heard")); by && !peer.is_uplink) {
        const std::lock_guard lock(whole_store_);
        const auto rest = peer.moved_unheard.load() - *by;
        if (is_span(rest)) peer.moved_unheard = rest;
    }
    if (const auto cleared = time_of(report_field(text, "cleared"))) {
        on_cleared(peer, *cleared, turn);
    }
    if (const auto have = parse_position(report_field(text, "have"))) {
        on_have(peer, have->node, have->sequence, turn);
    }
    if (const auto from = parse_position(report_field(text, "from"))) {
        if (from->sequence == 0) peer.asked_for_all = false;
    }
    if (const auto at = parse_position(report_field(text, "at")); at && at->node == peer.node_id) {
        // It has not heard that we want everything, or we have asked too often for a while.
        if (peer.asked_for_all) send_word(peer, position_word("have", peer.node_id, 0), turn);
        // What is refused, or has been forgotten, is to be told again: then not so much is had.
        if (!peer.refused_line && !peer.asked_for_all) positions_.set(at->node, at->sequence);
    }
}

/// What plain nodes write after a clear that was later than now is older than that: it must not be
/// much later. But a root may have begun again with a clock that is behind.
void Node::on_cleared(Peer& peer, WallTime cleared, Turn& turn) {
    constexpr std::chrono::hours doubt{24};
    const std::lock_guard lock(whole_store_);
    cleared += peer.moved_unheard.load();
    if (cleared > tree_time(turn) + doubt) {
        return complain(peer, Complaint::absurd_clear, "time", word_of(cleared));
    }
    if (cleared <= cache_.cleared()) return;
    cache_.merge_clear(cleared);
    forward_clear(&peer, cleared, turn);
}

/// The peer has all our changes up to a number of ours, or knows of nothing any more. If it has
/// missed tombstones that we have forgotten since, it may have what we do not know was removed:
/// then it is to tell us everything, and what it has lives again, here as there.
void Node::on_have(Peer& peer, std::string_view node, cache::Sequence sequence, Turn& turn) {
    // Three at once, and another every ten seconds (a bucket of tokens).
    constexpr std::chrono::seconds pause{10};
    if (peer.asks_paid_until > turn.now.mono + 2 * pause) return;
    const bool first = peer.asks_paid_until == MonoTime{};
    peer.asks_paid_until = std::max(peer.asks_paid_until, turn.now.mono) + pause;
    const bool is_ours = node == identity_.id && sequence <= cache_.last_sequence();
    const cache::Sequence from = is_ours ? sequence : 0;
    std::string text = position_word("from", identity_.id, from);
    const bool missed = first && (from == 0 || from < cache_.last_forgotten());
    if (missed && positions_.of(peer.node_id) != 0) {
        positions_.forget(peer.node_id);
        peer.asked_for_all = true;
        text += position_word("have", peer.node_id, 0);
    }
    send_word(peer, text, turn);
    peer.link->feed_from(cache_, from);
    feed(peer, turn);
}

void Node::send_word(Peer& to, std::string_view text, Turn& turn) {
    std::string line;
    Link::format_announcement(text, line);
    turn.outbox.send(to, line);
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
    // A clear that was not believed, or was corrected, is to be known in the end.
    std::string text = position_word("at", identity_.id, up_to);
    if (const auto cleared = cache_.cleared(); cleared != WallTime::min()) {
        text += "cleared=" + word_of(cleared) + ";";
    }
    send_word(peer, text, turn);
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

void Node::merge_versioned(Peer& from, const protocol::Command& keysync, Turn& turn) {
    // Whoever tells it like to a plain node does not know yet who we are, and will tell it again.
    if (!interclacks::is_versioned(keysync)) return;
    auto told = interclacks::parse_versioned(keysync, from.link->origin());
    const auto now = tree_time(turn);
    const auto room =
        cache_.make_room(told ? told->entry : cache::make_tombstone(keysync.name, now), now);
    if (!has_room(from, room, turn)) return;
    auto shard = cache_.lock(keysync.name);
    if (told) told->shift(from.moved_unheard);
    if (!told || !told->has_believable_time()) {
        from.refused_line = true;
        return complain(from, Complaint::unreadable_keysync, "name", keysync.name);
    }
    const auto result = shard.merge(told->entry);
    const bool taken = result == cache::Merge::taken;
    const bool conflict = result == cache::Merge::kept && from.link->has_been_fed();
    if (!taken && !(conflict && shard.tell_again(keysync.name))) return;
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    const auto ours = *shard.find(keysync.name);
    std::string line;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (to->link->speaks_extensions()) {
                to->link->changed(shard.index());
                turn.changes_to_feed = true;
            } else if (taken && to != &from && to->link->carries(shard.index())) {
                if (line.empty()) Link::format_keysync(ours, turn.now.wall, ahead(turn), line);
                turn.outbox.send(*to, line);
            }
        }
    });
}

}  // namespace clacks::node
