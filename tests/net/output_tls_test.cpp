#include <doctest/doctest.h>

#include <array>
#include <string>

#include "server/net/output.hpp"
#include "tests/net/socket_pair.hpp"
#include "tests/transport/certificates.hpp"
#include "tests/transport/tls_pair.hpp"

using namespace clacks;
using namespace clacks::test;
using net::Output;
using transport::BufferPool;
using transport::Tls;
using Append = Output::Append;
using Flush = Output::Flush;

namespace {

transport::TlsContext output_server_context() {
    return transport::TlsContext::for_listeners(
        {.certificate = certificates().certificate.string(),
         .key = certificates().key.string(),
         .ca = certificates().ca.string(),
         .client_certificates = transport::ClientCertificates::request});
}

transport::TlsContext output_client_context() {
    return transport::TlsContext::for_uplinks(
        {.certificate = client_certificate().certificate.string(),
         .key = client_certificate().key.string(),
         .ca = certificates().ca.string()},
        true);
}

/// A server's output through TLS, and the client at the other end of its socket.
struct Encrypted {
    SocketPair sockets;
    BufferPool pool;
    Output output{sockets.ours(), std::make_unique<Tls>(output_server_context())};
    TlsEnd client{output_client_context(), "localhost"};
    std::string heard;  ///< from the client

    Append append(std::string_view bytes, std::size_t at_most = 1U << 30U) {
        return output.append(bytes, at_most, pool);
    }
    Flush flush() { return output.flush(pool, MonoTime{}); }

    /// Gives what the client has to say to the output. How much waits for a flush because of it.
    std::size_t hear() {
        const std::string bytes = std::exchange(client.to_network, {});
        std::span<const char> rest(bytes);
        std::array<char, 4096> plain;
        for (;;) {
            const auto read = output.read_tls(rest, plain, pool);
            if (read.status != Tls::Status::data) {
                REQUIRE(read.status == Tls::Status::want_input);
                return read.bytes;
            }
            heard.append(plain.data(), read.bytes);
        }
    }
    void begin_handshake() {
        client.tls.start(client.to_network);
        CHECK(hear() > 0);
        CHECK(flush() == Flush::done);
        client.take(sockets.read());
        CHECK(client.tls.ready());
    }
    void handshake() {
        begin_handshake();
        hear();
        CHECK(flush() == Flush::done);
        client.take(sockets.read());
    }
};

}  // namespace

TEST_CASE("output: through TLS it writes what was appended, and reads") {
    Encrypted tls;
    CHECK(tls.output.has_tls());
    tls.handshake();
    CHECK(tls.append("one ") == Append::first);
    CHECK(tls.append("two") == Append::queued);
    CHECK(tls.flush() == Flush::done);
    tls.client.take(tls.sockets.read());
    CHECK(tls.client.heard == "one two");

    REQUIRE(tls.client.tls.write("hello", tls.client.to_network));
    CHECK(tls.hear() == 0);
    CHECK(tls.heard == "hello");
    CHECK(tls.flush() == Flush::nothing);
}

TEST_CASE("output: what was appended before the handshake is done waits, and its end says so") {
    Encrypted tls;
    CHECK(tls.append("greeting") == Append::first);
    CHECK(tls.flush() == Flush::done);
    CHECK(tls.sockets.read() == "");
    CHECK(tls.output.size() == 8);
    tls.begin_handshake();
    CHECK(tls.hear() >= 8);
    CHECK(tls.flush() == Flush::done);
    tls.client.take(tls.sockets.read());
    CHECK(tls.client.heard == "greeting");
}

TEST_CASE("output: last words end the TLS connection, and before its handshake it has none") {
    Encrypted tls;
    tls.handshake();
    CHECK(tls.output.finish("QUIT", tls.pool) == Append::first);
    CHECK(tls.flush() == Flush::done);
    tls.client.take(tls.sockets.read());
    CHECK(tls.client.heard == "QUIT");
    CHECK(tls.client.status == Tls::Status::closed);
    CHECK(tls.output.drained());

    Encrypted early;
    CHECK(early.append("greeting") == Append::first);
    CHECK(early.output.finish("QUIT", early.pool) == Append::queued);
    CHECK(early.flush() == Flush::done);
    CHECK(early.sockets.read() == "");
    CHECK(early.output.drained());
}

TEST_CASE("output: a full socket keeps what is encrypted already, in order") {
    Encrypted tls;
    tls.handshake();
    std::string all(8U << 20U, '.');
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>('a' + i % 23);
    CHECK(tls.append(all) == Append::first);
    CHECK(tls.flush() == Flush::blocked);
    CHECK(tls.append("more") == Append::queued);
    CHECK(tls.append("too much", 1000) == Append::full);
    do tls.client.take(tls.sockets.read());
    while (tls.output.unblock(tls.pool, MonoTime{}) == Flush::blocked);
    tls.client.take(tls.sockets.read());
    CHECK(tls.client.heard == all + "more");
    CHECK(tls.client.status == Tls::Status::want_input);
}

TEST_CASE("output: what is encrypted already counts for what may wait") {
    Encrypted tls;
    tls.handshake();
    constexpr std::size_t piece = 64U << 10U;
    std::size_t written = 0;
    do {
        tls.append(std::string(piece, '.'));
        written += piece;
        REQUIRE(written < (64U << 20U));
    } while (tls.flush() != Flush::blocked);
    const auto waiting = tls.output.size();  // ciphertext
    CHECK(waiting > 0);
    CHECK(tls.output.append_if_room("1", waiting, tls.pool) == std::nullopt);
    CHECK(tls.output.append_if_room("1", waiting + 1, tls.pool) == Append::queued);
    CHECK(tls.append("2", waiting + 1) == Append::full);
}

TEST_CASE("output: it knows the certificate and the error of its TLS connection") {
    Encrypted tls;
    CHECK(tls.output.certificate_name() == "");
    tls.handshake();
    CHECK(tls.output.certificate_name() == "sensor-1");
    CHECK(tls.output.tls_error() == "");

    Encrypted plain;
    std::span<const char> text("CLACKS x\r\n", 10);
    std::array<char, 100> nothing;
    CHECK(plain.output.read_tls(text, nothing, plain.pool).status == Tls::Status::failed);
    CHECK(plain.output.tls_error() != "");
}
