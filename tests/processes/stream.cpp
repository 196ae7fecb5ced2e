#include "tests/processes/stream.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tests/processes/patience.hpp"

namespace clacks::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void fail_tls(const std::string& what) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw std::runtime_error(what + ": " + text.data());
}

void check(int result, const char* what) {
    if (result != 1) fail_tls(what);
}

}  // namespace

struct Stream::Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

Stream Stream::to_unix(const std::string& path) {
    Address address;
    auto& name = reinterpret_cast<sockaddr_un&>(address.storage);
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    address.length = sizeof name;
    return connect(address, path);
}

Stream Stream::to_tcp(const std::string& host, int port) {
    Address address;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(static_cast<std::uint16_t>(port));
        address.length = sizeof v6;
    } else {
        ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(static_cast<std::uint16_t>(port));
        address.length = sizeof v4;
    }
    Stream result = connect(address, host + " port " + std::to_string(port));
    const int on = 1;
    ::setsockopt(result.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    result.peer_ = host;
    return result;
}

Stream Stream::connect(const Address& address, const std::string& what) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write()
    Stream result(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(result.fd_, name, address.length) != 0) fail("cannot connect to " + what);
    ::fcntl(result.fd_, F_SETFL, O_NONBLOCK);
    return result;
}

Stream::Stream(Stream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      peer_(std::move(other.peer_)),
      flights_(std::move(other.flights_)),
      ssl_(std::move(other.ssl_)) {}

Stream::~Stream() {
    if (fd_ >= 0) ::close(fd_);
}

void Stream::start_tls(const TlsOptions& options) {
    const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    check(SSL_CTX_load_verify_locations(context.get(), options.ca.c_str(), nullptr), "the CA");
    if (options.version != 0) {
        SSL_CTX_set_min_proto_version(context.get(), options.version);
        SSL_CTX_set_max_proto_version(context.get(), options.version);
    }
    if (!options.certificate.empty()) {
        const auto& [key, certificate] = std::pair(options.key, options.certificate);
        check(SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()), "own cert");
        check(SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM), "own key");
    }
    ssl_.reset(SSL_new(context.get()));
    SSL_set_fd(ssl_.get(), fd_);
    BIO_set_callback_ex(SSL_get_rbio(ssl_.get()), &Stream::count_flights);
    BIO_set_callback_arg(SSL_get_rbio(ssl_.get()), reinterpret_cast<char*>(flights_.get()));
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), peer_.c_str());
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(ssl_.get());
        if (result == 1) return;
        switch (progress_of(result)) {
            case Progress::wants_read:
                wait(POLLIN);
                break;
            case Progress::wants_write:
                wait(POLLOUT);
                break;
            default:
                fail_tls("the TLS handshake failed");
        }
    }
}

void Stream::write(std::string_view bytes, std::string& received) {
    while (!bytes.empty()) {
        switch (write_some(bytes)) {
            case Progress::done:
                break;
            case Progress::closed:
                throw std::runtime_error("the peer takes nothing more");
            default:
                wait(POLLIN | POLLOUT);
                if (read_some(received) == Progress::closed) {
                    throw std::runtime_error("the peer closed while it was written to; it said: " +
                                             received);
                }
        }
    }
}

bool Stream::read(std::string& received) {
    for (;;) {
        switch (read_some(received)) {
            case Progress::done:
                return true;
            case Progress::closed:
                return false;
            case Progress::wants_read:
                wait(POLLIN);
                break;
            case Progress::wants_write:
                wait(POLLOUT);
                break;
        }
    }
}

Stream::Progress Stream::read_some(std::string& received) {
    std::array<char, 64 * 1024> chunk;
    if (ssl_) {
        ERR_clear_error();
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &got);
        received.append(chunk.data(), got);
        return result == 1 ? Progress::done : progress_of(result);
    }
    const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (got > 0) received.append(chunk.data(), static_cast<std::size_t>(got));
    if (got > 0) return Progress::done;
    return got < 0 && errno == EAGAIN ? Progress::wants_read : Progress::closed;
}

Stream::Progress Stream::write_some(std::string_view& bytes) {
    std::size_t written = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
        if (result != 1) return progress_of(result);
    } else {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? Progress::wants_write : Progress::closed;
        written = static_cast<std::size_t>(sent);
    }
    bytes.remove_prefix(written);
    return Progress::done;
}

Stream::Progress Stream::progress_of(int result) const {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Progress::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Progress::wants_write;
        default:
            return Progress::closed;
    }
}

void Stream::wait(short events) const {
    pollfd socket{fd_, events, 0};
    const auto deadline = deadline_from_now();
    int ready = 0;
    do ready = ::poll(&socket, 1, milliseconds_until(deadline));
    while (ready < 0 && errno == EINTR);
    if (ready != 1) throw std::runtime_error("the peer neither says nor takes anything");
}

void Stream::finish() {
    if (ssl_) SSL_shutdown(ssl_.get());
    ::shutdown(fd_, SHUT_WR);
}

/// OpenSSL calls it for everything that happens at the socket.
long Stream::count_flights(BIO* bio, int operation, const char*, std::size_t, int, long, int result,
                           std::size_t* processed) {
    const bool done = result > 0 && processed && *processed > 0;
    auto& flights = *reinterpret_cast<Flights*>(BIO_get_callback_arg(bio));
    if (done && operation == (BIO_CB_READ | BIO_CB_RETURN)) flights.speaking = false;
    if (done && operation == (BIO_CB_WRITE | BIO_CB_RETURN) && !flights.speaking) {
        flights.speaking = true;
        ++flights.count;
    }
    return result;
}

void Stream::close() { ::close(std::exchange(fd_, -1)); }

void Stream::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

}  // namespace clacks::test
