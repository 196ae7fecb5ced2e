#include "server/node/positions.hpp"

#include <algorithm>

namespace clacks::node {

Positions::Positions(const Map& known) {
    for (const auto& [node, sequence] : known) set(node, sequence);
}

Positions::Map Positions::all() const {
    const std::lock_guard lock(mutex_);
    Map result;
    for (const auto& [node, position] : nodes_) result.emplace(node, position.sequence);
    return result;
}

cache::Sequence Positions::of(std::string_view node) const {
    const std::lock_guard lock(mutex_);
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? 0 : found->second.sequence;
}

void Positions::set(std::string_view node, cache::Sequence sequence) {
    const std::lock_guard lock(mutex_);
    const Position position{.sequence = sequence, .heard = ++heard_};
    nodes_.insert_or_assign(std::string(node), position);
    if (nodes_.size() <= most_nodes) return;
    nodes_.erase(std::min_element(nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) {
        return a.second.heard < b.second.heard;
    }));
}

void Positions::forget(std::string_view node) {
    const std::lock_guard lock(mutex_);
    if (const auto found = nodes_.find(node); found != nodes_.end()) nodes_.erase(found);
}

void Positions::forget_all() {
    const std::lock_guard lock(mutex_);
    nodes_.clear();
}

}  // namespace clacks::node
