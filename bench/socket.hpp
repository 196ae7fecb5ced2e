#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// What the load is sent and received with: bare descriptors, because a load generator should cost
// less than what it measures. Everything here belongs to one thread.
namespace clacks::bench {

/// Where a server listens: a unix socket, or a port of 127.0.0.1.
struct Endpoint {
    std::string path;        ///< empty: a port
    std::uint16_t port = 0;  ///< used only without a path
    bool is_tls = false;
};

/// A descriptor, closed at the end of its life.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor();
    int get() const { return fd_; }

private:
    int fd_;
};

/// The client's half of TLS: version 1.3 and one cipher suite, so that every server encrypts alike.
/// The certificate is not looked at: the servers are our own children.
class TlsClient {
public:
    TlsClient();
    SSL_CTX* get() const { return context_.get(); }

private:
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
};

/// A connected stream that never blocks once it is open. Throws std::runtime_error when the server
/// refuses, breaks TLS or closes.
class Connection {
public:
    /// Connects, and for TLS shakes hands, within some seconds.
    Connection(const Endpoint& endpoint, const TlsClient& tls);

    int descriptor() const { return socket_.get(); }

    /// Append what is to be sent, then flush().
    std::string& output() { return output_; }
    /// True when everything has been handed to the kernel; otherwise again when writable.
    bool flush();

    /// Reads once, into the space behind what was not consumed. False when there was nothing.
    bool receive();
    /// TLS holds bytes that the descriptor will not announce: receive() again.
    bool pending() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }
    /// What has arrived and is not consumed; valid until the next receive().
    std::string_view input() const { return {buffer_.get() + begin_, end_ - begin_}; }
    void consume(std::size_t bytes) { begin_ += bytes; }

    /// Sends a request and waits for the answer, which ends with `end`; returns all that arrived.
    /// Not meant for the time in which something is measured.
    std::string ask(std::string_view request, std::string_view end);

private:
    void shake_hands(SSL_CTX* context);
    std::size_t write_some(std::string_view bytes);
    std::size_t read_some(std::span<char> space);

    Descriptor socket_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
    std::string output_;
    std::size_t sent_ = 0;  ///< how much of output_ the kernel has
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// The connection waits until it can be read, or written; throws when that takes too long.
void await(const Connection& connection, bool writable);

/// A port of 127.0.0.1 that nobody listened on a moment ago.
std::uint16_t free_port();

}  // namespace clacks::bench
