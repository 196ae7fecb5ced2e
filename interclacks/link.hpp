#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "interclacks/clock_offset.hpp"
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
/// With `OVERHEAD M clacks …`, which Net::Clacks ignores, two of our nodes recognise each other:
/// from then on extensions may go over the link.
///
/// Owned by the session that carries it and driven on that session's thread; only `carries`,
/// `takes_signals` and `speaks_extensions` are read by others. Source: protocol.txt, "Interclacks".
class Link {
public:
    enum class Role : std::uint8_t { uplink, downlink };

    /// What the node has to do about a command that came over the link.
    enum class Next : std::uint8_t {
        nothing,        ///< it was the link's own affair
        execute,        ///< treat it like any command, with all permissions
        merge,          ///< a KEYSYNC: merge `on_our_clock(command)` into the cache
        check_login,    ///< uplink: is the master's token one of our users'? then login_checked()
        send_store,     ///< start calling send_some()
        announced,      ///< the peer is one of our nodes; `command.value` says more
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

    /// A KEYSYNC as an entry whose times are on our clock.
    cache::EntryView on_our_clock(const protocol::Command& keysync) const;
    /// An instant that the peer named, on our clock. 1970, "never", stays what it is.
    WallTime on_our_clock(WallTime theirs) const;

    /// Sends the next part of the store: calls `send(std::string_view lines)`, while the shard the
    /// lines are from is still locked, so that no change of it can slip in between. What the peer
    /// itself told us over this link is left out. Returns true while there is more. `scratch` is
    /// overwritten.
    template <class Send>
    bool send_some(cache::Cache& cache, Now now, std::string& scratch, Send&& send);

    /// A CLEARCACHE is about to go out; every shard is locked. Nothing is left of what has not been
    /// sent yet, and what is written from now on goes out at once: the peer gives the CLEARCACHE
    /// the time of its arrival, and would take a KEYSYNC from before that for something older.
    void clear();

    /// Whether a KEYSYNC is an echo of what we had before `ours`: that was written when our whole
    /// store had been sent, so the peer hears of it anyway, and `theirs` is newer by no more than
    /// the clocks are in doubt. (Net::Clacks sends back what it was told, as if it were newer.)
    bool outdated(const cache::EntryView& theirs, const cache::EntryView& ours) const;

    /// Whether a change to this shard goes out at once. Before that it is part of what
    /// send_some() will send. Only meaningful while the shard is locked.
    bool carries(unsigned shard) const {
        return shard < sent_shards_.load(std::memory_order_relaxed);
    }

    /// Whether signals go out: the peer is known and has let us in.
    bool takes_signals() const { return known_.load(std::memory_order_relaxed); }

    /// Whether the peer is one of our nodes.
    bool speaks_extensions() const { return speaks_extensions_.load(std::memory_order_relaxed); }

    Role role() const { return role_; }
    cache::Origin origin() const { return origin_; }
    /// Both stores have been exchanged as far as we are concerned.
    bool synced() const { return phase_ == Phase::live; }
    /// The peer's first line was one of the protocol.
    bool greeted() const { return greeted_; }
    /// What the peer calls itself.
    const std::string& peer_software() const { return peer_software_; }
    std::chrono::microseconds clock_offset() const { return offset_.value(); }

    /// When on_deadline() wants to be called.
    MonoTime deadline() const;
    /// Sends the PING that is due. Returns false if the peer has been silent for too long.
    bool on_deadline(Now now, std::string& out);

    /// Appends the KEYSYNC line of an entry as this peer is to hear of it: one of our nodes gets it
    /// as it is stored, with the instant at which it expires behind the letter of the mode; a plain
    /// one, to which that would be an update, gets it as it counts at `now`.
    void format_keysync(const cache::EntryView& entry, WallTime now, std::string& out) const;

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
    WallTime store_sent_ = WallTime::max();  ///< when the last of our store was sent
    MonoTime heard_;
    MonoTime pinged_;
    std::atomic<bool> known_{false};
    std::atomic<bool> speaks_extensions_{false};
    std::atomic<unsigned> sent_shards_{0};
};

template <class Send>
bool Link::send_some(cache::Cache& cache, Now now, std::string& scratch, Send&& send) {
    if (phase_ != Phase::sending) return false;
    constexpr unsigned all = cache::Cache::shard_count;
    if (const unsigned index = sent_shards_.load(std::memory_order_relaxed); index < all) {
        const auto shard = cache.lock(index);
        if (sent_shards_.load(std::memory_order_relaxed) == index) {  // else clear() came first
            scratch.clear();
            shard.for_each([&](const cache::EntryView& entry) {
                if (entry.origin != origin_) format_keysync(entry, now.wall, scratch);
            });
            sent_shards_.store(index + 1, std::memory_order_relaxed);
            if (!scratch.empty()) send(std::string_view(scratch));
        }
    }
    if (sent_shards_.load(std::memory_order_relaxed) < all) return true;
    scratch.clear();
    finish_sending(now, scratch);
    send(std::string_view(scratch));
    return false;
}

}  // namespace clacks::interclacks
