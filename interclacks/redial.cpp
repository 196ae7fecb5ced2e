#include "interclacks/redial.hpp"

#include <algorithm>

namespace clacks::interclacks {

void Redial::told_to_wait(const std::string& master, milliseconds wait, MonoTime now) {
    not_before_[master] = now + wait;
}

void Redial::refused(const std::string& master, double random, MonoTime now) {
    const auto longest = static_cast<double>(longest_.count());
    const milliseconds wait(static_cast<long>((1 + random) * longest / 2));
    told_to_wait(master, wait, now);
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
