#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/time.hpp"

namespace clacks::node {

class Peer;

/// Every connection of the node: for CLIENTLIST, CLIENTDISCONNECT and OVERHEAD G. Off the way of
/// messages; one lock. A peer must leave before it is destroyed.
class Registry {
public:
    void add(Peer& peer);
    void remove(Peer& peer);

    /// Sets what the peer calls itself (shown as CLIENTINFO).
    void set_client_info(Peer& peer, std::string_view text);

    /// Calls `visit(Peer&)` for each connection, oldest first, under the registry's lock.
    template <class Visit>
    void for_each(Visit&& visit) const {
        const std::lock_guard lock(mutex_);
        for (Peer* peer : peers_) visit(*peer);
    }

    /// The CLIENT lines of all connections. Source: protocol.txt, "CLIENTLIST".
    std::string client_lines() const;

private:
    mutable std::mutex mutex_;
    std::vector<Peer*> peers_;  ///< in the order of their serials
};

}  // namespace clacks::node
