#include "interclacks/link.hpp"

#include <algorithm>
#include <utility>

namespace clacks::interclacks {

using protocol::Command;
using protocol::Verb;

namespace {

/// A peer may have a shorter timeout than ours and cannot say so; hence never slower than this.
constexpr std::chrono::milliseconds slowest_ping = std::chrono::seconds(5);

constexpr std::string_view announcement_word = "clacks ";

bool is_one(std::string_view text) { return text == "1"; }

/// The peer's own, not one that is on its way through the tree.
bool is_error(const Command& command) {
    const auto& flags = command.flags;
    return command.verb == Verb::overhead && flags.has('E') && !flags.has('G') && !flags.has('N');
}

}  // namespace

Link::Link(Role role, cache::Origin origin, Settings settings, Now now)
    : role_(role),
      origin_(origin),
      settings_(std::move(settings)),
      phase_(role == Role::uplink ? Phase::login : Phase::sending),
      greeted_(role == Role::downlink),
      asked_(now.wall),
      asked_tree_time_(now.wall),
      heard_(now.mono),
      pinged_(now.mono),
      known_(role == Role::downlink) {}

void Link::open(Now now, std::string& out) {
    asked_ = now.wall;
    if (role_ == Role::uplink) {
        out += "CLACKS " + settings_.software + " in interclacks client mode\r\n";
        out += "OVERHEAD A " + protocol::encode_token(settings_.identity) + "\r\nOVERHEAD I 1\r\n";
        format_announcement(settings_.announcement, out);
        return;
    }
    out += "CLACKS " + settings_.software + " in interclacks master mode\r\n";
    out += "OVERHEAD M Authentication required\r\n";
    out += "OVERHEAD A " + protocol::encode_token(settings_.identity) + "\r\n";
    format_announcement(settings_.announcement, out);
    out += "OVERHEAD L 1\r\n";
    tell_time(now, out);
}

Link::Next Link::on(const Command& command, Now now, std::string& out) {
    if (!greeted_) {
        if (is_error(command)) return Next::peer_error;  // there is no room for us, for instance
        if (command.verb != Verb::clacks) return Next::not_clacks;
        greeted_ = true;
    }
    switch (command.verb) {
        case Verb::clacks:
            peer_software_ = command.value;
            return Next::nothing;
        case Verb::overhead:
            return on_overhead(command, now, out);
        case Verb::keysync:
            if (!takes_signals()) return Next::nothing;
            heard_ = now.mono;
            return Next::merge;
        case Verb::ping:
            heard_ = now.mono;
            return Next::nothing;
        case Verb::noping:
        case Verb::nop:
        case Verb::listen:
        case Verb::unlisten:
        case Verb::monitor:
        case Verb::unmonitor:
            return Next::nothing;  // a plain link is no listener and no monitor
        default:
            return takes_signals() ? Next::execute : Next::nothing;
    }
}

Link::Next Link::on_nonsense() const {
    if (!greeted_) return Next::not_clacks;
    return takes_signals() ? Next::execute : Next::nothing;
}

Link::Next Link::on_overhead(const Command& command, Now now, std::string& out) {
    const auto& flags = command.flags;
    if (flags.has('A')) {
        const bool expected = role_ == Role::uplink && !takes_signals();
        return expected ? Next::check_login : Next::nothing;
    }
    // With G it is anybody's message on its way through the tree, not a word about this link.
    const bool passing = flags.has('G');
    if (flags.has('F') && !passing) return Next::login_refused;
    if (!takes_signals()) {
        const bool denied = !passing && flags.has('E') && command.value == "permission_denied";
        if (denied) return Next::login_refused;
        return is_error(command) ? Next::peer_error : Next::nothing;
    }
    if (flags.has('T')) {
        if (const auto told = protocol::parse_time(command.value)) {
            offset_.sample(asked_, *told, now.wall);
        }
        // At once, so that the master knows our clock to a round trip however long its store takes.
        if (phase_ == Phase::receiving) tell_time(now, out);
        return Next::nothing;
    }
    if (flags.has('L')) {
        // Only the master locks and unlocks.
        return role_ == Role::uplink ? on_lock(is_one(command.value), now, out) : Next::nothing;
    }
    if (flags.has('M') && !passing && parse_announcement(command.value)) {
        speaks_extensions_.store(true, std::memory_order_relaxed);
        return Next::announced;
    }
    if (flags.has('I') || (flags.has('O') && !passing)) return Next::nothing;
    return Next::execute;
}

Link::Next Link::on_lock(bool locked, Now now, std::string& out) {
    heard_ = now.mono;
    if (locked) {
        if (phase_ == Phase::login) phase_ = Phase::receiving;
        return Next::nothing;
    }
    if (phase_ != Phase::receiving) return Next::nothing;
    phase_ = Phase::sending;
    tell_time(now, out);
    return Next::send_store;
}

void Link::login_checked(bool known, std::string& out) {
    known_.store(known, std::memory_order_relaxed);
    out += known ? "OVERHEAD O Welcome!\r\n" : "OVERHEAD F Login failed!\r\n";
}

cache::EntryView Link::on_our_clock(const Command& keysync) const {
    cache::EntryView entry;
    entry.key = keysync.name;
    entry.deleted = keysync.mode == "D";
    if (!entry.deleted) entry.value = keysync.value;
    entry.changed = offset_.to_ours(keysync.changed);
    entry.accessed = entry.deleted ? entry.changed : offset_.to_ours(keysync.accessed);
    entry.origin = origin_;
    return entry;
}

void Link::feed_from(cache::Cache& cache, cache::Sequence confirmed) {
    const std::lock_guard lock(feeding_);
    cursor_ = std::make_unique<cache::Cursor>(cache, confirmed);
    // It may have become something else there.
    echoed_up_to_ = confirmed == 0 ? cache.last_sequence() : 0;
    feeds_ = true;
    resumed_ = confirmed != 0;
    all_changed();
}

std::chrono::microseconds Link::tree_ahead(WallTime told, Now now) {
    tree_clock_.sample(asked_tree_time_, told, now.wall);
    return -tree_clock_.value();
}

void Link::tree_time_moved(std::chrono::microseconds by) {
    tree_clock_ = {};
    asked_tree_time_ += by;
}

void Link::feed_complete(Now now, std::string& out) {
    if (phase_ == Phase::sending) finish_sending(now, out);  // else that was done as a plain link
    live_.store(true, std::memory_order_release);
}

void Link::clear() {
    if (!takes_signals()) return;  // the peer will not hear of it
    sent_shards_.store(cache::Cache::shard_count, std::memory_order_relaxed);
}

bool Link::outdated(const cache::EntryView& theirs, const cache::EntryView& ours) const {
    return role_ == Role::downlink && ours.origin != origin_ && ours.changed > store_sent_ &&
           theirs.changed <= ours.changed + offset_.doubt();
}

void Link::finish_sending(Now now, std::string& out) {
    phase_ = Phase::live;
    store_sent_ = now.wall;
    if (role_ == Role::downlink) out += "OVERHEAD L 0\r\n";
    ping(now, out);
}

MonoTime Link::deadline() const {
    const auto interval = std::min(settings_.ping_timeout / 3, slowest_ping);
    return std::min(pinged_ + interval, heard_ + settings_.ping_timeout);
}

bool Link::on_deadline(Now now, std::string& out) {
    if (now.mono >= heard_ + settings_.ping_timeout) return false;
    if (now.mono >= deadline()) ping(now, out);
    return true;
}

void Link::ping(Now now, std::string& out) {
    pinged_ = now.mono;
    if (!takes_signals()) return;
    out += "PING\r\n";
    if (role_ != Role::uplink || !speaks_extensions()) return;
    format_announcement("ask=1;", out);
}

void Link::tell_time(Now now, std::string& out) {
    out += "OVERHEAD T ";
    protocol::format_time(now.wall, out);
    out += "\r\n";
}

void Link::format_keysync(const cache::EntryView& stored, WallTime now,
                          std::chrono::microseconds ahead, std::string& out) {
    const auto entry = cache::as_of(stored, now + ahead);
    Command command;
    command.verb = Verb::keysync;
    command.name = entry.key;
    command.value = entry.deleted ? std::string_view("REMOVED") : entry.value;
    command.changed = entry.changed - ahead;
    command.accessed = entry.deleted ? WallTime{} : entry.accessed - ahead;
    command.mode = entry.deleted ? "D" : "U";
    protocol::format(command, out);
}

void Link::format_announcement(std::string_view text, std::string& out) {
    if (text.empty()) return;
    out.append("OVERHEAD M ").append(announcement_word).append(text).append("\r\n");
}

std::optional<std::string_view> Link::parse_announcement(std::string_view value) {
    if (!value.starts_with(announcement_word)) return std::nullopt;
    return value.substr(announcement_word.size());
}

}  // namespace clacks::interclacks
