#include "server/node/probes.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace clacks::node {

std::string Probes::make(std::uint64_t link, MonoTime now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(probes_, [&](const Probe& probe) { return now - probe.sent > valid_for; });
    const auto number = cache::siphash<2, 4>("clacks-probe " + std::to_string(++made_), secret_);
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return probes_.emplace_back(Probe{std::string(digits.data(), end), link, now}).word;
}

std::optional<std::uint64_t> Probes::link_that_closed_ring(std::string_view word,
                                                           std::uint64_t back_over, MonoTime now) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(probes_.begin(), probes_.end(),
                                    [&](const Probe& probe) { return probe.word == word; });
    if (found == probes_.end() || found->link == back_over) return std::nullopt;
    const Probe proven = *found;
    probes_.erase(found);
    if (now - proven.sent > valid_for) return std::nullopt;
    return proven.link;
}

}  // namespace clacks::node
