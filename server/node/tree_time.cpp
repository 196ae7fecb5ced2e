// What time it is in the tree: the root's clock, as far as we know it, and what becomes of the
// store when that turns out to be another than we thought. protocol.txt, "Between our nodes".
#include <utility>

#include "server/node/node.hpp"
#include "server/node/words.hpp"

namespace clacks::node {

using interclacks::Link;

/// The lock for the whole store is held.
std::string Node::time_word(const Turn& turn) const {
    return "now=" + word_of(tree_time(turn)) + ";of=" + time_root_ + ";";
}

void Node::tell_tree_time(Peer& to, Turn& turn) {
    if (time_is_doubtful_) return;
    const std::lock_guard lock(whole_store_);
    send_word(to, time_word(turn), turn);
}

/// The master's word counts. If we have been going by another clock until now, by that of the tree
/// whose root we were, all that we have is of that time: it is moved along. (Which is when the
/// master's clock is somewhere else beyond doubt, and by more than one that drifts.) By how much is
/// known to the time that a question and its answer take: so no version is quite what it is where
/// it came from, and all that was told has to be told once more, to us and, as we say that, by us.
///
/// What we have is of the time of `root` already if we were in its tree before: then our clock has
/// been wrong since, because this machine was asleep, or begins with another clock than it ended
/// with; and with it what was written here meanwhile. A master who is in that tree by its memory
/// only knows no better than we do.
void Node::hear_tree_time(Peer& master, WallTime told, std::string_view root, Turn& turn) {
    constexpr std::chrono::seconds drift{1};
    const auto behind = master.link->tree_ahead(told, {tree_time(turn), turn.now.mono});
    const bool far = abs(behind) >= drift;
    std::unique_lock lock(whole_store_);
    if (far && root != time_root_) {
        lock.unlock();
        move_tree_time(master, behind, root, {}, turn);
        return ask_for_everything(turn);
    }
    if (far && root != root_of_path()) return;
    if (root.size() <= longest_id) time_root_ = root;
    if (behind != behind.zero()) {
        tree_offset_ = tree_offset_.load() + behind;
        master.link->tree_time_moved(behind);
    }
    if (far) correct_times(master, behind, turn);
    trust_times(turn);
}

/// The lock for the whole store is held.
void Node::correct_times(Peer& master, std::chrono::microseconds by, Turn& turn) {
    const bool cleared = cleared_here_ && cache_.cleared() == *cleared_here_;
    cache_.correct(by, {.since = trusted_, .of_others = time_is_doubtful_, .cleared = cleared});
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            to->link->all_changed();
            if (!to->positioned) continue;
            if (!to->is_uplink) send_word(*to, time_word(turn), turn);
            if (cleared) send_word(*to, "cleared=" + word_of(cache_.cleared()) + ";", turn);
        }
    });
    // What seemed to be older than the clear was refused.
    if (cleared) ask_for_everything(turn);
    turn.changes_to_feed = true;
    log_.info("tree_time_set",
              {{"client", master.id}, {"by_ms", std::to_string(by.count() / 1000)}});
}

/// What we were told before may have been taken for something else than it was.
void Node::ask_for_everything(Turn& turn) {
    positions_.forget_all();
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (!to->positioned) continue;  // it will hear so when we say where we are
            to->asked_for_all = true;
            send_word(*to, position_word("have", to->node_id, 0), turn);
        }
    });
}

/// Up to now our clock was right. Slaves of ours that waited for that hear of us now, each on its
/// worker. The lock for the whole store is held.
void Node::trust_times(Turn& turn) {
    trusted_ = cache_.last_sequence();
    cleared_here_.reset();
    if (!time_is_doubtful_.exchange(false)) return;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (to->waits_for_time.exchange(false)) {
                to->to_be_positioned = true;
                turn.outbox.work(*to);
            }
        }
    });
}

/// A slave has said who it is. As long as we do not know whether our clock is right, it gets to
/// know nothing that the clock has to do with, and tells us nothing.
void Node::begin_with_slave(Peer& slave, Turn& turn) {
    slave.waits_for_time = true;
    if (time_is_doubtful_ || !slave.waits_for_time.exchange(false)) return;
    send_position(slave, turn);
}

/// The master, whose time we had when we ended, has not been reached since we began again: then we
/// go by our own clock, as the root of a tree of our own.
void Node::give_up_waiting_for_time(Turn& turn) {
    constexpr std::chrono::seconds patience{30};
    if (!time_is_doubtful_ || turn.now.mono < identity_.started.mono + patience) return;
    const std::lock_guard lock(whole_store_);
    time_root_ = identity_.id;
    trust_times(turn);
}

/// Ours and that of all below us. What they say is of the former time until they have heard. Not to
/// before 1970 or beyond what can be written. The master hears `answer` before anything that is
/// said of the new time, which is that of `root`.
void Node::move_tree_time(Peer& master, std::chrono::microseconds by, std::string_view root,
                          std::string_view answer, Turn& turn) {
    const std::lock_guard lock(whole_store_);
    const auto moved = tree_time(turn) + by;
    if (moved < WallTime{} || moved > protocol::latest_time) {
        return log_.error("tree_time_absurd",
                          {{"client", master.id}, {"moved_us", std::to_string(by.count())}});
    }
    if (root.size() <= longest_id) time_root_ = root;
    std::string line;
    Link::format_announcement("moved=" + std::to_string(by.count()) + ";of=" + time_root_ + ";",
                              line);
    master.link->tree_time_moved(by);
    cache_.shift(by, [&] {
        if (!answer.empty()) send_word(master, answer, turn);
        tree_offset_ = tree_offset_.load() + by;
        audience_.read(turn.worker, [&](const Audience& audience) {
            for (Peer* to : audience.links) {
                if (to->is_uplink || !to->positioned) continue;
                to->moved_unheard = to->moved_unheard.load() + by;
                turn.outbox.send(*to, line);
            }
        });
    });
    trust_times(turn);
    log_.info("tree_time_moved",
              {{"client", master.id}, {"by_ms", std::to_string(by.count() / 1000)}});
}

}  // namespace clacks::node
