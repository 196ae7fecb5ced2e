#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "protocol/time.hpp"

namespace clacks::node {

/// Slows down the guessing of passwords: an address from which logins fail again and again has to
/// wait before its next one counts, longer each time. Who tries earlier is refused unheard, so a
/// guesser learns nothing, however many connections it opens. Of IPv6 an "address" is its /64: who
/// has one address of that has them all. Off the way of messages; one lock.
class LoginGuard {
public:
    using Duration = std::chrono::milliseconds;

    static constexpr unsigned free_failures = 5;  ///< people mistype
    static constexpr Duration first_wait{500};    ///< doubled with each failure
    static constexpr Duration longest_wait = std::chrono::seconds(60);
    static constexpr Duration forgotten_after = std::chrono::minutes(10);
    static constexpr std::size_t most_addresses = 10'000;  ///< remembered at the same time

    /// `address` as text: IPv4, or IPv6 as inet_ntop() writes it. What belongs together is equal.
    static std::string network_of(std::string_view address);

    /// How long logins from this address are refused unheard from `now` on; 0: not at all.
    Duration wait(std::string_view address, MonoTime now) const;

    /// A login from this address has failed. Not for those that were refused unheard.
    void failed(std::string_view address, MonoTime now);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Failures {
        unsigned count = 0;
        MonoTime last{};
        MonoTime refused_until{};
    };
    void forget_old(MonoTime now);

    mutable std::mutex mutex_;
    boost::unordered_flat_map<std::string, Failures, Hash, std::equal_to<>> failures_;
};

}  // namespace clacks::node
