#include "interclacks/redial.hpp"

#include <algorithm>

namespace clacks::interclacks {

namespace {

/// `time` and as much more as `random` says of `span`.
Redial::milliseconds stretched(Redial::milliseconds time, double random,
                               Redial::milliseconds span) {
    return time +
           Redial::milliseconds(static_cast<long>(random * static_cast<double>(span.count())));
}

}  // namespace

void Redial::told_to_wait(const std::string& master, milliseconds wait, double random,
                          MonoTime now) {
    not_before_[master] = now + stretched(wait, random, wait / 4);
}

void Redial::refused(const std::string& master, double random, MonoTime now) {
    not_before_[master] = now + stretched(longest_ / 2, random, longest_ / 2);
}

MonoTime Redial::due(std::string_view master) const {
    const auto found = not_before_.find(master);
    return found == not_before_.end() ? MonoTime::min() : found->second;
}

bool Redial::is_due(std::string_view master, MonoTime now) const { return due(master) <= now; }

Redial::milliseconds Redial::next(const std::vector<std::string>& masters, double random,
                                  MonoTime now) {
    MonoTime first = MonoTime::max();
    for (const auto& master : masters) first = std::min(first, due(master));
    const auto delay = backoff_.next(random);
    if (first <= now + delay) return delay;
    return std::chrono::ceil<milliseconds>(first - now);
}

}  // namespace clacks::interclacks
