#include "memcached/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "memcached/connections.hpp"

namespace clacks::memcached {
namespace {

/// As memcached calls it.
std::string_view name_of(Awaited awaited) {
    switch (awaited) {
        case Awaited::command:
            return "conn_read";
        case Awaited::progress:
            return "conn_waiting";
        case Awaited::end:
            return "conn_closing";
        default:
            return "conn_io_queue";
    }
}

}  // namespace

Connection::Connection(Connections& all, Accepted accepted, Places::Place place, std::uint64_t id)
    : all_(all),
      socket_(std::move(accepted.fd)),
      id_(id),
      address_(std::move(accepted.address)),
      listener_(std::move(accepted.listener)),
      place_(std::move(place)),
      stranger_(std::move(accepted.stranger)),
      tls_(accepted.tls ? std::make_unique<transport::Tls>(*accepted.tls) : nullptr) {}

void Connection::start() {
    if (closed_) return;
    guarded([&] {
        all_.poller().add(socket_.get(), this, watched_);
        if (tls_) return watch(EPOLLIN);
        begin();
        say();
        after_turn();
    });
}

ConnectionInfo Connection::info(MonoTime now) const {
    const auto idle = std::chrono::floor<std::chrono::seconds>(now - since.load());
    return {.id = id_,
            .address = *address_,
            .listener = *listener_,
            .state = name_of(awaited.load(std::memory_order_relaxed)),
            .idle_seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(idle.count(), 0))};
}

// --- waiting ---

/// For these events; none: for an answer of the program, and then the socket is left as it is until
/// it reports something.
void Connection::watch(std::uint32_t events) {
    listens_ = events != 0;
    if (!listens_ || std::exchange(watched_, events) == events) return;
    all_.poller().watch(socket_.get(), this, events);
}

void Connection::on_ready(std::uint32_t events) {
    if (closed_) return;
    guarded([&] {
        if (!listens_) {
            if ((events & (EPOLLHUP | EPOLLERR)) != 0) return close();
            watched_ = 0;
            return all_.poller().watch(socket_.get(), this, watched_);
        }
        if (watched_ == EPOLLOUT) return on_writable();
        ending_ ? drop_input() : read();
    });
}

void Connection::on_writable() {
    if (has_output()) {
        auto& output = waiting_->output;
        const std::string_view bytes = output.view();
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return lost({});
        if (sent > 0) output.consume(static_cast<std::size_t>(sent), all_.pool());
        settle();
    }
    go_on();
}

/// The program has answered: perhaps in the middle of a turn of another connection.
void Connection::on_answer() {
    if (closed_ || has_output() || stopped_early_) return;  // on_writable() goes on
    guarded([&] { go_on(); });
}

Connection::Waiting& Connection::waiting() {
    if (!waiting_) waiting_ = std::make_unique<Waiting>();
    return *waiting_;
}

void Connection::settle() {
    if (!has_input() && !has_output()) waiting_.reset();
}

// --- reading ---

void Connection::read() {
    const auto buffer = all_.network_bytes();
    const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count == 0) return lost({});
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) return lost({});
        return;
    }
    const auto bytes = buffer.first(static_cast<std::size_t>(count));
    if (tls_) {
        read_tls(bytes);
        say();
        return after_turn();
    }
    take({bytes.data(), bytes.size()});
    if (all_.replies().fresh().empty()) {
        after_turn();
    } else {
        all_.say_later(*this);  // answer() and end_turn() follow
    }
    all_.send_if_due();
}

void Connection::answer(std::string_view replies) {
    guarded([&] {
        if (!closed_) send(replies);
    });
}

void Connection::end_turn() {
    guarded([&] { after_turn(); });
}

void Connection::read_tls(std::span<const char> bytes) {
    const auto plain = all_.plain_bytes();
    for (;;) {
        const auto read = tls_->read(bytes, plain, all_.cipher());
        if (!session_ && tls_->ready()) begin();
        switch (read.status) {
            case transport::Tls::Status::data:
                take({plain.data(), read.bytes});
                break;
            case transport::Tls::Status::want_input:
                return;
            case transport::Tls::Status::closed:
                say();
                return lost({});
            case transport::Tls::Status::failed:
                say();
                return lost(tls_->error_text());
        }
        if (closed_) return;
    }
}

/// Until the client closes: if we closed first, the kernel could throw our last words away with
/// input that we have not read (RFC 1122, 4.2.2.13).
void Connection::drop_input() {
    const auto buffer = all_.network_bytes();
    const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return close();
}

// --- executing ---

void Connection::begin() {
    const std::string certificate = tls_ ? tls_->certificate_name() : std::string();
    const auto& admit = all_.options().admit;
    const Rights* const rights =
        admit ? admit({.address = *address_, .listener = *listener_, .certificate = certificate})
              : &all_rights();
    session_.emplace(
        all_.options().settings, all_.operations(), all_.host(), all_.counters(),
        all_.partial_values(), Session::Visitor{.client = *address_, .rights = rights}, [this] {
            boost::asio::post(all_.context(), [self = ConnectionPtr(this)] { self->on_answer(); });
        });
    feed({});
}

/// Executes what has come, and keeps what cannot be executed yet.
void Connection::take(std::string_view bytes) {
    if (!session_) return;
    if (session_->ending() != Session::Ending::none) bytes = {};  // no more of its commands
    if (has_input()) {
        auto& input = waiting_->input;
        input.append(bytes, all_.pool());
        const std::string_view whole = input.view();
        const std::size_t used = whole.size() - feed(whole).size();
        if (closed_) return;
        input.consume(used, all_.pool());
        return settle();
    }
    const std::string_view left = feed(bytes);
    if (!left.empty() && !closed_) waiting().input.append(left, all_.pool());
}

/// Returns what is left of the input.
std::string_view Connection::feed(std::string_view input) {
    std::string& replies = all_.replies().text();
    executing_ = true;
    const std::size_t used = session_->feed(input, all_.now(), replies);
    executing_ = false;
    if (session_->is_logged_in()) stranger_.leave();
    input.remove_prefix(used);
    stopped_early_ = replies.size() >= all_.options().settings.output_bytes || session_->goes_on();
    if (used > 0 && all_.options().executed) all_.options().executed();
    return input;
}

/// After a pause.
void Connection::go_on() {
    if (!has_output() && session_ && !ending_) {
        take({});
        say();
    }
    after_turn();
}

// --- writing ---

/// Sends what has just been said, and keeps what the socket does not take.
void Connection::say() {
    const std::string_view replies = all_.replies().fresh();
    if (tls_ && !closed_ && !replies.empty() && !tls_->write(replies, all_.cipher())) {
        lost(tls_->error_text());
    }
    const std::string_view bytes = tls_ ? all_.cipher() : replies;
    if (!closed_ && !bytes.empty()) send(bytes);
    all_.clear_output();
}

void Connection::send(std::string_view bytes) {
    if (!has_output()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(bytes.size())) return;
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return lost({});
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    waiting().output.append(bytes, all_.pool());
}

/// Decides what to wait for.
void Connection::after_turn() {
    if (closed_) return;
    if (close_asked_) return close();
    const bool ends = session_ && session_->ending() != Session::Ending::none;
    if (ends && !ending_) return end_session();
    if (has_output() || stopped_early_) {
        wait_for_progress();
        return watch(EPOLLOUT);
    }
    if (ending_) return half_close();
    if (session_ && session_->waits()) {
        all_.wait_for(*this, Awaited::nothing);
        return watch(0);
    }
    if (is_stranger() || session_->is_within_command(has_input() ? 1 : 0)) {
        wait_for_progress();
    } else {
        all_.wait_for(*this, Awaited::command);
    }
    watch(EPOLLIN);
}

/// Only a login is progress for a stranger: his time goes on, whatever else he says.
void Connection::wait_for_progress() {
    const bool waits = awaited.load(std::memory_order_relaxed) == Awaited::progress;
    if (waits && is_stranger() && !ending_) return;
    all_.wait_for(*this, Awaited::progress);
}

// --- ending ---

/// What is thrown is a lack of memory, or the program's: this connection pays for it, the others
/// go on.
template <class Action>
void Connection::guarded(Action&& action) {
    try {
        action();
    } catch (const std::exception& problem) {
        executing_ = false;
        all_.clear_output();
        lost(problem.what());
    }
}

void Connection::end_session() {
    const ConnectionPtr self(this);
    take({});  // it may have words left, if its end came as a late answer
    say();
    if (closed_) return;  // it takes no more
    const auto how = session_->ending();
    const std::string_view reason = session_->close_reason();
    const bool asked_for = reason.empty();
    if (!asked_for) all_.log("closed", *address_, reason);
    session_.reset();
    if (waiting_) waiting_->input.clear();
    stopped_early_ = false;
    ending_ = true;
    if (tls_) {
        tls_->close(all_.cipher());
        say();
    }
    if (how != Session::Ending::closed && all_.options().shutdown) {
        all_.options().shutdown(how == Session::Ending::graceful_shutdown);
    }
    if (closed_) return;
    if (asked_for && !has_output()) return close();
    after_turn();
}

/// Everything is written.
void Connection::half_close() {
    ::shutdown(socket_.get(), SHUT_WR);
    all_.wait_for(*this, Awaited::end);
    watch(EPOLLIN);
}

void Connection::give_up() {
    const Awaited what = awaited.load(std::memory_order_relaxed);
    if (what == Awaited::end) return close();
    all_.counters().add(Count::idle_kicks);
    if (what == Awaited::command) return lost("idle timeout");
    if (has_output()) return lost("does not read");
    lost(session_ && !session_->is_logged_in() ? "did not log in"
                                               : "stopped in the middle of a command");
}

/// Ends it; a reason is for the log.
void Connection::lost(std::string_view why) {
    if (closed_) return;
    if (!why.empty()) all_.log("closed", *address_, why);
    close();
}

void Connection::close() {
    if (closed_) return;
    if (executing_) {
        close_asked_ = true;
        return;
    }
    const ConnectionPtr self(this);
    closed_ = true;
    session_.reset();
    place_.leave();
    stranger_.leave();
    waiting_.reset();
    all_.poller().remove(socket_.get());
    socket_ = transport::OwnedFd();
    all_.remove(*this);
}

}  // namespace clacks::memcached
