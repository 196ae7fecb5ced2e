#include "server/node/tree_view.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace clacks::node {

namespace {

constexpr std::size_t longest_report = 2048;

}  // namespace

std::optional<std::string_view> report_field(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto end = text.find(';');
        const auto field = text.substr(0, end);
        if (field.size() > key.size() && field.starts_with(key) && field[key.size()] == '=') {
            return field.substr(key.size() + 1);
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::nullopt;
}

std::optional<NodeReport> parse_node_report(std::string_view text) {
    const auto id = report_field(text, "id");
    if (!id || id->empty() || text.size() > longest_report) return std::nullopt;
    const auto up = report_field(text, "up");
    return NodeReport{std::string(*id), std::string(up.value_or("")), std::string(text)};
}

bool TreeView::heard(NodeReport report, const Peer& from, MonoTime now) {
    const std::lock_guard lock(mutex_);
    if (nodes_.size() >= most_nodes && !nodes_.contains(report.id)) return false;
    std::string id = report.id;
    nodes_.insert_or_assign(std::move(id), Known{std::move(report), &from, now});
    return true;
}

void TreeView::forget(const Peer& from) {
    const std::lock_guard lock(mutex_);
    erase_if(nodes_, [&](const auto& node) { return node.second.from == &from; });
}

void TreeView::forget_silent(MonoTime before) {
    const std::lock_guard lock(mutex_);
    erase_if(nodes_, [&](const auto& node) { return node.second.heard < before; });
}

std::vector<std::string> TreeView::reports_for(const Peer& except) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> reports;
    for (const auto& [id, known] : nodes_) {
        if (known.from != &except) reports.push_back(known.report.text);
    }
    return reports;
}

std::string TreeView::tree_lines(MonoTime now) const {
    const std::lock_guard lock(mutex_);
    struct Row {
        std::size_t depth;
        const Known* known;
    };
    std::vector<Row> rows;
    for (const auto& [id, known] : nodes_) {
        std::size_t depth = 0;
        for (auto up = nodes_.find(known.report.up); up != nodes_.end() && depth < nodes_.size();
             up = nodes_.find(up->second.report.up)) {
            ++depth;
        }
        rows.push_back({depth, &known});
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.depth, a.known->report.text) < std::tie(b.depth, b.known->report.text);
    });
    std::string lines;
    for (const auto& row : rows) {
        const auto silent =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - row.known->heard);
        lines += "TREE " + row.known->report.text + "heard_ms=" + std::to_string(silent.count()) +
                 ";\r\n";
    }
    return lines;
}

}  // namespace clacks::node
