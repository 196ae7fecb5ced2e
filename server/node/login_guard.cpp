#include "server/node/login_guard.hpp"

#include <algorithm>

namespace clacks::node {

LoginGuard::Duration LoginGuard::wait(std::string_view address, MonoTime now) const {
    const std::lock_guard lock(mutex_);
    const auto found = failures_.find(address);
    if (found == failures_.end() || found->second.refused_until <= now) return Duration{0};
    return std::chrono::ceil<Duration>(found->second.refused_until - now);
}

void LoginGuard::failed(std::string_view address, MonoTime now) {
    const std::lock_guard lock(mutex_);
    if (failures_.size() >= most_addresses) forget_old(now);
    auto& failures = failures_.try_emplace(std::string(address)).first->second;
    if (now - failures.last > forgotten_after) failures.count = 0;
    failures.last = now;
    if (++failures.count < free_failures) return;
    constexpr unsigned most_doublings = 16;
    const unsigned doublings = std::min(failures.count - free_failures, most_doublings);
    failures.refused_until = now + std::min(longest_wait, first_wait * (1U << doublings));
}

/// Those whose time is over; and if everybody is at it at once, all who need not wait now.
void LoginGuard::forget_old(MonoTime now) {
    erase_if(failures_,
             [&](const auto& entry) { return now - entry.second.last > forgotten_after; });
    if (failures_.size() < most_addresses) return;
    erase_if(failures_, [&](const auto& entry) { return entry.second.refused_until <= now; });
    if (failures_.size() >= most_addresses) failures_.clear();
}

}  // namespace clacks::node
