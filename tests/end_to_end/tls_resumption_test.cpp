#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

/// A master that says its name and leaves.
class BriefMaster {
public:
    explicit BriefMaster(int version) : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_max_proto_version(context_.get(), version);
        const auto& files = certificates();
        REQUIRE(SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate.c_str()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(), SSL_FILETYPE_PEM) ==
                1);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(listener_, any, length) == 0);
        REQUIRE(::listen(listener_, 10) == 0);
        REQUIRE(::getsockname(listener_, any, &length) == 0);
        url_ = "tls://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    ~BriefMaster() { ::close(listener_); }
    BriefMaster(const BriefMaster&) = delete;
    BriefMaster& operator=(const BriefMaster&) = delete;

    const std::string& url() const { return url_; }

    /// Serves the next slave that comes, to its end. Whether it resumed a session.
    bool serve() const {
        pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, milliseconds_until(deadline_from_now())) != 1) {
            throw std::runtime_error("nobody comes");
        }
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const timeval limit{patience.count(), 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        const std::unique_ptr<SSL, Free> ssl(SSL_new(context_.get()));
        SSL_set_fd(ssl.get(), fd);
        REQUIRE(SSL_accept(ssl.get()) == 1);
        const std::string greeting = "CLACKS brief\r\n";
        SSL_write(ssl.get(), greeting.data(), static_cast<int>(greeting.size()));
        SSL_shutdown(ssl.get());
        std::array<char, 1000> ignored;
        while (::recv(fd, ignored.data(), ignored.size(), 0) > 0) {
        }
        ::close(fd);
        return SSL_session_reused(ssl.get()) == 1;
    }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
    const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string url_;
};

}  // namespace

TEST_CASE("tls resumption: a slave that comes again resumes its session, until it is reloaded") {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        const BriefMaster master(version);
        const NodeProcess slave(below(master.url(), "slave"));
        CHECK_FALSE(master.serve());
        CHECK(master.serve());
        CHECK(master.serve());
        // What a master proved under other rules may not be enough any more. One that has
        // connected already may still do it by the old ones.
        slave.signal(SIGHUP);
        slave.wait_for("info reloaded");
        const bool first = master.serve();
        CHECK((!first || !master.serve()));
        CHECK(master.serve());
    }
}
