#pragma once

#include <vector>

#include "memcached/cache_operations.hpp"
#include "protocol/name_pattern.hpp"
#include "server/node/node.hpp"

namespace clacks::server {

/// What a change by a client of memcached is for the tree: passes it to the node, on the worker
/// that serves the client. With `notify` also a signal: SET of what was stored, NOTIFY of what was
/// removed. Source: protocol.txt, "Clients of memcached".
class TreeChanges final : public memcached::Changes {
public:
    explicit TreeChanges(node::Node& node) : node_(node) {}

    /// While no worker does anything.
    void set_notify(std::vector<protocol::NamePattern> notify) { notify_ = std::move(notify); }

    void stored(unsigned shard, const cache::EntryView& entry) override;
    void added(unsigned shard, std::string_view name, std::uint64_t step, bool subtract,
               std::string_view value) override;
    void removed(unsigned shard, std::string_view name) override;
    void touched(unsigned shard, std::string_view name, memcached::WallTime expires) override;
    void clear(memcached::WallTime now) override;

private:
    bool is_signal(std::string_view name) const;
    void report(unsigned shard, const protocol::Command& command, std::string_view value = {});

    node::Node& node_;
    std::vector<protocol::NamePattern> notify_;
};

}  // namespace clacks::server
