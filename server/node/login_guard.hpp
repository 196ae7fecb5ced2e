#pragma once

#include <array>
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

/// Slows down the guessing of passwords: an address from which logins fail again and again has to
/// wait before its next one counts, longer each time. Who tries earlier is refused unheard, so a
/// guesser learns nothing, however many connections it opens. Of IPv6 an "address" is its /64: who
/// has one address of that has them all.
///
/// The same wrong login once more is no guess: it tells nobody anything new. So a slave, or a
/// script that runs every minute, with a password that has been changed keeps no others at its
/// address out. Only one that comes again within a second counts: to verify it may be dear.
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
    static constexpr std::size_t most_attempts = 4;        ///< of an address, that are no guesses
    static constexpr Duration shortest_repeat = std::chrono::seconds(1);

    /// What was tried. Equal for the same login, and says nothing of it to who has not the key.
    using Attempt = std::uint64_t;
    Attempt attempt(std::string_view login) const { return cache::siphash<2, 4>(login, key_); }

    /// `address` as text: IPv4, or IPv6 as inet_ntop() writes it. What belongs together is equal.
    static std::string network_of(std::string_view address);

    /// How long logins from this address are refused unheard from `now` on; 0: not at all. Never
    /// those from unix_host: who comes by a unix socket is one of us.
    Duration wait(std::string_view address, MonoTime now) const;

    /// A login from this address has failed. Not for those that were refused unheard.
    void failed(std::string_view address, Attempt attempt, MonoTime now);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Known {
        Attempt attempt = 0;
        MonoTime last{};
    };
    struct Failures {
        unsigned count = 0;  ///< of guesses
        MonoTime last{};     ///< of them
        MonoTime refused_until{};
        std::array<Known, most_attempts> known{};

        bool is_repeat(Attempt attempt, MonoTime now);
    };
    void forget_old(MonoTime now);

    const cache::HashKey key_ = cache::random_hash_key();

    mutable std::mutex mutex_;
    boost::unordered_flat_map<std::string, Failures, Hash, std::equal_to<>> failures_;
};

}  // namespace clacks::node
