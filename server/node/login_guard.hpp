#pragma once

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "cache/hash.hpp"
#include "protocol/time.hpp"

namespace clacks::node {

/// Why a login is refused unheard, for people.
inline constexpr std::string_view too_many_failed_logins =
    "too many failed logins from this address";

/// Slows down the guessing of passwords: an address from which logins fail again and again has to
/// wait before its next one counts, longer each time. Who tries earlier is refused unheard, so a
/// guesser learns nothing, however many connections it opens. Of IPv6 an "address" is its /64: who
/// has one address of that has them all.
///
/// The same wrong login once more is no guess: it tells nobody anything new. It does not count, and
/// for a while it need not be verified again. So slaves or scripts with one and the same old
/// password, however many, keep no others at their address out.
///
/// Off the way of messages; one lock.
class LoginGuard {
public:
    using Duration = std::chrono::milliseconds;

    static constexpr unsigned free_failures = 5;  ///< people mistype
    static constexpr Duration first_wait{500};    ///< doubled with each failure
    static constexpr Duration longest_wait = std::chrono::seconds(60);
    static constexpr Duration forgotten_after = std::chrono::minutes(10);
    static constexpr std::size_t most_addresses = 10'000;  ///< remembered at the same time
    static constexpr std::size_t most_attempts = 16;       ///< of an address

    /// What was tried, and of which users it was to be one.
    struct Attempt {
        std::uint64_t login = 0;  ///< equal for the same; says nothing of it to who has not the key
        std::uint64_t generation = 0;
    };
    /// `certificate`: the name in the one that was shown with it, or empty.
    Attempt attempt(std::string_view login, std::string_view certificate = {}) const;

    /// Names, passwords or certificates of users are others now: what was wrong may be right.
    /// While nobody calls attempt().
    void logins_changed() { ++generation_; }
    /// Not since the attempt was made.
    bool is_present(const Attempt& attempt) const { return attempt.generation == generation_; }

    /// `address` as text: IPv4, or IPv6 as inet_ntop() writes it. What belongs together is equal.
    static std::string network_of(std::string_view address);

    /// How long logins from this address are refused unheard from `now` on; 0: not at all. Never
    /// those from unix_host: who comes by a unix socket is one of us.
    Duration wait(std::string_view address, MonoTime now) const;

    /// Whether it has been found to be wrong in the last `forgotten_after`, of the same users.
    /// While wait() says that logins are not heard nobody may be told: others at the address would
    /// learn what has been tried there.
    bool knows(std::string_view address, const Attempt& attempt, MonoTime now);

    /// Whether there is any need to find out if it is right.
    bool is_heard(std::string_view address, const Attempt& attempt, MonoTime now) {
        return wait(address, now).count() == 0 && !knows(address, attempt, now);
    }

    /// A login from this address has been found to be wrong. Counts unless it is among those that
    /// are remembered, be it from other users or too long ago for knows().
    void failed(std::string_view address, const Attempt& attempt, MonoTime now);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Known {
        Attempt attempt{};
        MonoTime verified{};
        MonoTime last = MonoTime::min();  ///< never
    };
    struct Failures {
        unsigned count = 0;  ///< of guesses
        MonoTime last{};     ///< of them
        MonoTime refused_until{};
        std::array<Known, most_attempts> known{};  ///< those that came last

        Known* find(const Attempt& attempt);
        bool remember(const Attempt& attempt, MonoTime now);
    };
    void forget_old(MonoTime now);

    const cache::HashKey key_ = cache::random_hash_key();
    std::atomic<std::uint64_t> generation_{0};  ///< of the users

    mutable std::mutex mutex_;
    boost::unordered_flat_map<std::string, Failures, Hash, std::equal_to<>> failures_;
};

}  // namespace clacks::node
