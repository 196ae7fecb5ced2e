#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/time.hpp"
#include "server/node/close_reason.hpp"
#include "server/node/mirrored.hpp"

namespace clacks::node {

class Peer;

/// Where a node puts what it has decided. The worker's implementation appends to the sessions'
/// outputs and writes each once at the end of the turn, or soon after; the simulator's hands the
/// bytes over after a delay; a test's compares them.
class Outbox {
public:
    /// Appends whole lines, each with its CR LF, to what is on its way to `to`. Copies `lines`.
    /// May be called for the peers of other workers. To a monitor the lines that were mirrored
    /// before go first: Node::is_mirrored_to(), send_mirrored().
    virtual void send(Peer& to, std::string_view lines) = 0;

    /// As send(), unless so much is waiting for `to` that it would be more than `most_waiting`
    /// bytes with these. When nothing waits, or only what was offered a moment ago, they are taken,
    /// however many. Returns whether they were. What a monitor is shown goes this way: nothing is
    /// sent before it.
    virtual bool offer(Peer& to, std::string_view lines, std::size_t most_waiting) = 0;

    /// Ends the connection after what was sent to it, with last_words(reason). The node hears of it
    /// by Node::disconnected(), later. May be called for the peers of other workers, and twice.
    virtual void close(Peer& peer, CloseReason reason) = 0;

    /// Calls Node::work(peer) soon, on the worker that reads it. May be called for the peers of
    /// other workers.
    virtual void work(Peer& peer) = 0;

    /// Finds out whether `given` is the password that `hash` stands for, which takes long, and
    /// answers by Node::password_checked(peer) on the worker that reads it: perhaps before this
    /// returns, never if the peer has gone. Nothing else from the peer may be given to line()
    /// meanwhile. False: too many are waiting already, and no answer comes.
    virtual bool check_password(Peer& peer, std::string hash, std::string given) = 0;

    /// What is waiting to be sent on all connections together, as of a moment ago.
    virtual std::size_t waiting_bytes() const = 0;

    /// Ends the whole node in so many seconds (OVERHEAD S).
    virtual void shut_down(std::chrono::seconds after) = 0;

protected:
    ~Outbox() = default;
};

/// What every call into a node comes with: who calls, when, and where the results go. A worker
/// keeps one and renews `now` once per turn.
struct Turn {
    unsigned worker;  ///< below the number of workers the node was made for
    Now now;
    Outbox& outbox;
    std::string scratch{};            ///< for composing lines; its content lasts until the next use
    std::vector<Peer*> listeners{};   ///< for collecting them; likewise
    bool changes_to_feed = false;     ///< Node::end_turn() has to look
    std::string signals{};            ///< of changes from outside: Node::changed_outside()
    Mirrored mirrored{};              ///< to all monitors without conditions
    bool mirrored_to_others = false;  ///< something is on its way to those with conditions, too
};

}  // namespace clacks::node
