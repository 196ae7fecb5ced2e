#include <doctest/doctest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "client/tool/certificate.hpp"
#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using clacks::error_code;

namespace {

/// A TLS listener on loopback, with a certificate for `name` by a CA of its own.
class TlsNode {
public:
    using Stream = asio::ssl::stream<tcp::socket>;

    explicit TlsNode(const std::string& name) {
        clacks::tool::CertificateRequest request;
        request.directory = directory_.path();
        request.names = {name};
        const auto files = clacks::tool::make_certificate(request);
        ca_file_ = files.ca.string();
        context_.use_certificate_chain_file(files.certificate.string());
        context_.use_private_key_file(files.key.string(), asio::ssl::context::pem);
    }

    clacks::Options options(const std::string& host = "127.0.0.1") const {
        return {.url = "tls://me@" + host + ':' + std::to_string(acceptor_.local_endpoint().port()),
                .ca_file = ca_file_,
                .reconnect_delay = std::chrono::milliseconds(1),
                .reconnect_delay_max = std::chrono::milliseconds(20)};
    }

    asio::ssl::context& context() { return context_; }

    /// The next client after its handshake; `failure` if that fails.
    Stream accepts(error_code& failure) {
        Stream stream(acceptor_.accept(), context_);
        stream.handshake(asio::ssl::stream_base::server, failure);
        return stream;
    }

    /// The first `count` bytes of what the next client says unasked, after its handshake.
    std::string hears_before_it_speaks(std::size_t count) {
        error_code failure;
        Stream stream = accepts(failure);
        REQUIRE_FALSE(failure);
        std::string heard(count, ' ');
        asio::read(stream, asio::buffer(heard));
        return heard;
    }

    /// The next client after its login.
    Stream welcomes() {
        error_code failure;
        Stream stream = accepts(failure);
        REQUIRE_FALSE(failure);
        asio::streambuf received;
        received.consume(asio::read_until(stream, received, "\r\n"));  // CLACKS
        asio::read_until(stream, received, "\r\n");                    // OVERHEAD A
        asio::write(
            stream,
            asio::buffer(std::string_view("CLACKS node\nOVERHEAD O Welcome!\nFLUSHED c0\n")));
        return stream;
    }

private:
    TemporaryDirectory directory_;
    std::string ca_file_;
    asio::io_context io_;
    asio::ssl::context context_{asio::ssl::context::tls_server};
    tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

/// Connects to a node that expects the handshake to fail; gives the client's words.
std::string fails_to_connect(TlsNode& node, const clacks::Options& options) {
    Running client(options);
    auto connected = client->async_connect(later);
    error_code failure;
    node.accepts(failure);
    CHECK(error_of(std::move(connected)).category() == asio::error::get_ssl_category());
    return client->diagnostic();
}

bool connects_over_tls(TlsNode& node, const clacks::Options& options) {
    Running client(options);
    auto connected = client->async_connect(later);
    auto stream = node.welcomes();
    outcome(std::move(connected));
    return client->is_connected();
}

}  // namespace

TEST_CASE("tls: a certificate of the trusted CA for this address is taken") {
    TlsNode node("127.0.0.1");
    CHECK(connects_over_tls(node, node.options()));
}

TEST_CASE("tls: the first question comes in one flight with the login") {
    const std::string flight =
        "CLACKS clacks client\r\nOVERHEAD A bWU=:\r\nFEATURES\r\nFLUSH c0\r\nRETRIEVE a\r\n";
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsNode node("127.0.0.1");
        SSL_CTX_set_max_proto_version(node.context().native_handle(), version);
        Running client(node.options());
        auto retrieved = client->async_retrieve("a", later);
        auto connected = client->async_connect(later);
        CHECK(node.hears_before_it_speaks(flight.size()) == flight);
    }
}

TEST_CASE("tls: a certificate for the host's name is taken") {
    TlsNode node("localhost");
    CHECK(connects_over_tls(node, node.options("localhost")));
}

TEST_CASE("tls: a certificate for another name is refused, and that this is why is told") {
    TlsNode node("elsewhere.example");
    const std::string by_address = fails_to_connect(node, node.options());
    CHECK(by_address.find("certificate verify failed") != std::string::npos);
    CHECK(by_address.ends_with("IP address mismatch"));
    CHECK(fails_to_connect(node, node.options("localhost")).ends_with("hostname mismatch"));
}

TEST_CASE("tls: a CA that is not trusted is refused, and the reason is told") {
    TlsNode node("127.0.0.1");
    TlsNode other("127.0.0.1");
    auto options = node.options();
    options.ca_file = other.options().ca_file;
    const std::string words = fails_to_connect(node, options);
    CHECK(words.starts_with("tls://127.0.0.1:"));
    CHECK(words.find("certificate verify failed") != std::string::npos);

    options.ca_file = "";  // the system's store
    CHECK(fails_to_connect(node, options).find("certificate verify failed") != std::string::npos);
}

TEST_CASE("tls: without verification any certificate is taken") {
    TlsNode node("elsewhere.example");
    auto options = node.options();
    options.ca_file = "";
    options.verify = false;
    CHECK(connects_over_tls(node, options));
}

TEST_CASE("tls: a CA file that cannot be read is told at once") {
    TlsNode node("127.0.0.1");
    auto options = node.options();
    options.ca_file = "/nonexistent/ca.crt";
    options.keep_trying = true;
    Running client(options);
    CHECK(error_of(client->async_connect(later)).failed());
    CHECK(client->diagnostic().starts_with("/nonexistent/ca.crt: "));
}

TEST_CASE("tls: a node that offers less than TLS 1.2 is refused") {
    TlsNode node("127.0.0.1");
    SSL_CTX_set_max_proto_version(node.context().native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_min_proto_version(node.context().native_handle(), TLS1_1_VERSION);
    CHECK(fails_to_connect(node, node.options()) != "");
}

TEST_CASE("tls: a reconnect resumes the session, after a clean end and a cut") {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsNode node("127.0.0.1");
        SSL_CTX_set_max_proto_version(node.context().native_handle(), version);
        Running client(node.options());
        auto connected = client->async_connect(later);
        {
            auto first = node.welcomes();
            outcome(std::move(connected));
            CHECK(SSL_session_reused(first.native_handle()) == 0);
            asio::write(first, asio::buffer(std::string_view("QUIT\n")));
        }
        for (int i = 0; i < 2; ++i) {
            auto again = node.welcomes();
            CHECK(SSL_session_reused(again.native_handle()) == 1);
        }
        CHECK(print(outcome(client->async_receive(later))) == "disconnected");
        CHECK(print(outcome(client->async_receive(later))) == "reconnected");
    }
}

TEST_CASE("tls: large values pass both ways") {
    TlsNode node("127.0.0.1");
    Running client(node.options());
    auto connected = client->async_connect(later);
    auto stream = node.welcomes();
    outcome(std::move(connected));
    const std::string value(3'000'000, 'v');
    const std::string line = "SET a=" + value + "\r\n";
    CHECK_FALSE(client->set("a", value));
    std::string received(line.size(), '\0');
    asio::read(stream, asio::buffer(received));
    CHECK((received == line));
    asio::write(stream, asio::buffer(line));
    CHECK((outcome(client->async_receive(later)).value == value));
}

TEST_CASE("client: a certificate or key that cannot be used is told at once, with its file") {
    using Options = clacks::Options;
    Options key_alone{.url = "tls://me@localhost:1", .verify = false, .key_file = "a.key"};
    Running alone(key_alone);
    CHECK(error_of(alone->async_connect(later)) == clacks::Errc::no_certificate);
    CHECK(alone->diagnostic().starts_with("a.key: "));

    TemporaryDirectory directory;
    clacks::tool::CertificateRequest request;
    request.directory = directory.path();
    request.client = "me";
    const auto files = clacks::tool::make_certificate(request);
    const std::string ca_key = (directory.path() / "ca.key").string();
    const std::string certificate = files.certificate.string();
    const std::pair<Options, std::string> rows[] = {
        {{.certificate_file = "/nonexistent"}, "/nonexistent: no certificate in PEM: "},
        {{.certificate_file = ca_key}, ca_key + ": no certificate in PEM: "},
        {{.certificate_file = certificate}, certificate + ": not the key of " + certificate},
        {{.certificate_file = certificate, .key_file = ca_key},
         ca_key + ": not the key of " + certificate},
    };
    for (auto [options, words] : rows) {
        CAPTURE(words);
        options.url = key_alone.url;
        options.verify = false;
        Running client(options);
        CHECK(error_of(client->async_connect(later)).failed());
        CHECK(client->diagnostic().starts_with(words));
    }
}
