#include "bench/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "bench/patience.hpp"

namespace clacks::bench {

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr std::size_t tls_read_bytes = 64 * 1024;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void fail_tls(const char* what) {
    const auto error = ERR_get_error();
    const char* reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
    throw std::runtime_error(std::string(what) + ": " + (reason ? reason : "connection closed"));
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

template <class Address>
Descriptor connect_to(const Address& address, int family) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) fail("socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        fail("connect");
    if (::fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
    return socket;
}

Descriptor connect_to(const Endpoint& endpoint) {
    if (endpoint.path.empty()) {
        auto socket = connect_to(loopback(endpoint.port), AF_INET);
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return socket;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (endpoint.path.size() >= sizeof(address.sun_path))
        throw std::runtime_error("the path of the unix socket is too long: " + endpoint.path);
    endpoint.path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return connect_to(address, AF_UNIX);
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context_.get(), "TLS_AES_256_GCM_SHA384") != 1)
        fail_tls("TLS context");
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One read of the descriptor brings many records; without, each costs two.
    SSL_CTX_set_read_ahead(context_.get(), 1);
    SSL_CTX_set_default_read_buffer_len(context_.get(), tls_read_bytes);
}

Connection::Connection(const Endpoint& endpoint, const TlsClient& tls)
    : socket_(connect_to(endpoint)), buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {
    if (endpoint.is_tls) shake_hands(tls.get());
}

void Connection::shake_hands(SSL_CTX* context) {
    ssl_.reset(SSL_new(context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor()) != 1) fail_tls("TLS");
    for (;;) {
        const int result = SSL_connect(ssl_.get());
        if (result == 1) return;
        const int error = SSL_get_error(ssl_.get(), result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            fail_tls("TLS handshake");
        await(*this, error == SSL_ERROR_WANT_WRITE);
    }
}

std::size_t Connection::write_some(std::string_view bytes) {
    if (!ssl_) {
        const auto count = ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EAGAIN) fail("send");
        return 0;
    }
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) return count;
    if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_WRITE) fail_tls("TLS write");
    return 0;
}

std::size_t Connection::read_some(std::span<char> space) {
    if (!ssl_) {
        const auto count = ::recv(descriptor(), space.data(), space.size(), 0);
        if (count > 0) return static_cast<std::size_t>(count);
        if (count == 0) throw std::runtime_error("the server closed a connection");
        if (errno != EAGAIN) fail("recv");
        return 0;
    }
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &count);
    if (result == 1) return count;
    if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) fail_tls("TLS read");
    return 0;
}

bool Connection::flush() {
    while (sent_ < output_.size()) {
        const auto count = write_some(std::string_view(output_).substr(sent_));
        if (count == 0) return false;
        sent_ += count;
    }
    output_.clear();
    sent_ = 0;
    return true;
}

bool Connection::receive() {
    const auto rest = input();
    if (begin_ > 0 && (rest.empty() || end_ > buffer_bytes / 2)) {
        std::memmove(buffer_.get(), rest.data(), rest.size());
        begin_ = 0;
        end_ = rest.size();
    }
    if (end_ == buffer_bytes) throw std::runtime_error("an answer that does not end");
    const auto count = read_some({buffer_.get() + end_, buffer_bytes - end_});
    end_ += count;
    return count > 0;
}

std::string Connection::ask(std::string_view request, std::string_view end) {
    output_ += request;
    while (!flush()) await(*this, true);
    while (!input().ends_with(end)) {
        if (!receive()) await(*this, false);
    }
    std::string answer(input());
    consume(answer.size());
    return answer;
}

void await(const Connection& connection, bool writable) {
    const short wanted = writable ? POLLOUT : POLLIN;
    pollfd entry{connection.descriptor(), wanted, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(patience / std::chrono::milliseconds(1)));
    if (ready < 0) fail("poll");
    if (ready == 0) throw std::runtime_error("the server does not answer");
}

std::uint16_t free_port() {
    auto address = loopback(0);
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    socklen_t size = sizeof(address);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        fail("a free port");
    return ntohs(address.sin_port);
}

}  // namespace clacks::bench
