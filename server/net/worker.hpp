#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "server/net/clock.hpp"
#include "server/net/errand.hpp"
#include "server/net/gathering.hpp"
#include "server/net/password_checks.hpp"
#include "server/net/session.hpp"
#include "server/node/node.hpp"
#include "server/node/outbox.hpp"
#include "transport/buffer.hpp"

namespace clacks::net {

/// One thread with its event loop and the sessions that live on it.
///
/// A turn is: wait until something is ready, let every ready session read and execute what it
/// got, then write once to each session that was given output, whosever it is. So replies and
/// signals gather while the worker is busy and leave at once when it is not. What a monitor is
/// shown may leave a millisecond later, with that of other turns.
///
/// A turn that would write little to many, soon after the last such turn, may wait a moment for
/// more (Gathering).
///
/// Everything here happens on the worker's own thread, except adopt(), stop() and post().
class Worker final : public node::Outbox {
public:
    /// What the workers of a server have in common. Must outlive them.
    struct Shared {
        PasswordChecks& passwords;
        std::atomic<std::ptrdiff_t> waiting_bytes{0};  ///< in the outputs, as of their last turns
    };

    /// `shut_down` is called when a client asks for the end of the node (OVERHEAD S).
    Worker(unsigned index, node::Node& node, Shared& shared, node::Log& log, Clock clock,
           std::chrono::microseconds gather, std::function<void(std::chrono::seconds)> shut_down);
    ~Worker();

    /// Starts the thread.
    void start();
    /// Ends the loop, from any thread.
    void stop();
    /// Waits for the thread.
    void join();
    /// Closes every session, with CloseReason::shutting_down; calls `drained` on this thread when
    /// the last is gone. From any thread, once.
    void drain(std::function<void()> drained);

    /// A session for this worker has been accepted: it counts from now on, add() follows. From any
    /// thread.
    void expect() { session_count_.fetch_add(1, std::memory_order_relaxed); }
    /// It does not come.
    void unexpect() { session_count_.fetch_sub(1, std::memory_order_relaxed); }

    /// The one whose thread this is; only on such a thread.
    static Worker& current();

    /// Runs `work` on the worker's thread, from any thread.
    template <class Work>
    void post(Work work);

    /// For one who has something done between two turns.
    Errand& errand() { return errand_; }

    unsigned index() const { return index_; }

    // --- for the sessions of this worker, and its guests ---

    /// What calls into the node need; the time in it is that of this turn.
    node::Turn& turn();
    node::Node& node() { return node_; }
    node::Log& log() { return log_; }
    boost::asio::io_context& context() { return context_; }
    transport::BufferPool& pool() { return pool_; }

    /// Where a session reads to: what it finds there lasts until it returns to the loop.
    std::span<char> network_bytes() { return network_bytes_; }
    std::span<char> plain_bytes() { return plain_bytes_; }

    void add(SessionPtr session);  ///< after expect()
    void remove(Session& session);
    /// The node has been reloaded: limits and deadlines of the sessions may be others.
    void settings_changed();
    /// Calls Session::on_deadline() at `due`, or earlier if told so.
    void schedule(Session& session, MonoTime due);
    /// What has been given to the outputs of sessions so far.
    std::uint64_t sent_bytes() const { return sent_bytes_; }
    /// Writes at the end of the turn.
    void flush_later(Session& session);
    /// Likewise, or in one of the turns of the next millisecond.
    void flush_soon(Session& session);
    /// Calls Session::end() at the end of the turn.
    void end_later(Session& session);
    /// Calls Session::work() each turn until it returns false.
    void work_later(Session& session);

    /// With those that are on their way here. From any thread.
    std::size_t session_count() const { return session_count_.load(std::memory_order_relaxed); }

    /// So much has come in.
    void received(std::size_t bytes) { received_in_turn_ += bytes; }
    /// This turn has done enough: what can wait shall wait for the next.
    bool turn_is_full() const;

    // node::Outbox
    void send(node::Peer& to, std::string_view lines) override;
    bool offer(node::Peer& to, std::string_view lines, std::size_t most_waiting) override;
    void close(node::Peer& peer, node::CloseReason reason) override;
    void work(node::Peer& peer) override;
    bool check_password(node::Peer& peer, std::string hash, std::string given) override;
    std::size_t waiting_bytes() const override;
    void shut_down(std::chrono::seconds after) override { shut_down_(after); }

private:
    void run();
    void run_ready();
    void gather();
    std::size_t sent_in_turn() const { return sent_bytes_ - sent_before_turn_; }
    void end_turn();
    void end_sessions();
    void do_work();
    void flush_sessions();
    void flush_those_of_soon();
    void arm_timer();
    void on_timer();

    const unsigned index_;
    node::Node& node_;
    Shared& shared_;
    node::Log& log_;
    const Clock clock_;
    Gathering gathering_;
    std::function<void(std::chrono::seconds)> shut_down_;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    Errand errand_;
    boost::asio::steady_timer timer_;
    MonoTime timer_due_ = MonoTime::max();
    std::thread thread_;

    node::Turn turn_;
    bool turn_begun_ = false;
    transport::BufferPool pool_;
    std::vector<char> network_bytes_;
    std::vector<char> plain_bytes_;

    std::vector<SessionPtr> sessions_;  ///< each knows its place
    std::atomic<std::size_t> session_count_{0};
    std::function<void()> drained_;  ///< set: the worker is ending
    struct EarlierDue {
        bool operator()(const Session& a, const Session& b) const { return a.due < b.due; }
    };
    boost::intrusive::multiset<
        Session, boost::intrusive::compare<EarlierDue>,
        boost::intrusive::member_hook<Session, boost::intrusive::set_member_hook<>,
                                      &Session::due_hook>>
        by_due_;
    std::vector<SessionPtr> to_flush_;
    std::vector<SessionPtr> flushing_;
    std::vector<SessionPtr> to_flush_soon_;
    MonoTime flushed_soon_{};  ///< when that was last done
    boost::asio::steady_timer soon_timer_;
    bool soon_timer_runs_ = false;
    std::uint64_t sent_bytes_ = 0;
    std::uint64_t sent_before_turn_ = 0;
    std::uint64_t received_in_turn_ = 0;
    std::vector<SessionPtr> to_end_;
    std::vector<SessionPtr> working_;
};

template <class Work>
void Worker::post(Work work) {
    boost::asio::post(context_, std::move(work));
}

}  // namespace clacks::net
