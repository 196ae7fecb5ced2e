#include "server/node/pattern_table.hpp"

#include <algorithm>

#include "protocol/name_pattern.hpp"

namespace clacks::node {

using protocol::take_level;

namespace {

void erase_one(std::vector<Peer*>& peers, Peer& peer) {
    const auto found = std::find(peers.begin(), peers.end(), &peer);
    if (found != peers.end()) peers.erase(found);
}

}  // namespace

void PatternTable::add(std::string_view pattern, Peer& peer) {
    Branch* branch = &root_;
    for (;;) {
        const auto level = take_level(pattern);
        if (level.last && level.text == "**") return branch->rest.push_back(&peer);
        auto& next = level.text == "*" ? branch->any : branch->exact[std::string(level.text)];
        if (!next) next = std::make_unique<Branch>();
        branch = next.get();
        if (level.last) return branch->here.push_back(&peer);
    }
}

void PatternTable::remove(std::string_view pattern, Peer& peer) {
    remove_below(root_, pattern, peer);
}

/// Returns whether the branch is empty then; branches that are do not stay.
bool PatternTable::remove_below(Branch& branch, std::string_view pattern, Peer& peer) {
    const auto level = take_level(pattern);
    if (level.last && level.text == "**") {
        erase_one(branch.rest, peer);
        return branch.is_empty();
    }
    const auto descend = [&](Branch& next) {
        if (!level.last) return remove_below(next, pattern, peer);
        erase_one(next.here, peer);
        return next.is_empty();
    };
    if (level.text == "*") {
        if (branch.any && descend(*branch.any)) branch.any.reset();
    } else if (const auto next = branch.exact.find(level.text); next != branch.exact.end()) {
        if (descend(*next->second)) branch.exact.erase(next);
    }
    return branch.is_empty();
}

void PatternTable::match(std::string_view name, std::vector<Peer*>& found) const {
    match_below(root_, name, found);
}

void PatternTable::match_below(const Branch& branch, std::string_view name,
                               std::vector<Peer*>& found) {
    found.insert(found.end(), branch.rest.begin(), branch.rest.end());
    const auto level = take_level(name);
    const auto descend = [&](const Branch& next) {
        if (!level.last) return match_below(next, name, found);
        found.insert(found.end(), next.here.begin(), next.here.end());
    };
    if (branch.any) descend(*branch.any);
    const auto next = branch.exact.find(level.text);
    if (next != branch.exact.end()) descend(*next->second);
}

}  // namespace clacks::node
