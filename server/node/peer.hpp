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
#include "server/node/access.hpp"
#include "server/node/complaints.hpp"
#include "server/node/gaps.hpp"
#include "server/node/key_listing.hpp"
#include "server/node/login_guard.hpp"
#include "server/node/unix_host.hpp"
#include "server/node/users.hpp"

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
    Access access;
    std::string certificate;  ///< the name in its verified client certificate, if it showed one
    MonoTime connected{};
    std::uint32_t lines_before_login = 0;
    bool greeted = false;  ///< its first line was one of the protocol
    bool closing = false;  ///< nothing it still sends is executed

    Complaints complaints;

    /// Set when the connection is a link; then it stays one.
    std::unique_ptr<interclacks::Link> link;
    /// The link's: Node::work() sends the next part.
    std::atomic<bool> sending_store{false};
    /// Tree time has been moved by so much since what it says now was said: until it has heard of
    /// it.
    std::atomic<std::chrono::microseconds> moved_unheard{};
    bool refused = false;                 ///< by a master that does not accept our login
    std::chrono::seconds told_to_wait{};  ///< by a master that did not look at our login
    /// Of a link to one of our nodes: which one. Set once, by Registry, before `positioned`; others
    /// read it when that is set, or under the lock of Registry.
    std::string node_id;
    /// A line of it was refused: what it says we have now we do not have.
    bool refused_line = false;
    /// We have asked it for everything anew and what it sends does not begin there yet.
    std::atomic<bool> asked_for_all{false};
    MonoTime asks_paid_until{};  ///< when it asks us to be fed: see Node::on_have()
    /// A slave that we have not told yet what time it is in the tree: we do not know it.
    std::atomic<bool> waits_for_time{false};
    std::atomic<bool> to_be_positioned{false};  ///< now we do: Node::work() tells it
    /// It knows what we have of it, and when we were cleared: what comes later must be told it.
    std::atomic<bool> positioned{false};

    /// A KEYLIST that is being answered.
    std::unique_ptr<KeyListing> listing;
    /// A login whose password is being verified elsewhere.
    std::unique_ptr<Login> login;
    LoginGuard::Attempt login_attempt{};  ///< what it has tried last
    std::string login_name;               ///< whose login that was to be, if there is such a user
    /// One of the two: until it is done nothing else that the peer sends is executed, since answers
    /// keep the order of the questions.
    bool is_busy() const { return listing || login; }

    /// Set by GAPS, and then for good; other workers read `gaps`, which is null while it is off.
    std::unique_ptr<Gaps> own_gaps;
    std::atomic<Gaps*> gaps{nullptr};

    /// Node::work() wants to be called.
    bool has_work() const {
        return to_be_positioned || sending_store || listing || (own_gaps && own_gaps->due());
    }

    /// The names it listens to, as they stand in Subscriptions.
    boost::unordered_flat_set<std::string> listens;

    // Read by other workers:
    std::atomic<bool> monitoring{false};
    std::atomic<bool> sees_all{false};  ///< a monitor without conditions
    std::atomic<bool> is_link{false};
    std::atomic<bool> is_uplink{false};
    std::atomic<bool> synced{false};      ///< a link that has sent its store
    std::atomic<bool> reachable{false};   ///< logged in: OVERHEAD G may be sent to it
    std::atomic<MonoTime> pinged{};       ///< last PING; MonoTime::max(): NOPING
    std::atomic<WallTime> pinged_wall{};  ///< the same for CLIENTLIST; 1970: NOPING
    std::atomic<MonoTime> last_output{};  ///< when something was last sent to it
    std::string client_info;              ///< guarded by Registry
};

}  // namespace clacks::node
