#include "server/node/gaps.hpp"

namespace clacks::node {
namespace {

/// Signals of more names than this are counted together, under the pattern that matches all.
constexpr std::size_t most_names = 1000;
constexpr std::string_view every_name = "**";

}  // namespace

void Gaps::count(std::string_view name) {
    auto found = lost_.find(name);
    if (found == lost_.end()) {
        const bool full = lost_.size() >= most_names;
        found = lost_.try_emplace(std::string(full ? every_name : name), 0).first;
    }
    ++found->second;
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
