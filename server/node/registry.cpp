#include "server/node/registry.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "protocol/command.hpp"
#include "server/node/field_value.hpp"
#include "server/node/peer.hpp"

namespace clacks::node {

namespace {

constexpr std::size_t longest_info = 200;

void append_field(std::string& out, std::string_view key, std::string_view value) {
    out += key;
    out += '=';
    out += value;
    out += ';';
}

std::string epoch(WallTime time) {
    if (time == WallTime{}) return "0";
    std::string text;
    protocol::format_time(time, text);
    return text;
}

std::string client_line(const Peer& peer) {
    const bool link = peer.is_link;
    const std::string pinged = epoch(peer.pinged_wall);
    std::string out = "CLIENT ";
    append_field(out, "CID", peer.id);
    append_field(out, "HOST", peer.host);
    append_field(out, "PORT", peer.port);
    append_field(out, "CLIENTINFO", peer.client_info);
    append_field(out, "OUTBUFFER_LENGTH", std::to_string(peer.queued_bytes()));
    append_field(out, "INBUFFER_LENGTH", "0");
    append_field(out, "INTERCLACKS", link ? "1" : "0");
    append_field(out, "MONITOR", peer.monitoring ? "1" : "0");
    append_field(out, "LASTPING", pinged);
    append_field(out, "LASTINTERCLACKSPING", link ? pinged : "0");
    append_field(out, "WRITEFAILTIME", "0");
    out += "\r\n";
    return out;
}

}  // namespace

Registry::Part& Registry::part_of(const Peer& peer) { return parts_[peer.serial % parts_.size()]; }

void Registry::add(Peer& peer) {
    Part& part = part_of(peer);
    const std::lock_guard lock(part.mutex);
    // Workers add at the same time; the list stays in the order of the serials.
    const auto place = std::find_if(part.peers.rbegin(), part.peers.rend(), [&](const Peer* other) {
                           return other->serial < peer.serial;
                       }).base();
    part.peers.insert(place, &peer);
    ++size_;
}

void Registry::remove(Peer& peer) {
    Part& part = part_of(peer);
    const std::lock_guard lock(part.mutex);
    const auto found = std::lower_bound(
        part.peers.begin(), part.peers.end(), peer.serial,
        [](const Peer* other, std::uint64_t serial) { return other->serial < serial; });
    if (found == part.peers.end() || *found != &peer) return;
    part.peers.erase(found);
    --size_;
}

void Registry::set_client_info(Peer& peer, std::string_view text) {
    const std::lock_guard lock(part_of(peer).mutex);
    peer.client_info = field_value(text, longest_info, ";");
}

void Registry::set_node_id(Peer& peer, std::string id) {
    const std::lock_guard lock(part_of(peer).mutex);
    peer.node_id = std::move(id);
}

std::string Registry::client_lines() const {
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    for_each([&](const Peer& peer) {
        if (peer.reachable) lines.emplace_back(peer.serial, client_line(peer));
    });
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (const auto& [serial, line] : lines) out += line;
    return out;
}

}  // namespace clacks::node
