#include "server/net/uplink.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "transport/address.hpp"

namespace clacks::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// A host that drops our packets answers nobody: the next master gets its turn.
constexpr std::chrono::seconds connect_timeout{10};

transport::Endpoint endpoint_of(const transport::Address& address) {
    if (const auto* tls = std::get_if<transport::TlsAddress>(&address)) {
        return {tls->host, std::to_string(tls->port)};
    }
    return {"unixdomainsocket", "uplink"};
}

}  // namespace

Uplink::Uplink(Worker& worker, UplinkSettings settings, std::function<std::uint64_t()> next_serial)
    : worker_(worker),
      settings_(std::move(settings)),
      next_serial_(std::move(next_serial)),
      redial_(settings_.links.reconnect_delay, settings_.links.reconnect_delay_max),
      timer_(worker.context()) {}

void Uplink::start() {
    asio::co_spawn(worker_.context(), run(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& problem) {
                       if (!problem) return;
                       try {
                           std::rethrow_exception(problem);
                       } catch (const std::exception& error) {
                           self->worker_.log().error("uplink_failed", {{"error", error.what()}});
                           self->start_later();
                       }
                   });
}

/// Without its uplink a slave is deaf: begin anew, but not at once if that went wrong.
void Uplink::start_later() {
    timer_.expires_after(settings_.links.reconnect_delay_max);
    timer_.async_wait([self = shared_from_this()](error_code) {
        if (!self->stopped_) self->start();
    });
}

void Uplink::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Uplink::reload(UplinkSettings settings) {
    settings_ = std::move(settings);
    redial_ = {settings_.links.reconnect_delay, settings_.links.reconnect_delay_max};
    tls_sessions_.clear();  // what their masters have proved may not be enough any more
    ++reloads_;
    const bool closing = connection_ && connection_->session->closing;  // by the node's own reload
    if (connection_ && !closing && lists(connection_->master)) return;
    begin_anew_ = true;
    if (connection_) return connection_->session->close(node::CloseReason::master_removed);
    timer_.cancel();
}

bool Uplink::lists(const MasterSettings& master) const {
    return std::find(settings_.masters.begin(), settings_.masters.end(), master) !=
           settings_.masters.end();
}

asio::awaitable<void> Uplink::run(std::shared_ptr<Uplink> self) {
    while (!self->stopped_) {
        self->begin_anew_ = false;
        const bool was_synced = co_await self->try_masters();
        if (was_synced) self->redial_.served();
        if (self->stopped_ || self->begin_anew_) continue;
        if (self->settings_.masters.empty()) {
            co_await self->wait(std::chrono::hours(24));
            continue;
        }
        const auto delay = self->next_delay();
        self->worker_.log().info("reconnecting", {{"in_ms", std::to_string(delay.count())}});
        co_await self->wait(delay);
    }
}

std::chrono::milliseconds Uplink::next_delay() {
    std::vector<std::string> urls;
    for (const auto& master : settings_.masters) urls.push_back(to_string(master.address));
    return redial_.next(urls, jitter_(random_), MonoTime::clock::now());
}

/// What the master has said to our login.
void Uplink::heed(const std::string& master, const Outcome& outcome) {
    const auto now = MonoTime::clock::now();
    if (outcome.refused) redial_.refused(master, jitter_(random_), now);
    if (outcome.told_to_wait.count() > 0) {
        redial_.told_to_wait(master, outcome.told_to_wait, jitter_(random_), now);
    }
}

/// Dials one after the other until one has served, or none has. True: one has.
asio::awaitable<bool> Uplink::try_masters() {
    const auto masters = settings_.masters;  // reload() may change the list meanwhile
    for (const auto& master : masters) {
        const auto url = to_string(master.address);
        if (!redial_.is_due(url, MonoTime::clock::now())) continue;
        const auto outcome = co_await serve(master);
        if (stopped_) co_return outcome.was_synced;
        if (lists(master)) {
            // What it said before a reload it said to another login, perhaps.
            if (outcome.reloads == reloads_) heed(url, outcome);
            worker_.log().warning("master_unreachable",
                                  {{"master", url}, {"reason", outcome.reason}});
        }
        // The first that answers serves: after it we begin with the first again.
        if (outcome.was_synced) co_return true;
        if (masters != settings_.masters) co_return false;
    }
    co_return false;
}

asio::awaitable<Uplink::Outcome> Uplink::serve(const MasterSettings& master) {
    transport::OwnedFd fd;
    try {
        fd = co_await connect(master.address);
    } catch (const boost::system::system_error& error) {
        co_return Outcome{.reason = error.code().message()};
    }
    if (stopped_ || !lists(master)) {  // not any more
        co_return Outcome{.reason = "not listed"};
    }
    // The timer is the session's way to wake us: it never expires by itself.
    auto ended = std::make_shared<std::optional<Outcome>>();
    auto identity = master.user.empty()
                        ? settings_.identity
                        : protocol::Credentials{.user = master.user, .password = master.password};
    const auto where = endpoint_of(master.address);
    const SessionPtr session(new Session(
        worker_, std::move(fd), make_tls(master.address), {where.host, where.port, next_serial_()},
        Session::Uplink{.identity = std::move(identity),
                        .ended = on_end(to_string(master.address), ended)}));
    worker_.expect();
    session->start();
    connection_ = {master, session.get()};
    begin_anew_ = false;  // this is one of the present masters
    while (!*ended) co_await wait(std::chrono::hours(24));
    co_return **ended;
}

/// What the session calls when it is over: fills `ended` and wakes who waits for that.
std::function<void(Session::UplinkEnd)> Uplink::on_end(
    std::string url, std::shared_ptr<std::optional<Outcome>> ended) {
    return [ended = std::move(ended), self = shared_from_this(), url = std::move(url),
            reloads = reloads_](Session::UplinkEnd end) {
        if (end.tls && reloads == self->reloads_) self->tls_sessions_[url] = std::move(end.tls);
        *ended = Outcome{.reason = std::move(end.reason),
                         .was_synced = end.was_synced,
                         .reloads = reloads,
                         .refused = end.refused,
                         .told_to_wait = end.told_to_wait};
        self->connection_.reset();
        self->timer_.cancel();
    };
}

std::unique_ptr<transport::Tls> Uplink::make_tls(const transport::Address& master) const {
    const auto* address = std::get_if<transport::TlsAddress>(&master);
    if (!address) return nullptr;
    auto tls = std::make_unique<transport::Tls>(*settings_.tls, address->host);
    const auto session = tls_sessions_.find(to_string(master));
    if (session != tls_sessions_.end()) tls->resume(session->second);
    return tls;
}

asio::awaitable<transport::OwnedFd> Uplink::connect(const transport::Address& address) {
    const auto executor = co_await asio::this_coro::executor;
    if (const auto* path = std::get_if<transport::UnixAddress>(&address)) {
        asio::local::stream_protocol::socket socket(executor);
        co_await socket.async_connect(asio::local::stream_protocol::endpoint(path->path),
                                      asio::use_awaitable);
        socket.native_non_blocking(true);
        co_return transport::OwnedFd(socket.release());
    }
    const auto& tls = std::get<transport::TlsAddress>(address);
    asio::ip::tcp::resolver resolver(executor);
    const auto found =
        co_await resolver.async_resolve(tls.host, std::to_string(tls.port), asio::use_awaitable);
    // Closing the socket is what ends a connect in time. The timer may have fired already when the
    // connect is done, so it keeps the socket alive.
    const auto socket = std::make_shared<asio::ip::tcp::socket>(executor);
    asio::steady_timer timer(executor, connect_timeout);
    timer.async_wait([socket](error_code cancelled) {
        if (!cancelled) socket->close();
    });
    error_code error;
    co_await asio::async_connect(*socket, found, asio::redirect_error(asio::use_awaitable, error));
    timer.cancel();
    if (!socket->is_open()) error = asio::error::timed_out;
    if (error) throw boost::system::system_error(error);
    socket->set_option(asio::ip::tcp::no_delay(true));
    socket->native_non_blocking(true);
    co_return transport::OwnedFd(socket->release());
}

asio::awaitable<void> Uplink::wait(std::chrono::milliseconds delay) {
    timer_.expires_after(delay);
    error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace clacks::net
