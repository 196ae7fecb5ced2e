#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/memcached/settings.hpp"
#include "server/net/listener.hpp"
#include "transport/tls_context.hpp"

namespace clacks::server {

/// Where memcached's clients come in: listeners that open and close while the node runs. Lives on
/// the first worker.
class Doors {
public:
    struct Door {
        MemcachedAddress address;
        std::string name;  ///< the address as a URL
        std::optional<transport::TlsContext> tls;
    };
    using Accepted = std::function<void(transport::OwnedFd fd, const transport::Endpoint& from,
                                        const Door& door)>;
    Doors(net::Worker& worker, Accepted accepted)
        : worker_(worker), accepted_(std::move(accepted)) {}

    /// What can fail of opening those of `listen` that are not open yet has been done.
    class Plan;
    /// Throws StartError, and changes nothing then: an address is taken, a certificate cannot be
    /// used, plain text would be heard by others. `tls`: the certificates of tls:// addresses.
    Plan plan(const std::vector<MemcachedAddress>& listen, const transport::TlsSettings& tls) const;
    /// Those of the plan are open, and no others. Connections stay. Returns the names of the new
    /// ones.
    std::vector<std::string> open(Plan plan);
    /// Accepts what comes: before that it waits.
    void start();
    void close() { doors_.clear(); }

    /// The first one, or null.
    const Door* front() const { return doors_.empty() ? nullptr : &doors_.front()->door; }

private:
    struct Open {
        Door door;
        std::vector<std::unique_ptr<net::Listener>> listeners{};
    };
    Open* find(const MemcachedAddress& address) const;

    net::Worker& worker_;
    Accepted accepted_;
    bool started_ = false;
    std::vector<std::unique_ptr<Open>> doors_;
};

class Doors::Plan {
private:
    friend class Doors;
    struct Item {
        Door door;
        std::vector<transport::ListeningSocket> sockets{};  ///< none: it is open already
    };
    std::vector<Item> items_;
};

}  // namespace clacks::server
