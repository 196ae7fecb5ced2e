#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"
#include "interclacks/link.hpp"
#include "protocol/command.hpp"
#include "server/node/complaints.hpp"
#include "server/node/counters.hpp"
#include "server/node/log.hpp"
#include "server/node/login_guard.hpp"
#include "server/node/mirrored.hpp"
#include "server/node/missed_lines.hpp"
#include "server/node/monitor_filter.hpp"
#include "server/node/outbox.hpp"
#include "server/node/outside.hpp"
#include "server/node/past.hpp"
#include "server/node/peer.hpp"
#include "server/node/per_worker.hpp"
#include "server/node/positions.hpp"
#include "server/node/probes.hpp"
#include "server/node/registry.hpp"
#include "server/node/settings.hpp"
#include "server/node/storage.hpp"
#include "server/node/subscriptions.hpp"
#include "server/node/tree_view.hpp"
#include "server/node/users.hpp"

namespace clacks::node {

/// A node without its sockets: lines come in, an outbox fills. Everything that the protocol says a
/// server does is decided here; protocol.txt is its specification.
///
/// Safe for several workers at once, each calling with the peers it owns and its own Turn. Locks
/// are taken in this order, and never kept beyond a call: the whole store, the links to be fed, the
/// cursor of one, a shard of the cache, the audience or the subscriptions, what a monitor misses,
/// the output of a session.
class Node {
public:
    /// Who the node is, as long as the process runs.
    struct Identity {
        std::string software;  ///< what it calls itself in CLACKS lines
        std::string id;        ///< a word that no other node of the tree has
        Now started;
        cache::HashKey hash_key = cache::random_hash_key();  ///< a given one makes runs repeatable
    };

    /// `log` must outlive the node. Throws std::invalid_argument if `settings` has no user.
    Node(Settings settings, Identity identity, unsigned worker_count, Log& log, Past past = {});

    // --- connections; each peer passes through these in this order ---

    /// A client (or a slave, as yet unknown) has connected: registers and greets it.
    void connected(Peer& peer, Turn& turn);
    /// We have connected to a master: registers it and logs in there.
    void connected_to_master(Peer& peer, protocol::Credentials identity, Turn& turn);
    /// One line from the peer, without its line end. Views in it need to live during the call only.
    /// Not while peer.is_busy().
    void line(Peer& peer, std::string_view line, Turn& turn);
    /// A line was longer than line_limit(); the rest of it is being dropped.
    void oversize(Peer& peer, Turn& turn);
    /// What Outbox::check_password() has been asked for. Nothing: the password has not been looked
    /// at, since login_guard() saw no need.
    void password_checked(Peer& peer, std::optional<bool> fits, Turn& turn);
    /// The connection is gone; nobody reaches the peer any more when this returns.
    void disconnected(Peer& peer, CloseReason reason, Turn& turn);

    /// The longest line that is taken from the peer at present.
    std::size_t line_limit(const Peer& peer) const;

    /// Sends what this turn has left to be sent together: changes to links, lines to monitors.
    /// Before the outputs are written.
    void end_turn(Turn& turn);

    /// The next part of what takes longer: a link's store, a KEYLIST. To be called while
    /// peer.has_work(); how fast is the caller's decision, by the output that is waiting.
    void work(Peer& peer, Turn& turn);

    /// What the monitors are to see of the lines of this turn goes out to them, all at once: it
    /// would cost others too much line by line. To be called when the lines of a turn are executed,
    /// before connections that are to end are disconnected(), and again before anything is written.
    void send_mirrored(Turn& turn);
    /// Whether some of that has to be sent before anything else is sent to the peer.
    static bool is_mirrored_to(const Peer& to, const Turn& turn) {
        return to.sees_all ? !turn.mirrored.lines().empty()
                           : turn.mirrored_to_others && to.monitoring;
    }

    // --- who changes the store without being a peer: clients of the memcached protocol ---

    /// To be told by whoever has made the change through cache(), while the shard is locked: so
    /// plain nodes hear of the changes of a key in their order. end_turn() tells our own nodes, and
    /// then who listens.
    void changed_outside(const OutsideChange& change, Turn& turn);
    /// As CLEARCACHE. No shard may be locked.
    void clear_outside(std::string_view client, Turn& turn);

    // --- time ---

    /// When on_deadline(peer) wants to be called next; it may be called too early.
    MonoTime deadline(const Peer& peer) const;
    /// Sends the keepalives that are due and closes who has been silent for too long.
    void on_deadline(Peer& peer, Turn& turn);

    /// Forgets what the cache need not remember any longer, one part of it at each call. Returns
    /// when it wants to be called next. To be called by one worker only.
    MonoTime clean(Turn& turn);
    /// Tells the tree about this node, and the log how often what repeats has been. Returns when it
    /// wants to be called next. By one worker only.
    MonoTime report(Turn& turn);

    // --- configuration ---

    /// Puts new users, permissions, limits and times in force, on open connections too: what a user
    /// may no longer listen to ends, who may no longer log in is disconnected, at the other end of
    /// a link too. To be called while no other worker is in the node. Throws std::invalid_argument,
    /// and changes nothing then.
    void reload(Settings settings, Turn& turn);

    /// What the store goes by: the clock of the root of the tree, as far as we know it. Goes on as
    /// the monotonic clock does, whatever becomes of the other.
    WallTime tree_time(const Now& now) const {
        return WallTime(std::chrono::floor<std::chrono::microseconds>(
            now.mono.time_since_epoch() + tree_offset_.load(std::memory_order_relaxed)));
    }

    cache::Cache& cache() { return cache_; }
    /// What is to be saved beside the store. From any thread.
    Knowledge knowledge(const Now& now) const;
    /// Where STATUS and SAVE turn to; it must outlive the node. Null: nowhere. Before anybody is
    /// connected.
    void set_storage(Storage* storage) { storage_ = storage; }
    /// Who changes the store from outside, and has something to say for STATUS; likewise.
    void set_outside(const Outside* outside) { outside_ = outside; }
    /// Whoever else lets people in by a password asks and tells it, too. From any thread.
    LoginGuard& login_guard() { return login_guard_; }
    const Settings& settings() const { return settings_; }
    const Identity& identity() const { return identity_; }

private:
    /// What one MONITOR asked for.
    struct Watch {
        explicit Watch(MonitorFilter wanted) : filter(std::move(wanted)) {}
        const MonitorFilter filter;
        alignas(64) MissedLines missed;  // all workers read the filter, for every line
    };
    struct alignas(64) Monitor {
        Peer* peer;
        std::shared_ptr<Watch> watch{};  ///< the same on all workers
        // What this worker has for it; without conditions Turn::mirrored is for all of them. Under
        // the lock of the copy: another worker sends it when the monitor goes.
        mutable std::uint64_t passed = 0;  ///< lines that met the conditions
        mutable Mirrored mirrored{};
    };
    struct Audience {
        std::vector<Peer*> links;
        std::vector<Monitor> monitors;

        Monitor& monitor_of(Peer& peer);
    };
    // node.cpp
    void execute(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void dispatch(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    static bool permitted(const Peer& from, const protocol::Command& command);
    bool fits_limits(Peer& from, std::string_view name, Turn& turn);
    bool fits_limits(Peer& from, const std::optional<protocol::NamePattern>& pattern, Turn& turn);
    void complain(Peer& about, Complaint what, std::string_view key, std::string_view value);
    void tell_repeated(std::string_view client, const Complaints& complaints);
    void refuse_complex(Peer& from, Turn& turn);
    void refuse(Peer& from, std::string_view line, Turn& turn);
    void deny(Peer& from, Turn& turn);
    void reply(Peer& to, std::string_view verb, std::string_view text, Turn& turn);
    void close(Peer& peer, CloseReason reason, Turn& turn);
    bool login_holds(const Peer& peer, const Users& users) const;
    Counters& count(const Turn& turn) { return counters_[turn.worker]; }

    // login.cpp
    void line_before_login(Peer& peer, std::string_view line, Turn& turn);
    void log_in(Peer& peer, std::string_view token, Turn& turn);
    void check_login(Peer& peer, const protocol::Credentials& given, Turn& turn);
    void login_checked(Peer& peer, const std::shared_ptr<const User>& user, Turn& turn);
    void login_failed(Peer& peer, std::string_view what, Turn& turn);
    void delay_login(Peer& peer, LoginGuard::Duration wait, std::string_view why, Turn& turn);
    std::size_t apply_access(Peer& peer, Access access, Turn& turn);
    void tell_ended(const Peer& peer, std::size_t listens);

    // signals.cpp
    bool listen(Peer& from, std::string_view name, Turn& turn);
    void unlisten(Peer& from, std::string_view name);
    void listen_and_retrieve(Peer& from, const protocol::Command& command, Turn& turn);
    void gaps(Peer& from, std::string_view wanted, std::string_view line, Turn& turn);
    void publish(const Peer* from, const protocol::Command& command, Turn& turn);

    // store.cpp
    void store(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    cache::Room make_room(const protocol::Command& command, Turn& turn);
    bool has_room(Peer& from, const cache::Room& room, Turn& turn);
    void add_and_retrieve(Peer& from, const protocol::Command& command, Turn& turn);
    void retrieve(Peer& from, std::string_view name, Turn& turn);
    using Answer = void (Node::*)(Peer& from, std::string_view name, Turn& turn);
    void answer_each(Peer& from, const protocol::Command& command, std::string_view line,
                     Answer answer, Turn& turn);
    void exists(Peer& from, std::string_view name, Turn& turn);
    void clear_cache(Peer& from, Turn& turn);
    void clear_store(const Peer* from, Turn& turn);
    void signal_of_ours(Peer& from, const protocol::Command& command, Turn& turn);
    void bury_expired(cache::Cache::Shard& shard, std::string_view name, Turn& turn);
    void key_list(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);

    // expiry.cpp
    void store_for(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void expire(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void time_to_live(Peer& from, std::string_view name, Turn& turn);
    void flags(Peer& from, std::string_view name, Turn& turn);

    // conditions.cpp
    void store_if(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void remove_if(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void retrieve_version(Peer& from, std::string_view name, Turn& turn);

    // overhead.cpp
    void overhead(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void forward_overhead(Peer& from, const protocol::Command& command, Turn& turn);

    // links.cpp
    void become_downlink(Peer& peer, Turn& turn);
    void add_link(Peer& peer);
    bool line_from_link(Peer& peer, const boost::system::result<protocol::Command>& command,
                        Turn& turn);
    void check_master(Peer& peer, std::string_view token, Turn& turn);
    void master_checked(Peer& peer, const std::shared_ptr<const User>& user, Turn& turn);
    void send_store(Peer& peer, Turn& turn);
    void link_synced(Peer& peer, std::chrono::microseconds clock, Turn& turn);
    void merge(Peer& from, const protocol::Command& keysync, Turn& turn);
    void forward_signal(const Peer* from, std::string_view line, Turn& turn);
    void forward_change(const Peer* from, unsigned shard, std::string_view line,
                        std::string_view signal, Turn& turn);
    void forward_to_ours(Peer& from, std::string_view lines, Turn& turn);
    void forward_clear(const Peer* from, WallTime cleared, Turn& turn);
    interclacks::Link::Settings link_settings(protocol::Credentials identity) const;
    static cache::Origin origin_of(const Peer& from) {
        return from.link ? from.link->origin() : cache::local_origin;
    }

    // feeds.cpp
    void send_position(Peer& peer, Turn& turn);
    void on_word(Peer& peer, std::string_view text, Turn& turn);
    void feed(Peer& link, Turn& turn);
    bool feed_on(Peer& link, Turn& turn);
    void feed_changes(Turn& turn);
    void on_cleared(Peer& peer, WallTime cleared, Turn& turn);
    void on_have(Peer& peer, std::string_view node, cache::Sequence sequence, Turn& turn);
    void merge_versioned(Peer& from, const protocol::Command& keysync, Turn& turn);
    void send_word(Peer& to, std::string_view text, Turn& turn);
    WallTime tree_time(const Turn& turn) const { return tree_time(turn.now); }
    /// By how much tree time is ahead of the clock that plain peers know.
    std::chrono::microseconds ahead(const Turn& turn) const {
        return tree_time(turn) - turn.now.wall;
    }

    // tree_time.cpp
    void hear_tree_time(Peer& master, WallTime told, std::string_view root, Turn& turn);
    void move_tree_time(Peer& master, std::chrono::microseconds by, std::string_view root,
                        std::string_view answer, Turn& turn);
    std::string time_word(const Turn& turn) const;
    void ask_for_everything(Turn& turn);
    void correct_times(Peer& master, std::chrono::microseconds by, Turn& turn);
    void trust_times(Turn& turn);
    void begin_with_slave(Peer& slave, Turn& turn);
    void give_up_waiting_for_time(Turn& turn);
    void tell_tree_time(Peer& to, Turn& turn);

    // tree.cpp
    static constexpr std::size_t longest_id = 100;
    std::string announcement() const;
    void on_announcement(Peer& peer, std::string_view value, Turn& turn);
    void on_introduction(Peer& peer, std::string_view text, Turn& turn);
    void set_path(std::vector<std::string> path, Turn& turn);
    std::string root_of_path() const;
    void send_probe(Peer& to, Turn& turn);
    static bool is_probe(const protocol::Command& overhead);
    void on_probe(Peer& from, const protocol::Command& probe, std::string_view line, Turn& turn);
    void on_ring(Peer& peer, Turn& turn);
    void log_ring(const Peer& peer);
    void on_report(Peer& from, const protocol::Command& command, Turn& turn);
    void send_reports(Peer& to, Turn& turn);
    std::string own_report() const;
    void tree(Peer& from, Turn& turn);

    // status.cpp
    void features(Peer& from, Turn& turn);
    void status(Peer& from, Turn& turn);
    void save(Peer& from, Turn& turn);

    // outside.cpp
    void publish_outside(Turn& turn);
    void tell_complaints_outside(const Turn& turn);

    // watching.cpp
    void mirror(Peer& from, const boost::system::result<protocol::Command>& command,
                std::string_view line, Turn& turn);
    void mirror_line(std::string_view client, const protocol::Command* command,
                     std::string_view line, Turn& turn);
    bool is_watched() const {
        return sees_all_count_.load(std::memory_order_relaxed) > 0 ||
               filtered_count_.load(std::memory_order_relaxed) > 0;
    }
    Mirrored::Limits monitor_limits(const Turn& turn) const {
        return {turn.now.mono, settings_.limits.monitor_bytes, settings_.limits.output_bytes};
    }
    void show(const Monitor& monitor, const Mirrored& mirrored, Turn& turn);
    void show_own(const Monitor& monitor, Turn& turn);
    void tell_all_missed(Turn& turn);
    static void tell_missed(Peer& to, Watch& watch, std::size_t most_waiting, Turn& turn);
    void tell_monitors(std::string_view event, std::string_view what, Turn& turn);
    void monitor(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void stop_monitoring(Peer& peer, Turn& turn);
    std::atomic<unsigned>& count_of_monitors(const Peer& peer);
    void client_list(Peer& from, Turn& turn);
    void client_disconnect(Peer& from, std::string_view id, Turn& turn);

    Settings settings_;
    const Identity identity_;
    const unsigned worker_count_;
    Log& log_;
    Users users_;
    LoginGuard login_guard_;
    const std::unique_ptr<cache::Cache> own_cache_;
    cache::Cache& cache_;
    Storage* storage_ = nullptr;
    const Outside* outside_ = nullptr;
    Subscriptions subscriptions_;
    Registry registry_;
    PerWorker<Audience> audience_;
    /// The links again, for end_turn(): there nobody holds a shard, so one may be locked behind it.
    PerWorker<std::vector<Peer*>> fed_links_;
    std::unique_ptr<Counters[]> counters_;
    std::atomic<unsigned> link_count_{0};
    std::atomic<unsigned> sees_all_count_{0};  ///< monitors without conditions
    std::atomic<unsigned> filtered_count_{0};  ///< monitors with conditions
    std::atomic<cache::Origin> last_origin_{cache::local_origin};
    unsigned clean_shard_ = 0;
    MonoTime clean_began_{};  ///< with this shard; nothing before it begins

    /// What must be added to the monotonic clock to get tree time.
    std::atomic<std::chrono::microseconds> tree_offset_;
    /// One at a time clears the whole store or moves all its times, or tells somebody what time it
    /// is there: so he hears of what happens in its order.
    mutable std::mutex whole_store_;
    /// We have begun again with a store in the time of a tree, and have not heard what that is.
    std::atomic<bool> time_is_doubtful_;
    // By whole_store_:
    std::string time_root_;    ///< the id of the node whose clock tree time is
    cache::Sequence trusted_;  ///< the last change when the clock was known to be right
    std::optional<WallTime> cleared_here_;  ///< by a client, since then
    Positions positions_;

    /// Of all of those outside together, since the first of them was said.
    struct ComplaintsOutside {
        std::mutex mutex;
        Complaints complaints;
        std::string client;
        MonoTime since;
    };
    ComplaintsOutside complaints_outside_;

    Probes probes_;
    TreeView tree_view_;
    mutable std::mutex path_mutex_;
    std::vector<std::string> path_;  ///< the ids from the root of the tree to this node
};

}  // namespace clacks::node
