#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/backoff.hpp"
#include "protocol/time.hpp"

namespace clacks::interclacks {

/// When a slave dials which of its masters again. One that cannot be reached, after a growing,
/// random delay. One that has said no, when it wants to hear us again: whoever knocks before that
/// is not heard, and keeps others at its address out. No clock, no dice: the caller throws them.
class Redial {
public:
    using milliseconds = std::chrono::milliseconds;

    /// The growing delays are drawn as by Backoff.
    Redial(milliseconds first, milliseconds longest)
        : backoff_(first, longest), longest_(longest) {}

    /// The master has not looked at our login: not before `wait` is over, and up to a quarter
    /// later, so that all whom it told so do not come back in the same instant. `random` is uniform
    /// in [0, 1).
    void told_to_wait(const std::string& master, milliseconds wait, double random, MonoTime now);

    /// The master does not accept our login. Somebody has to correct it, perhaps there: we try
    /// again after half to all of the longest delay. `random` as above.
    void refused(const std::string& master, double random, MonoTime now);

    /// The link was in step: the next delay is the shortest again.
    void served() { backoff_.reset(); }

    /// Whether the master may be dialled now.
    bool is_due(std::string_view master, MonoTime now) const;

    /// How long to wait until some of `masters`, not empty, are to be dialled. `random` as above.
    milliseconds next(const std::vector<std::string>& masters, double random, MonoTime now);

private:
    MonoTime due(std::string_view master) const;

    protocol::Backoff backoff_;
    milliseconds longest_;
    std::map<std::string, MonoTime, std::less<>> not_before_;
};

}  // namespace clacks::interclacks
