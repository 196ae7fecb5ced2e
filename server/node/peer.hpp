#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "interclacks/link.hpp"
#include "protocol/time.hpp"
#include "server/node/settings.hpp"

namespace clacks::node {

/// What a node knows of one connection: a client, a slave (downlink) or the master (uplink).
///
/// Created, destroyed and changed on the one worker that reads the connection. Other workers hold
/// pointers to it only while it stands in Subscriptions, Audience or Registry, and read nothing
/// but what is const, atomic or said to be guarded.
class Peer {
public:
    /// `host` and `port` as CLIENTLIST shows them; together with the serial they make the client
    /// id.
    Peer(std::string host, std::string port, std::uint64_t serial);
    virtual ~Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Bytes waiting to be sent to it; for CLIENTLIST, from any thread.
    virtual std::size_t queued_bytes() const { return 0; }

    const std::string host;
    const std::string port;  ///< the serial included, as Net::Clacks shows it
    /// The client id: an opaque word, host:port.
    const std::string id;
    const std::uint64_t serial;

    bool logged_in = false;
    std::string user;
    Permissions permissions;
    MonoTime connected{};
    std::uint32_t lines_before_login = 0;
    bool greeted = false;  ///< its first line was one of the protocol
    bool closing = false;  ///< nothing it still sends is executed

    /// Set when the connection is a link; then it stays one.
    std::unique_ptr<interclacks::Link> link;
    bool sending_store = false;  ///< Node::send_store() wants to be called

    /// The names it listens to, as they stand in Subscriptions.
    boost::unordered_flat_set<std::string> listens;

    // Read by other workers:
    std::atomic<bool> monitoring{false};
    std::atomic<bool> is_link{false};
    std::atomic<bool> reachable{false};   ///< logged in: OVERHEAD G may be sent to it
    std::atomic<MonoTime> pinged{};       ///< last PING; MonoTime::max(): NOPING
    std::atomic<WallTime> pinged_wall{};  ///< the same for CLIENTLIST; 1970: NOPING
    std::atomic<MonoTime> last_output{};  ///< when something was last sent to it
    std::string client_info;              ///< guarded by Registry
};

}  // namespace clacks::node
