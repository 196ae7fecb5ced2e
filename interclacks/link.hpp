#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "cache/cursor.hpp"
#include "interclacks/clock_offset.hpp"
#include "interclacks/versioned_keysync.hpp"
#include "protocol/command.hpp"
#include "protocol/credentials.hpp"
#include "protocol/time.hpp"

namespace clacks::interclacks {

/// One node's end of a link to another: handshake, exchange of the stores, keepalive. A state
/// machine without sockets: commands and time go in, lines to send come out.
///
///     slave (uplink)                                  master (downlink)
///     CLACKS, OVERHEAD A, I 1, M clacks ------------>
///                                       <------------ CLACKS, M, OVERHEAD A, M clacks, L 1, T
///     checks the master's login, T      ------------>
///                                       <------------ KEYSYNC … (its store), L 0, PING
///     T, KEYSYNC … (its store)          ------------>
///                 both forward what they execute, and PING
///
/// To a plain peer the store goes shard by shard, and what is executed meanwhile or later as the
/// commands they are. With `OVERHEAD M clacks …`, which Net::Clacks ignores, two of our nodes
/// recognise each other; then all of it, sync and live changes alike, is a cursor on the store's
/// changes, which begins where the peer's last link to us ended (feed_from(), feed()).
///
/// Owned by the session that carries it and driven on that session's thread; what others may call
/// says so. Source: protocol.txt, "Interclacks".
class Link {
public:
    enum class Role : std::uint8_t { uplink, downlink };

    /// What the node has to do about a command that came over the link.
    enum class Next : std::uint8_t {
        nothing,      ///< it was the link's own affair
        execute,      ///< treat it like any command, with all permissions
        merge,        ///< a KEYSYNC: merge `on_our_clock(command)` into the cache
        check_login,  ///< uplink: is the master's token one of our users'? then login_checked()
        send_store,   ///< start calling send_some()
        announced,    ///< the peer is one of our nodes; `command.value` says more
        peer_error,   ///< uplink: `command.value` is why the master does not let us in, or will not
        login_refused,  ///< the peer does not accept our user, or not for a link: close
        not_clacks,     ///< the peer's first line is none of the protocol's: close
    };

    struct Settings {
        std::string software;            ///< what we call ourselves in CLACKS
        protocol::Credentials identity;  ///< as whom we log in at the peer
        std::chrono::milliseconds ping_timeout = std::chrono::seconds(60);
        std::string announcement{};  ///< what we say of ourselves: see format_announcement
    };

    /// `origin` marks what the peer told us; a number that no other link of this process had.
    Link(Role role, cache::Origin origin, Settings settings, Now now);

    /// The lines that open the link: the slave's first ones, the master's answer to OVERHEAD I.
    void open(Now now, std::string& out);

    Next on(const protocol::Command& command, Now now, std::string& out);
    /// A line that is no command of the protocol came: nothing, execute (answer it like a
    /// client's) or not_clacks.
    Next on_nonsense() const;

    /// After Next::check_login. A master that is not known to us is obeyed in nothing.
    void login_checked(bool known, std::string& out);

    /// A plain KEYSYNC as an entry whose times are on our clock.
    cache::EntryView on_our_clock(const protocol::Command& keysync) const;

    /// Sends a plain peer the next part of the store: calls `send(std::string_view lines)`, while
    /// the shard the lines are from is still locked, so that no change of it can slip in between.
    /// What the peer itself told us over this link is left out. Returns true while there is more.
    /// `ahead`: of our clock, the time of the store. `scratch` is overwritten.
    template <class Send>
    bool send_some(cache::Cache& cache, Now now, std::string& scratch, Send&& send,
                   std::chrono::microseconds ahead = {});

    /// The peer, one of our nodes, has all our changes up to `confirmed` (0: knows nothing of us):
    /// feed() will go on from there. `cache` must outlive the link.
    void feed_from(cache::Cache& cache, cache::Sequence confirmed);
    bool knows_where_to_feed_from() const { return feeds_; }
    /// What the peer has should be no older than what we have, but for what crosses on the way.
    bool has_been_fed() const { return is_live() || resumed_; }

    /// An entry of this shard has changed. By any thread.
    void changed(unsigned shard) {
        const std::uint32_t bit = std::uint32_t{1} << shard;
        if ((changed_shards_.load(std::memory_order_relaxed) & bit) == 0) {
            changed_shards_.fetch_or(bit);
        }
    }
    /// All shards may have: so that what feed() has sent then is everything.
    void all_changed() { changed_shards_.store(~std::uint32_t{0}); }

    /// Sends one of our nodes what has changed: calls `send(std::string_view lines)`, piece by
    /// piece while `room()` holds, while the shard the lines are from is still locked: so whoever
    /// moves all times does it before or after they are sent. What the peer itself told us over
    /// this link is left out, unless it asks for everything anew. Returns whether all was sent; it
    /// stops also when it has looked at a good many entries. By any thread once is_live(), else on
    /// the link's own.
    template <class Send, class Room>
    bool feed(std::string& scratch, Send&& send, Room&& room);

    /// After the first feed() that sent everything: our side of the sync is complete.
    void feed_complete(Now now, std::string& out);

    /// The master, one of our nodes, says what time it is in the tree. Returns by how much that is
    /// ahead of what we took for it (`now.wall`), as far as question and answers tell beyond doubt.
    std::chrono::microseconds tree_ahead(WallTime told, Now now);
    /// What we take for it is another now.
    void tree_time_moved(std::chrono::microseconds by);
    /// open(), or a PING, asks for it at this time, as we know it.
    void asks_tree_time(WallTime known) { asked_tree_time_ = known; }

    /// It is our turn to send the store, or it has been sent.
    bool is_sending() const { return phase_ == Phase::sending || phase_ == Phase::live; }

    /// Whether feed() may be called by any thread.
    bool is_live() const { return live_.load(std::memory_order_acquire); }

    /// A CLEARCACHE is about to go out; every shard is locked. Nothing is left of what has not been
    /// sent yet, and what is written from now on goes out at once: the peer gives the CLEARCACHE
    /// the time of its arrival, and would take a KEYSYNC from before that for something older.
    void clear();

    /// Whether a KEYSYNC is an echo of what we had before `ours`: that was written when our whole
    /// store had been sent, so the peer hears of it anyway, and `theirs` is newer by no more than
    /// the clocks are in doubt. (Net::Clacks sends back what it was told, as if it were newer.)
    bool outdated(const cache::EntryView& theirs, const cache::EntryView& ours) const;

    /// Whether a plain peer hears of a change to this shard at once. Before that it is part of what
    /// send_some() will send. Only meaningful while the shard is locked. By any thread.
    bool carries(unsigned shard) const {
        return shard < sent_shards_.load(std::memory_order_relaxed);
    }

    /// Whether signals go out: the peer is known and has let us in. By any thread.
    bool takes_signals() const { return known_.load(std::memory_order_relaxed); }

    /// Whether the peer is one of our nodes. By any thread.
    bool speaks_extensions() const { return speaks_extensions_.load(std::memory_order_relaxed); }

    Role role() const { return role_; }
    cache::Origin origin() const { return origin_; }
    /// Both stores have been exchanged as far as we are concerned.
    bool synced() const { return phase_ == Phase::live; }
    /// The peer's first line was one of the protocol.
    bool greeted() const { return greeted_; }
    /// As whom we log in at the peer.
    const std::string& our_user() const { return settings_.identity.user; }
    /// What the peer calls itself.
    const std::string& peer_software() const { return peer_software_; }
    std::chrono::microseconds clock_offset() const { return offset_.value(); }

    /// When on_deadline() wants to be called.
    MonoTime deadline() const;
    /// Sends the PING that is due. Returns false if the peer has been silent for too long.
    bool on_deadline(Now now, std::string& out);

    /// Appends the KEYSYNC line of an entry for a plain peer: as it counts at `now` on our clock,
    /// of which the time of the store is `ahead`.
    static void format_keysync(const cache::EntryView& entry, WallTime now,
                               std::chrono::microseconds ahead, std::string& out);

    /// Appends the line by which our nodes recognise each other. `text`: `key=value;…`.
    static void format_announcement(std::string_view text, std::string& out);
    /// The `key=value;…` of such a line's value, or nothing if it is another informal line.
    static std::optional<std::string_view> parse_announcement(std::string_view value);

private:
    enum class Phase : std::uint8_t { login, receiving, sending, live };

    Next on_overhead(const protocol::Command& command, Now now, std::string& out);
    Next on_lock(bool locked, Now now, std::string& out);
    void ping(Now now, std::string& out);
    static void tell_time(Now now, std::string& out);
    void finish_sending(Now now, std::string& out);

    const Role role_;
    const cache::Origin origin_;
    const Settings settings_;
    Phase phase_;
    bool greeted_ = false;
    std::string peer_software_;
    WallTime asked_{};  ///< when we last sent what the peer's OVERHEAD T answers
    ClockOffset offset_;
    WallTime asked_tree_time_{};  ///< when we last sent what the master's word of it answers
    ClockOffset tree_clock_;
    WallTime store_sent_ = WallTime::max();  ///< when the last of our store was sent
    MonoTime heard_;
    MonoTime pinged_;
    std::atomic<bool> known_{false};
    std::atomic<bool> speaks_extensions_{false};
    std::atomic<unsigned> sent_shards_{0};

    std::mutex feeding_;  ///< one at a time uses the cursor
    std::unique_ptr<cache::Cursor> cursor_;
    cache::Sequence echoed_up_to_ = 0;  ///< what the peer told us before is told it, too
    bool feeds_ = false;                ///< the cursor is for feed(), not for send_some()
    bool resumed_ = false;
    std::atomic<std::uint32_t> changed_shards_{0};
    std::atomic<bool> live_{false};
    static_assert(cache::Cache::shard_count == 32, "a bit for each in changed_shards_");

    /// So much is sent at once: enough to keep a socket busy, little enough that nobody waits long
    /// for the shard it is from.
    static constexpr std::size_t piece_bytes = 64U << 10U;
    /// So many entries are looked at for that, most of which may be the peer's own.
    static constexpr std::size_t piece_entries = 1000;
    /// So many by one feed(), so that the thread has time for others.
    static constexpr std::size_t most_entries_at_once = 20'000;
};

template <class Send>
bool Link::send_some(cache::Cache& cache, Now now, std::string& scratch, Send&& send,
                     std::chrono::microseconds ahead) {
    if (phase_ != Phase::sending) return false;
    constexpr unsigned all = cache::Cache::shard_count;
    const unsigned index = sent_shards_.load(std::memory_order_relaxed);
    if (index < all) {
        if (!cursor_) cursor_ = std::make_unique<cache::Cursor>(cache);
        scratch.clear();
        const auto overtaken = [&] { return carries(index); };  // by clear(), before we locked
        cursor_->step(
            index,
            [&](const cache::EntryView& entry) {
                if (overtaken()) return false;
                if (entry.origin != origin_) format_keysync(entry, now.wall, ahead, scratch);
                return scratch.size() < piece_bytes;
            },
            [&](bool at_end) {
                if (overtaken()) return;
                if (at_end) sent_shards_.store(index + 1, std::memory_order_relaxed);
                if (!scratch.empty()) send(std::string_view(scratch));
            },
            piece_entries);
        if (!carries(all - 1)) return true;
    }
    cursor_.reset();
    scratch.clear();
    finish_sending(now, scratch);
    send(std::string_view(scratch));
    return false;
}

template <class Send, class Room>
bool Link::feed(std::string& scratch, Send&& send, Room&& room) {
    const std::lock_guard lock(feeding_);
    if (!feeds_) return true;
    auto shards = changed_shards_.exchange(0);
    for (std::size_t looked = 0; shards != 0;) {
        if (looked >= most_entries_at_once || !room()) {
            changed_shards_.fetch_or(shards);
            return false;
        }
        scratch.clear();
        const auto shard = static_cast<unsigned>(std::countr_zero(shards));
        looked += cursor_->step(
            shard,
            [&](const cache::EntryView& entry) {
                if (entry.origin != origin_ || entry.sequence <= echoed_up_to_)
                    format_versioned(entry, scratch);
                return scratch.size() < piece_bytes;
            },
            [&](bool at_end) {
                if (at_end) shards &= shards - 1;
                if (!scratch.empty()) send(std::string_view(scratch));
            },
            piece_entries);
    }
    return true;
}

}  // namespace clacks::interclacks
