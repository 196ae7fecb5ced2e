#include "memcached/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "transport/address.hpp"
#include "transport/owned_fd.hpp"
#include "transport/start_error.hpp"

namespace clacks::memcached {
namespace {

/// So many connections are accepted before those that are there have their turn.
constexpr int most_a_turn = 64;

/// Out of descriptors, most likely: somebody has to close one first.
constexpr std::chrono::milliseconds pause_after_error{100};

}  // namespace

/// One socket that listens. Its handlers keep it; stop() ends them.
class Acceptor::Listener : public std::enable_shared_from_this<Listener> {
public:
    Listener(boost::asio::io_context& context, Connections& connections,
             transport::ListeningSocket socket, const std::string& url,
             std::optional<transport::TlsContext> context_of_tls)
        : tls(std::move(context_of_tls)),
          connections_(connections),
          socket_(std::move(socket)),
          url_(std::make_shared<const std::string>(url)),
          path_(std::make_shared<const std::string>(
              "unix:" + url.substr(std::min(url.size(), sizeof "unix://" - 1)))),
          descriptor_(context, socket_->fd()),
          pause_(context) {}

    void wait() {
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [self = shared_from_this()](boost::system::error_code error) {
                                   if (!error && self->socket_) self->accept();
                               });
    }

    void stop() {
        descriptor_.release();  // the socket closes its descriptor itself
        pause_.cancel();
        socket_.reset();
    }

    std::optional<transport::TlsContext> tls;

private:
    void accept() {
        for (int i = 0; i < most_a_turn && socket_; ++i) {
            sockaddr_storage from{};
            socklen_t length = sizeof from;
            transport::OwnedFd fd(::accept4(socket_->fd(), reinterpret_cast<sockaddr*>(&from),
                                            &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (fd.get() < 0) {
                if (errno == EAGAIN || errno == EWOULDBLOCK) break;
                if (errno == EINTR || errno == ECONNABORTED) continue;
                return pause(errno);
            }
            if (from.ss_family != AF_UNIX) {
                const int on = 1;
                ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            }
            connections_.accept({std::move(fd), name(from), url_, tls});
        }
        if (socket_) wait();
    }

    std::shared_ptr<const std::string> name(const sockaddr_storage& from) const {
        if (from.ss_family == AF_UNIX) return path_;
        const auto [host, port] = transport::describe(from);
        const bool brackets = host.find(':') != std::string::npos;
        return std::make_shared<const std::string>("tcp:" + (brackets ? "[" + host + "]" : host) +
                                                   ":" + port);
    }

    void pause(int error) {
        connections_.log("accept_failed", *url_, std::strerror(error));
        pause_.expires_after(pause_after_error);
        pause_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
            if (!stopped && self->socket_) self->accept();
        });
    }

    Connections& connections_;
    std::optional<transport::ListeningSocket> socket_;
    const std::shared_ptr<const std::string> url_;
    const std::shared_ptr<const std::string> path_;  ///< the name of all clients of a unix socket
    boost::asio::posix::stream_descriptor descriptor_;
    boost::asio::steady_timer pause_;
};

Acceptor::~Acceptor() { close(); }

void Acceptor::close() {
    for (const auto& [url, sockets] : listeners_)
        for (const auto& each : sockets) each->stop();
    listeners_.clear();
}

std::string Acceptor::listen(const Address& address,
                             const std::optional<transport::TlsContext>& tls) {
    if (const auto* const local = std::get_if<transport::UnixAddress>(&address)) {
        return begin(transport::to_string(*local), transport::ListeningSocket::open(*local), {});
    }
    auto network = std::get<NetworkAddress>(address);
    if (network.is_tls && !tls) {
        throw transport::StartError("cannot listen on " + to_string(network) +
                                    ": there is no certificate");
    }
    auto sockets = open(network);
    return begin(to_string(network), std::move(sockets), network.is_tls ? tls : std::nullopt);
}

/// All that the host stands for, with the same port, which `address` gets.
Acceptor::Sockets Acceptor::open(NetworkAddress& address) const {
    const std::string url = to_string(address);
    auto found = transport::resolve(address.host, address.port, url);
    const bool may_be_plain = address.is_tls || connections_.options().plain_tcp_anywhere;
    for (const auto& each : found) {
        if (may_be_plain || transport::is_loopback(each)) continue;
        throw transport::StartError("cannot listen on " + url +
                                    ": without TLS only on this machine, as 127.0.0.1 or [::1]");
    }
    Sockets result;
    for (auto& each : found) {
        transport::set_port(each, address.port);
        result.push_back(transport::ListeningSocket::open_tcp(each, url));
        address.port = transport::port_of(result.back().address());
    }
    return result;
}

std::string Acceptor::begin(std::string url, Sockets sockets,
                            const std::optional<transport::TlsContext>& tls) {
    auto& listeners = listeners_[url];
    for (auto& socket : sockets) {
        listeners.push_back(
            std::make_shared<Listener>(context_, connections_, std::move(socket), url, tls));
        listeners.back()->wait();
    }
    return url;
}

bool Acceptor::unlisten(std::string_view address) {
    const auto found = listeners_.find(address);
    if (found == listeners_.end()) return false;
    for (const auto& each : found->second) each->stop();
    listeners_.erase(found);
    return true;
}

bool Acceptor::renew_tls(std::string_view address, const transport::TlsContext& tls) {
    const auto found = listeners_.find(address);
    if (found == listeners_.end()) return false;
    for (const auto& each : found->second) each->tls = tls;
    return true;
}

std::vector<std::string> Acceptor::listening() const {
    std::vector<std::string> result;
    for (const auto& [url, sockets] : listeners_) result.push_back(url);
    return result;
}

}  // namespace clacks::memcached
