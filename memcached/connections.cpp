#include "memcached/connections.hpp"

#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace clacks::memcached {
namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;
/// What had to be larger than usual does not stay so large.
constexpr std::size_t kept_cipher_bytes = 512U << 10U;
/// So much of a turn's replies, or after so long, is sent before it ends: it is still in the
/// processor's cache, and nobody waits for more than one slow answer of another.
constexpr std::size_t sent_at_once_bytes = 32U << 10U;
constexpr std::chrono::microseconds longest_kept{100};

/// How long a client that has been told may take to close.
constexpr std::chrono::seconds ending_time{2};

/// As steady_clock, to `coarse_step`, and several times cheaper.
constexpr std::chrono::milliseconds coarse_step{10};
MonoTime coarse_now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return MonoTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

std::atomic<std::uint64_t> Connections::last_id{0};

Connections::Connections(boost::asio::io_context& context, Operations& operations, Host& host,
                         ServerOptions options)
    : context_(context),
      operations_(operations),
      host_(host),
      options_(std::move(options)),
      poller_(std::make_shared<Poller>(
          context,
          [](void* whose, std::uint32_t events) {
              static_cast<Connection*>(whose)->on_ready(events);
          },
          [this] { end_turn(); })),
      network_bytes_(buffer_bytes),
      timer_(context) {
    poller_->start();
}

WallTime Connections::now() const {
    if (options_.clock) return options_.clock();
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void Connections::log(std::string_view event, std::string_view client, std::string_view why) const {
    if (options_.log) options_.log(event, client, why);
}

std::span<char> Connections::plain_bytes() {
    if (plain_bytes_.empty()) plain_bytes_.resize(buffer_bytes);
    return plain_bytes_;
}

/// Of the connection that is at it.
void Connections::clear_output() {
    replies_.drop_fresh();
    cipher_.clear();
    if (cipher_.capacity() > kept_cipher_bytes) std::string().swap(cipher_);
}

void Connections::say_later(Connection& connection) {
    if (replies_.kept_bytes() == 0) kept_since_ = std::chrono::steady_clock::now();
    replies_.keep_for(connection);
}

void Connections::send_if_due() {
    const std::size_t bytes = replies_.kept_bytes();
    if (bytes == 0) return;
    if (bytes >= std::min(sent_at_once_bytes, options_.settings.output_bytes / 8) ||
        std::chrono::steady_clock::now() - kept_since_ >= longest_kept) {
        replies_.send_kept();
    }
}

void Connections::end_turn() {
    replies_.send_kept();
    ended_.clear();
}

// --- coming and going ---

/// If there is none, it is told.
bool Connections::has_room_for(const Accepted& accepted) {
    std::size_t open = places_.open();
    for (const auto& peer : peers_) open += peer->places_.open();
    if (open < options_.most_connections) return true;
    places_.reject();
    log("rejected", *accepted.address, "too many connections");
    static constexpr std::string_view words = "ERROR Too many open connections\r\n";
    if (!accepted.tls) ::send(accepted.fd.get(), words.data(), words.size(), MSG_NOSIGNAL);
    return false;
}

Connections& Connections::next_peer() {
    turn_ = turn_ < peers_.size() ? turn_ + 1 : 0;
    return turn_ == 0 ? *this : *peers_[turn_ - 1];
}

void Connections::accept(Accepted accepted) {
    if (closed_ || !has_room_for(accepted)) return;
    Connections& one = next_peer();
    auto place = one.places_.enter();
    if (&one == this) return serve(std::move(accepted), std::move(place));
    boost::asio::post(one.context_, [one = one.shared_from_this(), accepted = std::move(accepted),
                                     place = std::move(place)]() mutable {
        one->serve(std::move(accepted), std::move(place));
    });
}

void Connections::adopt(Accepted accepted) {
    if (closed_ || !has_room_for(accepted)) return;
    auto place = places_.enter();
    serve(std::move(accepted), std::move(place));
}

void Connections::serve(Accepted accepted, Places::Place place) {
    if (closed_) return;
    const ConnectionPtr connection(
        new Connection(*this, std::move(accepted), std::move(place), ++last_id));
    {
        const std::lock_guard lock(mutex_);
        connection->place_in_all = all_.size();
        all_.push_back(connection);
    }
    wait_for(*connection, Awaited::progress);
    // Later: whoever brings it may be in the middle of another connection's turn.
    boost::asio::post(context_, [connection] { connection->start(); });
}

void Connections::remove(Connection& connection) {
    const Awaited what = connection.awaited.load(std::memory_order_relaxed);
    if (connection.waiting_hook.is_linked())
        waiting(what).erase(Waiting::s_iterator_to(connection));
    const std::lock_guard lock(mutex_);
    auto& place = all_[connection.place_in_all];
    ended_.push_back(place);
    all_.back()->place_in_all = connection.place_in_all;
    std::swap(place, all_.back());
    all_.pop_back();
}

void Connections::close() {
    replies_.answer_kept();  // what they asked for has been done
    closed_ = true;
    const auto all = all_;
    for (const auto& each : all) each->close();
    timer_.cancel();
    poller_->stop();
    peers_.clear();
}

/// Downwards, since the last one takes the place of one that goes.
bool Connections::next(std::size_t& left,
                       const std::function<void(const ConnectionInfo&)>& visit) const {
    constexpr std::size_t most_at_once = 64;  // who comes or goes waits for so long
    const auto now = coarse_now();
    const std::lock_guard lock(mutex_);
    left = std::min(left, all_.size());
    for (std::size_t i = 0; i < most_at_once && left > 0; ++i) visit(all_[--left]->info(now));
    return left > 0;
}

// --- time ---

void Connections::set_timeouts(std::chrono::milliseconds idle, std::chrono::milliseconds stalled) {
    options_.idle_timeout = idle;
    options_.stalled_timeout = stalled;
    arm();
}

void Connections::wait_for(Connection& connection, Awaited what) {
    const auto now = coarse_now();
    const bool is_linked = connection.waiting_hook.is_linked();
    const Awaited before = connection.awaited.load(std::memory_order_relaxed);
    if (is_linked && before == what && connection.since.load(std::memory_order_relaxed) == now)
        return;
    if (is_linked) waiting(before).erase(Waiting::s_iterator_to(connection));
    connection.awaited.store(what, std::memory_order_relaxed);
    connection.since.store(now, std::memory_order_relaxed);
    if (what == Awaited::nothing) return;
    const bool is_first = waiting(what).empty();
    waiting(what).push_back(connection);
    if (is_first && due(what) < timer_due_) arm();
}

/// When the first of those gives up.
MonoTime Connections::due(Awaited what) {
    const auto& list = waiting(what);
    if (list.empty()) return MonoTime::max();
    std::chrono::milliseconds time = ending_time;
    if (what == Awaited::command) time = options_.idle_timeout;
    if (what == Awaited::progress) time = options_.stalled_timeout;
    if (time == std::chrono::milliseconds::zero()) return MonoTime::max();
    return list.front().since.load(std::memory_order_relaxed) + time;
}

void Connections::arm() {
    MonoTime earliest = MonoTime::max();
    for (std::size_t i = 0; i < awaited_count; ++i)
        earliest = std::min(earliest, due(static_cast<Awaited>(i)));
    timer_due_ = earliest;
    if (earliest == MonoTime::max()) return;
    timer_.expires_at(earliest + coarse_step);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self) self->on_timer();
    });
}

void Connections::on_timer() {
    if (closed_) return;
    const auto now = coarse_now();
    for (std::size_t i = 0; i < awaited_count; ++i) {
        const auto what = static_cast<Awaited>(i);
        while (due(what) <= now) {
            const ConnectionPtr connection(&waiting(what).front());
            connection->give_up();
        }
    }
    ended_.clear();
    arm();
}

}  // namespace clacks::memcached
