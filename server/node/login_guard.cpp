#include "server/node/login_guard.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "server/node/unix_host.hpp"

namespace clacks::node {

namespace {

std::vector<std::string_view> groups_of(std::string_view text) {
    std::vector<std::string_view> groups;
    while (!text.empty()) {
        const auto end = text.find(':');
        groups.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return groups;
}

}  // namespace

std::string LoginGuard::network_of(std::string_view address) {
    constexpr std::size_t all_groups = 8;
    constexpr std::size_t network_groups = 4;
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) return std::string(address);
    const bool is_mapped = address.find('.') != std::string_view::npos;  // ::ffff:192.0.2.1
    if (is_mapped) return std::string(address.substr(colon + 1));
    const auto gap = address.find("::");
    auto groups = groups_of(address.substr(0, gap));
    if (gap != std::string_view::npos) {
        const auto rest = groups_of(address.substr(gap + 2));
        groups.resize(std::max(groups.size(), all_groups - std::min(all_groups, rest.size())), "0");
        groups.insert(groups.end(), rest.begin(), rest.end());
    }
    groups.resize(network_groups, "0");
    std::string network;
    for (const auto group : groups) network.append(group).append(":");
    return network;
}

LoginGuard::Duration LoginGuard::wait(std::string_view address, MonoTime now) const {
    const auto network = network_of(address);
    const std::lock_guard lock(mutex_);
    const auto found = failures_.find(network);
    if (found == failures_.end() || found->second.refused_until <= now) return Duration{0};
    return std::chrono::ceil<Duration>(found->second.refused_until - now);
}

LoginGuard::Attempt LoginGuard::attempt(std::string_view login,
                                        std::string_view certificate) const {
    const std::string tried = std::string(login).append("\n").append(certificate);
    return {.login = cache::siphash<2, 4>(tried, key_), .generation = generation_};
}

LoginGuard::Known* LoginGuard::Failures::find(const Attempt& attempt) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Known& other) {
        return other.attempt.login == attempt.login && other.last != MonoTime::min();
    });
    return found == known.end() ? nullptr : &*found;
}

/// In place of the one that has not been tried for longest. Returns whether it is a new one.
bool LoginGuard::Failures::remember(const Attempt& attempt, MonoTime now) {
    auto* place = find(attempt);
    const bool is_new = place == nullptr;
    if (is_new) {
        place = &*std::min_element(known.begin(), known.end(),
                                   [](const Known& a, const Known& b) { return a.last < b.last; });
    }
    *place = {.attempt = attempt, .verified = now, .last = now};
    return is_new;
}

bool LoginGuard::knows(std::string_view address, const Attempt& attempt, MonoTime now) {
    if (address == unix_host) return false;
    const auto network = network_of(address);
    const std::lock_guard lock(mutex_);
    const auto found = failures_.find(network);
    Known* const known = found == failures_.end() ? nullptr : found->second.find(attempt);
    if (!known) return false;
    known->last = now;
    return known->attempt.generation == attempt.generation &&
           now - known->verified <= forgotten_after;
}

void LoginGuard::failed(std::string_view address, const Attempt& attempt, MonoTime now) {
    if (address == unix_host) return;
    auto network = network_of(address);
    const std::lock_guard lock(mutex_);
    if (failures_.size() >= most_addresses) forget_old(now);
    auto& failures = failures_.try_emplace(std::move(network)).first->second;
    if (!failures.remember(attempt, now)) return;
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
