#pragma once

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/intrusive/set_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "protocol/credentials.hpp"
#include "protocol/line_framer.hpp"
#include "server/net/output.hpp"
#include "server/node/close_reason.hpp"
#include "server/node/outbox.hpp"
#include "server/node/peer.hpp"
#include "transport/owned_fd.hpp"
#include "transport/places.hpp"

namespace clacks::net {

class Worker;
class Session;
using SessionPtr = boost::intrusive_ptr<Session>;

/// A connection: the socket, its TLS and its output around what the node knows of the peer.
///
/// Lives on one worker, which reads it and decides on its end. Other workers append output and
/// write it (Output), and ask for the end (close). Kept alive by its worker while it is open and
/// by whoever still has output for it.
class Session final : public node::Peer,
                      public boost::intrusive_ref_counter<Session, boost::thread_safe_counter> {
public:
    /// How the connection to a master ended.
    struct UplinkEnd {
        std::string reason;                 ///< for a person
        bool was_synced;                    ///< the link had been in step
        transport::TlsSession tls;          ///< to be resumed by the next one
        bool refused;                       ///< the master does not accept our login
        std::chrono::seconds told_to_wait;  ///< before the next; 0: not
    };

    /// How an uplink logs in at its master, and whom it tells when it is over, on its worker.
    struct Uplink {
        protocol::Credentials identity;
        std::function<void(UplinkEnd)> ended;
    };

    struct Origin {
        std::string host;
        std::string port;
        std::uint64_t serial;
        transport::Places::Place place{};  ///< until it has logged in
    };

    /// `fd` is connected and non-blocking. `tls` may be null.
    Session(Worker& worker, transport::OwnedFd fd, std::unique_ptr<transport::Tls> tls,
            Origin origin, std::optional<Uplink> uplink = std::nullopt);

    /// Registers with worker and node and begins to read. On the session's worker, once.
    void start();

    Worker& worker() const { return worker_; }
    Output& output() { return output_; }
    std::size_t queued_bytes() const override { return output_.size(); }

    /// Asks for the end, from any thread. Only the first reason counts.
    void close(node::CloseReason reason);
    /// Somebody has. From any thread.
    bool is_ending() const { return close_asked_; }

    // --- called by its worker ---

    void on_deadline();
    /// Writes what is waiting. `by` is the worker that calls, on its thread.
    void flush(Worker& by);
    /// Limits and timeouts may be others from now on.
    void settings_changed();
    /// Leaves the node and lets the output drain. After close().
    void end();
    /// The answer to Worker::check_password(): as Node::password_checked().
    void password_checked(std::optional<bool> fits);
    /// There is something to do for work().
    void ask_for_work();
    /// Goes on with what takes longer (Peer::has_work) and with what had to wait, if there is room
    /// for its output. True while it wants to be called again.
    bool work();

    // Kept by the worker: when it wants on_deadline(), its place among those that do, and in the
    // list of all.
    MonoTime due = MonoTime::max();
    boost::intrusive::set_member_hook<> due_hook;
    std::size_t place = 0;

private:
    // reading
    void wait_readable();
    void on_readable();
    void read();
    void read_plain(std::span<char> bytes);
    std::span<char> execute(std::span<char> bytes);
    bool goes_on();
    bool pause_if_crowded();
    bool has_room_for_more() const;
    bool wants_to_work() const;
    void update_line_limit();
    void take_deferred();
    void read_tls(std::span<const char> bytes);
    bool refuse_plain_text(std::span<const char> first_bytes);
    void after_read();

    // writing
    void flushed(Output::Flush result, Worker& by);
    void wait_writable();
    void on_writable();
    void resume();
    void use_room();
    bool has_room_for_work() const;

    // ending
    template <class Action>
    void guarded(Action&& action);
    void leave();
    void lost(node::CloseReason reason, std::string why);
    void tls_failed();
    void half_close();
    void destroy();

    // time
    MonoTime deadline() const;
    void look_at_deadline();
    void look_at_time(node::Turn& turn);

    Worker& worker_;
    boost::asio::posix::stream_descriptor socket_;
    Output output_;
    transport::Places::Place place_;
    protocol::LineFramer framer_;
    std::size_t line_limit_ = 0;  ///< the framer's, as last set
    std::optional<Uplink> uplink_;
    std::string why_;  ///< more about the end than its reason
    bool first_read_ = true;
    bool identified_ = false;      ///< the peer's certificate has been looked at
    bool reading_paused_ = false;  ///< until its own output has drained
    bool waits_readable_ = false;
    bool work_waits_ = false;           ///< work() will be called
    std::uint64_t worked_bytes_ = 0;    ///< appended during work() since it last had its share
    std::uint64_t worked_until_ = 0;    ///< what had been appended to the output by then
    std::string deferred_;              ///< what was read and has to wait: see goes_on()
    std::uint64_t look_at_output_ = 0;  ///< when the worker has sent so much
    bool closed_by_peer_ = false;       ///< TLS said so; it may still have deferred lines
    bool peer_gone_ = false;            ///< nothing comes from it any more
    bool ended_ = false;
    bool destroyed_ = false;
    MonoTime gone_by_ = MonoTime::max();  ///< after end(): cut off then, drained or not

    std::atomic<bool> close_asked_{false};
    node::CloseReason reason_ = node::CloseReason::peer_closed;  ///< written by the first to ask
};

}  // namespace clacks::net
