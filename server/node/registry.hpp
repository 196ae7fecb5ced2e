#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/time.hpp"

namespace clacks::node {

class Peer;

/// Every connection of the node: for CLIENTLIST, CLIENTDISCONNECT and OVERHEAD G. Off the way of
/// messages; in parts with a lock each, so that who comes and goes need not wait until somebody has
/// visited all. A peer must leave before it is destroyed.
class Registry {
public:
    void add(Peer& peer);
    void remove(Peer& peer);

    /// Sets what the peer calls itself (shown as CLIENTINFO).
    void set_client_info(Peer& peer, std::string_view text);
    /// Sets which node of ours is at the other end of the peer, a link.
    void set_node_id(Peer& peer, std::string id);

    /// Calls `visit(Peer&)` for each connection, in no order, under the lock of its part.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const Part& part : parts_) {
            const std::lock_guard lock(part.mutex);
            for (Peer* peer : part.peers) visit(*peer);
        }
    }

    /// How many there are.
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }

    /// The CLIENT lines of all connections, oldest first. Source: protocol.txt, "CLIENTLIST".
    std::string client_lines() const;

private:
    struct alignas(64) Part {
        mutable std::mutex mutex;
        std::vector<Peer*> peers;  ///< in the order of their serials
    };
    Part& part_of(const Peer& peer);

    std::array<Part, 64> parts_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace clacks::node
