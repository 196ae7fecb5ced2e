#include "server/net/session.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "server/net/tls_advice.hpp"
#include "server/net/worker.hpp"

namespace clacks::net {

using node::CloseReason;
using std::chrono::milliseconds;

namespace {

/// How long a connection that has ended may still take its output, and the peer to notice.
constexpr milliseconds drain_time{2000};

/// A link's store, or a list of keys, goes on when less than this is waiting: enough to keep the
/// socket busy, little enough that live changes do not queue behind it. (See has_room_for_work().)
constexpr std::size_t work_ahead_bytes = 1U << 20U;

/// Of what others keep fuller than that, such work gets this much, then as much again when it has
/// been sent.
constexpr std::size_t work_share_bytes = 256U << 10U;

/// What is read at once of a stranger: so much may have to wait for the answer to its login.
constexpr std::size_t read_before_login_bytes = 16U << 10U;

/// How often it is asked whether the peer reads what it asks for: after so much output of the
/// worker.
constexpr std::size_t looked_at_every_bytes = 64U << 10U;

/// A deadline that has passed is looked at again no sooner than this.
constexpr milliseconds shortest_wait{1};

boost::asio::posix::stream_descriptor adopt(Worker& worker, transport::OwnedFd& fd) {
    boost::asio::posix::stream_descriptor descriptor(worker.context(), fd.get());
    fd.release();
    return descriptor;
}

}  // namespace

Session::Session(Worker& worker, transport::OwnedFd fd, std::unique_ptr<transport::Tls> tls,
                 Origin origin, std::optional<Uplink> uplink)
    : Peer(std::move(origin.host), std::move(origin.port), origin.serial),
      worker_(worker),
      socket_(adopt(worker, fd)),
      output_(socket_.native_handle(), std::move(tls)),
      place_(std::move(origin.place)),
      framer_(worker.node().line_limit(*this)),
      uplink_(std::move(uplink)) {}

void Session::start() {
    worker_.add(this);
    auto& turn = worker_.turn();
    if (uplink_) {
        if (output_.has_tls()) output_.start_tls(worker_.pool());
        worker_.node().connected_to_master(*this, uplink_->identity, turn);
    } else {
        worker_.node().connected(*this, turn);
    }
    update_line_limit();
    worker_.flush_later(*this);
    worker_.schedule(*this, deadline());
    wait_readable();
}

// --- reading ---

void Session::wait_readable() {
    if (std::exchange(waits_readable_, true)) return;
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [self = SessionPtr(this)](boost::system::error_code error) {
                           self->waits_readable_ = false;
                           if (!error) self->on_readable();
                       });
}

void Session::on_readable() {
    if (destroyed_) return;
    guarded([&] { read(); });
    if (destroyed_) return;
    if (ended_ && peer_gone_ && output_.drained()) return destroy();
    after_read();
    if (!peer_gone_ && !closed_by_peer_ && (ended_ || has_room_for_more())) wait_readable();
}

/// Nothing that has been read waits to be executed, and more may be read.
bool Session::has_room_for_more() const {
    return !reading_paused_ && !is_busy() && deferred_.empty();
}

/// There is something to do without reading.
bool Session::wants_to_work() const {
    return !closing && (has_work() || (!deferred_.empty() && !login && !reading_paused_));
}

void Session::read() {
    auto buffer = worker_.network_bytes();
    if (!logged_in) buffer = buffer.first(std::min(buffer.size(), read_before_login_bytes));
    const auto count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (count < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
        peer_gone_ = true;
        return lost(CloseReason::peer_closed, std::strerror(errno));
    }
    if (count == 0) {
        peer_gone_ = true;
        return lost(CloseReason::peer_closed, "closed by the peer");
    }
    const auto bytes = buffer.first(static_cast<std::size_t>(count));
    worker_.received(bytes.size());
    if (output_.has_tls()) {
        read_tls(bytes);
    } else if (!ended_) {
        read_plain(bytes);
    }
}

void Session::read_plain(std::span<char> bytes) {
    if (deferred_.empty() && !is_busy() && !reading_paused_) bytes = execute(bytes);
    if (!closing) deferred_.append(bytes.data(), bytes.size());
}

/// Executes lines until the peer has to wait; returns the rest.
std::span<char> Session::execute(std::span<char> bytes) {
    return framer_.feed(
        bytes,
        [this](std::string_view line) {
            worker_.node().line(*this, line, worker_.turn());
            update_line_limit();
            return goes_on();
        },
        [this] {
            worker_.node().oversize(*this, worker_.turn());
            return goes_on();
        });
}

/// Whether the next line may be executed: not while an answer is being made elsewhere, nor in a
/// turn that has done enough, nor while the peer reads less than it asks for. (The lock of its
/// output is spared while little has been sent.)
bool Session::goes_on() {
    if (closing || is_busy() || worker_.turn_is_full()) return false;
    const auto sent = worker_.sent_bytes();
    if (sent < look_at_output_) return true;
    const auto limit = worker_.node().settings().limits.output_bytes;
    look_at_output_ = sent + std::min(looked_at_every_bytes, limit / 8);
    return !pause_if_crowded();
}

/// What it asked for itself waits with it; what others send it counts against limits.output.
bool Session::pause_if_crowded() {
    if (link || output_.size() <= worker_.node().settings().limits.output_bytes / 2) return false;
    reading_paused_ = true;
    worker_.flush_later(*this);
    return true;
}

/// Lines had to wait, and need not any longer.
void Session::take_deferred() {
    std::string bytes = std::exchange(deferred_, {});
    const auto rest = execute(bytes);
    if (closing) return;
    deferred_.assign(rest.data(), rest.size());
    if (!deferred_.empty() || is_busy()) return;
    if (closed_by_peer_) {
        peer_gone_ = true;
        lost(CloseReason::peer_closed, "closed by the peer");
    } else if (!reading_paused_) {
        wait_readable();
    }
}

void Session::update_line_limit() {
    const auto limit = worker_.node().line_limit(*this);
    if (std::exchange(line_limit_, limit) != limit) framer_.set_limit(limit);
}

void Session::read_tls(std::span<const char> bytes) {
    if (std::exchange(first_read_, false) && !uplink_ && refuse_plain_text(bytes)) return;
    for (;;) {
        const auto plain = worker_.plain_bytes();
        const auto read = output_.read_tls(bytes, plain, worker_.pool());
        switch (read.status) {
            case transport::Tls::Status::data:
                if (!std::exchange(identified_, true) && !uplink_) {
                    certificate = output_.certificate_name();
                }
                if (!ended_) read_plain(plain.first(read.bytes));
                break;
            case transport::Tls::Status::want_input:
                if (read.bytes > 0) worker_.flush_later(*this);
                return;
            case transport::Tls::Status::closed:
                closed_by_peer_ = true;
                if ((!deferred_.empty() || is_busy()) && !ended_)
                    return;  // first what it said before
                peer_gone_ = true;
                return lost(CloseReason::peer_closed, "closed by the peer");
            case transport::Tls::Status::failed:
                peer_gone_ = true;
                return tls_failed();
        }
    }
}

/// Somebody speaks plain text to a TLS port: tell them in their language.
bool Session::refuse_plain_text(std::span<const char> first_bytes) {
    constexpr char tls_handshake_record = 0x16;
    if (first_bytes.front() == tls_handshake_record) return false;
    static constexpr std::string_view words =
        "OVERHEAD E tls_required this port speaks TLS only\r\n";
    [[maybe_unused]] const auto sent =
        ::send(socket_.native_handle(), words.data(), words.size(), MSG_NOSIGNAL);
    worker_.log().warning("tls_error",
                          {{"client", id}, {"error", "the peer speaks plain text to a TLS port"}});
    lost(CloseReason::tls_error, "");
    return true;
}

void Session::after_read() {
    if (ended_) return;
    if (logged_in) place_.leave();
    if (!reading_paused_) pause_if_crowded();
    if (wants_to_work() && !std::exchange(work_waits_, true)) worker_.work_later(*this);
    look_at_deadline();
}

// --- writing ---

void Session::flushed(Output::Flush result, Worker& by) {
    if (result == Output::Flush::nothing || result == Output::Flush::done) {
        if (&by == &worker_) return resume();
        const auto* const missing = gaps.load();
        if (missing && missing->losing())
            worker_.post([self = SessionPtr(this)] { self->resume(); });
        return;
    }
    if (result == Output::Flush::failed) {
        const auto error = output_.tls_error();
        return worker_.post([self = SessionPtr(this), error] {
            if (self->destroyed_) return;
            if (self->ended_) return self->destroy();
            self->lost(CloseReason::peer_closed, error.empty() ? "cannot be written to" : error);
        });
    }
    if (&by == &worker_) {
        wait_writable();
        // Others may fill it again before it is ever empty: what room there is counts.
        if (!ended_ && !destroyed_) use_room();
        return;
    }
    worker_.post([self = SessionPtr(this)] { self->wait_writable(); });
}

void Session::wait_writable() {
    if (destroyed_) return;
    look_at_deadline();
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                       [self = SessionPtr(this)](boost::system::error_code error) {
                           if (!error) self->on_writable();
                       });
}

void Session::on_writable() {
    if (destroyed_) return;
    auto& turn = worker_.turn();
    last_output.store(turn.now.mono, std::memory_order_relaxed);
    guarded([&] { flushed(output_.unblock(worker_.pool(), turn.now.mono), worker_); });
}

void Session::flush(Worker& by) {
    guarded([&] {
        const MonoTime now = by.turn().now.mono;
        const auto result = output_.flush(by.pool(), now);
        if (result == Output::Flush::done) last_output.store(now, std::memory_order_relaxed);
        flushed(result, by);
    });
}

/// What is waiting has been written by us: there may be room again for what had to wait.
void Session::resume() {
    if (destroyed_) return;
    if (ended_) {
        if (output_.drained()) half_close();
        return;
    }
    if (own_gaps && !output_.stalled_since()) own_gaps->drained();
    use_room();
}

/// Goes on with what had to wait for room. If there is none, our own flush comes back to here, as
/// others may have been faster; while the socket is full, on_writable() does.
void Session::use_room() {
    if (reading_paused_ && output_.size() <= worker_.node().settings().limits.output_bytes / 4) {
        reading_paused_ = false;
        if (has_room_for_more()) wait_readable();
    }
    const bool wants = wants_to_work() && !work_waits_;
    if (wants && has_room_for_work()) {
        work_waits_ = true;
        worker_.work_later(*this);
    } else if ((wants || reading_paused_) && !output_.stalled_since()) {
        worker_.flush_later(*this);
    }
}

/// Little is waiting, or nothing of what such work has given it: were others to keep it full for
/// ever, the work would else never come to an end.
bool Session::has_room_for_work() const {
    const auto waiting = output_.size();
    return waiting < work_ahead_bytes ||
           (waiting <= worker_.node().settings().limits.output_bytes / 2 &&
            output_.sent() >= worked_until_);
}

void Session::ask_for_work() {
    if (destroyed_ || ended_ || !wants_to_work() || std::exchange(work_waits_, true)) return;
    worker_.work_later(*this);
}

void Session::password_checked(std::optional<bool> fits) {
    if (ended_) return;
    guarded([&] {
        worker_.node().password_checked(*this, fits, worker_.turn());
        update_line_limit();
        if (!closing && !is_busy() && !reading_paused_) take_deferred();
    });
    after_read();
}

bool Session::work() {
    work_waits_ = false;
    if (ended_ || destroyed_ || !wants_to_work()) return false;
    if (!has_room_for_work()) {
        // Our own flush comes back to it: that of another worker tells us nothing.
        worker_.flush_later(*this);
        return false;
    }
    const auto before = output_.appended();
    guarded([&] {
        if (has_work()) worker_.node().work(*this, worker_.turn());
        if (!is_busy() && !reading_paused_) take_deferred();
    });
    const auto after = output_.appended();
    worked_bytes_ += after - before;
    if (worked_bytes_ >= work_share_bytes) {
        worked_bytes_ = 0;
        worked_until_ = after;
    }
    work_waits_ = wants_to_work();
    return work_waits_;
}

// --- ending ---

void Session::close(CloseReason reason) {
    if (close_asked_.exchange(true)) return;
    reason_ = reason;
    // Always later: whoever asks may be in the middle of something with us.
    worker_.post([self = SessionPtr(this)] {
        if (!self->destroyed_) self->worker_.end_later(*self);
    });
}

void Session::end() {
    if (std::exchange(ended_, true)) return;
    guarded([&] { leave(); });
}

void Session::leave() {
    auto& turn = worker_.turn();
    const bool was_synced = link && link->synced();
    // Who is told how much was waiting for it shall not hear of what only this turn has given it.
    if (output_.flush(worker_.pool(), turn.now.mono) == Output::Flush::blocked) wait_writable();
    worker_.node().disconnected(*this, reason_, turn);
    place_.leave();
    if (uplink_) {
        const bool delayed = told_to_wait.count() > 0 && !was_synced;
        std::string reason(delayed ? "login_delayed" : node::to_string(reason_));
        if (!why_.empty() && !delayed) reason += ": " + why_;
        uplink_->ended({.reason = std::move(reason),
                        .was_synced = was_synced,
                        .tls = output_.tls_session(),
                        .refused = refused,
                        .told_to_wait = told_to_wait});
    }
    output_.finish(node::last_words(reason_), worker_.pool());
    worker_.flush_later(*this);
    const bool takes_nothing = reason_ == CloseReason::stalled_write;
    gone_by_ = turn.now.mono + (takes_nothing ? shortest_wait : drain_time);
    worker_.schedule(*this, gone_by_);
    if (!peer_gone_) wait_readable();  // to see the peer's end
}

/// An exception is a lack of memory, most likely: this connection pays for it, the others go on.
template <class Action>
void Session::guarded(Action&& action) {
    try {
        action();
    } catch (const std::exception& problem) {
        closing = true;
        worker_.log().error("session_failed", {{"client", id}, {"error", problem.what()}});
        if (ended_) {
            worker_.post([self = SessionPtr(this)] { self->destroy(); });
        } else {
            lost(CloseReason::peer_closed, problem.what());
        }
    }
}

/// Records the first cause and ends the connection.
void Session::lost(CloseReason reason, std::string why) {
    if (why_.empty() && !close_asked_) why_ = std::move(why);
    close(reason);
}

void Session::tls_failed() {
    const auto error = output_.tls_error();
    const auto advice = tls_advice(uplink_ ? TlsSide::uplink : TlsSide::listener, error);
    if (advice.empty()) {
        worker_.log().warning("tls_error", {{"client", id}, {"error", error}});
    } else {
        worker_.log().warning("tls_error", {{"client", id}, {"error", error}, {"what", advice}});
    }
    lost(CloseReason::tls_error, error);
}

/// Everything is written. The peer sees the end after the last line; if we closed at once, the
/// kernel could throw that line away with input that we have not read (RFC 1122, 4.2.2.13).
void Session::half_close() {
    if (peer_gone_) return destroy();
    ::shutdown(socket_.native_handle(), SHUT_WR);
}

void Session::destroy() {
    if (std::exchange(destroyed_, true)) return;
    const SessionPtr self(this);
    output_.close(worker_.pool());
    boost::system::error_code ignored;
    socket_.close(ignored);
    worker_.remove(*this);
}

// --- time ---

MonoTime Session::deadline() const {
    if (ended_) return gone_by_;
    MonoTime earliest = worker_.node().deadline(*this);
    if (const auto stalled = output_.stalled_since()) {
        const auto patience = worker_.node().settings().timeouts.stalled_write * (link ? 2 : 1);
        earliest = std::min(earliest, *stalled + patience);
    }
    return earliest;
}

/// It may have come nearer; that it has moved away is noticed when it comes.
void Session::look_at_deadline() {
    const MonoTime earliest = deadline();
    if (earliest < due || !due_hook.is_linked()) worker_.schedule(*this, earliest);
}

void Session::settings_changed() {
    if (ended_) return;
    update_line_limit();
    look_at_deadline();
}

void Session::on_deadline() {
    auto& turn = worker_.turn();
    if (ended_) return destroy();
    guarded([&] { look_at_time(turn); });
}

void Session::look_at_time(node::Turn& turn) {
    const auto stalled = output_.stalled_since();
    const auto patience = worker_.node().settings().timeouts.stalled_write * (link ? 2 : 1);
    if (stalled && turn.now.mono >= *stalled + patience) return close(CloseReason::stalled_write);
    worker_.node().on_deadline(*this, turn);
    worker_.schedule(*this, std::max(deadline(), turn.now.mono + shortest_wait));
}

}  // namespace clacks::net
