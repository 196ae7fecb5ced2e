#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/time.hpp"

namespace clacks::node {

class Peer;

/// What one node says of itself: the text of a NODE line, `key=value;…`, of which `id` and `up`
/// (the id of its master, if it has one) hold the tree together. Source: protocol.txt, "NODE".
struct NodeReport {
    std::string id;
    std::string up;
    std::string text;
};

/// Reads the text of a NODE line. Nothing if it has no id, or too much of anything.
std::optional<NodeReport> parse_node_report(std::string_view text);

/// The value of `key` in `key=value;…`, or nothing.
std::optional<std::string_view> report_field(std::string_view text, std::string_view key);

/// The tree as seen from one node: what the others last said of themselves. Off the way of
/// messages; one lock.
class TreeView {
public:
    static constexpr std::size_t most_nodes = 10'000;

    /// A report came over the link `from`. False when there are too many nodes already.
    bool heard(NodeReport report, const Peer& from, MonoTime now);

    /// The link is gone, and with it what lies behind it.
    void forget(const Peer& from);
    /// Who has said nothing for so long is gone too.
    void forget_silent(MonoTime before);

    /// The reports that did not come from `except`, to be passed on to it.
    std::vector<std::string> reports_for(const Peer& except) const;

    /// The TREE lines of the others: `text` with `heard_ms=…;` behind it, masters before their
    /// slaves.
    std::string tree_lines(MonoTime now) const;

private:
    struct Known {
        NodeReport report;
        const Peer* from;
        MonoTime heard;
    };
    mutable std::mutex mutex_;
    boost::unordered_flat_map<std::string, Known> nodes_;
};

}  // namespace clacks::node
