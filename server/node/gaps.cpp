#include "server/node/gaps.hpp"

namespace clacks::node {
namespace {

/// Signals of more names than this are counted together, under the pattern that matches all.
constexpr std::size_t most_names = 1000;
constexpr std::string_view every_name = "**";

}  // namespace

bool Gaps::admits(std::string_view name, std::size_t waiting, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (!losing_ && waiting <= limit / 2) return true;
    losing_ = true;
    auto found = lost_.find(name);
    if (found == lost_.end()) {
        const bool full = lost_.size() >= most_names;
        found = lost_.try_emplace(std::string(full ? every_name : name), 0).first;
    }
    ++found->second;
    return false;
}

void Gaps::drained() {
    const std::lock_guard lock(mutex_);
    if (losing_) due_ = true;
}

std::string Gaps::take() {
    std::string lines;
    for (const auto& [name, count] : lost_) {
        lines.append("GAP ").append(name).append(" ").append(std::to_string(count)).append("\r\n");
    }
    lost_.clear();
    losing_ = false;
    due_ = false;
    return lines;
}

}  // namespace clacks::node
