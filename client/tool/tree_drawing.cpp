#include "client/tool/tree_drawing.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "client/tool/text.hpp"

namespace clacks::tool {
namespace {

/// A node says something every 5 s.
constexpr long long silence_worth_telling_ms = 10'000;

std::string escaped(const Fields& row, std::string_view key) { return escape(field(row, key)); }

std::string counted(const Fields& row, std::string_view key, std::string_view what) {
    const std::string count = escaped(row, key);
    std::string text = ", " + count + ' ';
    text += what;
    return count == "1" ? text : text + 's';
}

std::string waiting(const Fields& row, std::string_view key) {
    const std::string bytes = escaped(row, key);
    return bytes.empty() || bytes == "0" ? "" : ", " + bytes + " bytes waiting";
}

std::string silence(const Fields& row) {
    const auto text = field(row, "heard_ms");
    long long ms = 0;
    std::from_chars(text.data(), text.data() + text.size(), ms);
    if (ms < silence_worth_telling_ms) return "";
    return ", not heard for " + std::to_string(ms / 1000) + " s";
}

std::string node_line(const Fields& row) {
    const bool self = !field(row, "self").empty();
    return escaped(row, "name") + (self ? " (this node)" : "") + ": " + escaped(row, "software") +
           counted(row, "clients", "client") + counted(row, "keys", "key") +
           waiting(row, "link_bytes_waiting") + silence(row) + '\n';
}

/// Without what every link says of itself, and with the blanks that fields do not have.
std::string software(const Fields& row) {
    std::string text = escaped(row, "with");
    const auto mode = text.find("_in_interclacks_");
    if (mode != std::string::npos) text.resize(mode);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

/// `name`: of the node at its other end, if it is known.
std::string link_line(const Fields& row, const std::string& name) {
    const std::string role =
        (field(row, "role") == "master" ? "the " : "a ") + escaped(row, "role");
    return (name.empty() ? role : name + ", " + role + ',') + " at " + escaped(row, "link") + ": " +
           software(row) + (field(row, "synced") == "1" ? ", in sync" : ", not in sync yet") +
           waiting(row, "waiting") + '\n';
}

class Drawing {
public:
    explicit Drawing(const std::vector<Fields>& rows) {
        for (const Fields& row : rows)
            if (const auto id = field(row, "id"); !id.empty()) nodes_.push_back(&row);
    }

    std::string draw() {
        std::set<std::string_view> ids;
        for (const Fields* node : nodes_) ids.insert(field(*node, "id"));
        for (const Fields* node : nodes_)
            if (!ids.contains(field(*node, "up"))) add(*node, "", "");
        // A ring, while the tree is being rebuilt, has no root.
        for (const Fields* node : nodes_)
            if (!drawn_.contains(node)) add(*node, "", "");
        return std::move(text_);
    }

private:
    void add(const Fields& node, const std::string& before, const std::string& below) {
        drawn_.insert(&node);
        text_ += before + node_line(node);
        std::vector<const Fields*> children;
        for (const Fields* each : nodes_)
            if (field(*each, "up") == field(node, "id") && !drawn_.contains(each))
                children.push_back(each);
        for (const Fields* child : children) {
            if (drawn_.contains(child)) continue;
            const bool last = child == children.back();
            add(*child, below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
        }
    }

    std::vector<const Fields*> nodes_;
    std::set<const Fields*> drawn_;
    std::string text_;
};

/// The name of the node with the id, or nothing.
std::string name_of(const std::vector<Fields>& rows, std::string_view id) {
    if (id.empty()) return "";
    for (const Fields& row : rows)
        if (field(row, "id") == id) return escaped(row, "name");
    return "";
}

}  // namespace

std::string draw_tree(const std::vector<Fields>& rows) {
    std::string text = Drawing(rows).draw();
    std::string links;
    for (const Fields& row : rows)
        if (!field(row, "link").empty())
            links += "  " + link_line(row, name_of(rows, field(row, "node")));
    return links.empty() ? text : text + "\nlinks of this node:\n" + links;
}

}  // namespace clacks::tool
