#include "transport/tls.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/transport/certificates.hpp"
#include "tests/transport/tls_pair.hpp"

using namespace clacks;
using namespace clacks::test;
using transport::ClientCertificates;
using transport::Tls;
using transport::TlsContext;
using transport::TlsSettings;
using transport::TlsVersion;

namespace {

TlsSettings settings_with(const tool::CertificateFiles& files) {
    TlsSettings settings;
    settings.certificate = files.certificate.string();
    settings.key = files.key.string();
    settings.ca = certificates().ca.string();
    return settings;
}

TlsContext server_context(ClientCertificates client_certificates = ClientCertificates::none) {
    auto settings = settings_with(certificates());
    settings.client_certificates = client_certificates;
    return TlsContext::for_listeners(settings);
}

/// Shows no certificate, trusts our CA.
TlsContext client_context() {
    TlsSettings settings;
    settings.ca = certificates().ca.string();
    return TlsContext::for_uplinks(settings, true);
}

TlsContext client_context(const tool::CertificateFiles& own) {
    return TlsContext::for_uplinks(settings_with(own), true);
}

/// The contexts of both ends for one version of TLS.
struct Contexts {
    TlsContext server = server_context();
    TlsContext client = client_context();

    explicit Contexts(int version) { SSL_CTX_set_max_proto_version(server.native(), version); }
};
constexpr int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/// The pieces that a network makes of a stream, bad ones included.
constexpr std::size_t pieces[] = {1, 7, 1000, 100'000};

/// The name of a peer whose handshake failed at the other end is of no interest; both are closed.
std::string error_of_client(const std::string& host, const tool::CertificateFiles& server,
                            bool verify) {
    TlsSettings settings;
    settings.ca = certificates().ca.string();
    const TlsPair pair(TlsContext::for_listeners(settings_with(server)),
                       TlsContext::for_uplinks(settings, verify), host);
    CHECK(pair.good() == pair.client.tls.error_text().empty());
    return pair.client.tls.error_text();
}

}  // namespace

TEST_CASE("tls: text crosses in both directions, however the network cuts it") {
    for (const int version : versions) {
        for (const std::size_t piece : pieces) {
            CAPTURE(version);
            CAPTURE(piece);
            const Contexts contexts(version);
            TlsPair pair(contexts.server, contexts.client, "localhost", nullptr, piece);
            REQUIRE(pair.good());
            CHECK(pair.say_to_server("hello") == "hello");
            CHECK(pair.say_to_client("hello back") == "hello back");
            const std::string large(100'000, 'l');  // several records
            CHECK(pair.say_to_client(large) == large);
            CHECK(pair.say_to_server(large) == large);
            CHECK(pair.good());
        }
    }
}

TEST_CASE("tls: what is written at once shares records") {
    TlsPair pair(server_context(), client_context());
    std::string text;
    for (int i = 0; i < 64; ++i) text += "a line of some length\r\n";
    std::string cipher;
    REQUIRE(pair.server.tls.write(text, cipher));
    CHECK(cipher.size() < text.size() + 64);
}

TEST_CASE("tls: the end that one side announces is the end for the other") {
    for (const int version : versions) {
        CAPTURE(version);
        const Contexts contexts(version);
        TlsPair pair(contexts.server, contexts.client);
        REQUIRE(pair.server.tls.write("last words", pair.server.to_network));
        pair.server.tls.close(pair.server.to_network);
        pair.carry();
        CHECK(pair.client.heard == "last words");
        CHECK(pair.client.status == Tls::Status::closed);
    }
}

TEST_CASE("tls: before the handshake there is no end to announce") {
    Tls tls(server_context());
    std::string bytes;
    tls.close(bytes);
    CHECK(bytes == "");
    CHECK_FALSE(tls.ready());
}

TEST_CASE("tls: a client that has been here before resumes with half a handshake") {
    for (const int version : versions) {
        CAPTURE(version);
        const Contexts contexts(version);
        TlsPair first(contexts.server, contexts.client);
        CHECK(first.say_to_client("hello") == "hello");
        CHECK_FALSE(first.client.tls.resumed());
        const auto session = first.client.tls.session();
        REQUIRE(session);

        for (int i = 0; i < 3; ++i) {  // as often as it likes, and from its latest one
            TlsPair again(contexts.server, contexts.client, "localhost", session);
            REQUIRE(again.good());
            CHECK(again.client.tls.resumed());
            CHECK(again.server.tls.resumed());
            CHECK(again.bytes_from_server < first.bytes_from_server / 2);
            CHECK(again.say_to_client("hello again") == "hello again");
            TlsPair next(contexts.server, contexts.client, "localhost", again.client.tls.session());
            CHECK(next.client.tls.resumed());
        }
    }
}

TEST_CASE("tls: a session outlives a connection that ended without a word") {
    for (const int version : versions) {
        CAPTURE(version);
        const Contexts contexts(version);
        transport::TlsSession session;
        {
            TlsPair first(contexts.server, contexts.client);
            first.say_to_client("hello");
            session = first.client.tls.session();
        }
        CHECK(TlsPair(contexts.server, contexts.client, "localhost", session).client.tls.resumed());
    }
}

TEST_CASE("tls: a server with other certificates takes no old session, but a new handshake") {
    for (const int version : versions) {
        CAPTURE(version);
        const Contexts before(version);
        const Contexts after(version);
        TlsPair first(before.server, before.client);
        first.say_to_client("hello");
        TlsPair second(after.server, after.client, "localhost", first.client.tls.session());
        CHECK(second.good());
        CHECK_FALSE(second.client.tls.resumed());
        CHECK(second.say_to_server("hello") == "hello");
    }
}

TEST_CASE("tls: a connection that never came about leaves no session") {
    const auto context = client_context();
    CHECK_FALSE(Tls(context, "localhost").session());
    TlsPair pair(TlsContext::for_listeners(settings_with(foreign_certificates())), context);
    CHECK(pair.client.status == Tls::Status::failed);
    CHECK_FALSE(pair.client.tls.session());
}

TEST_CASE("tls: plain text fails, whichever side speaks it") {
    for (const std::string_view text :
         {"CLACKS client\r\nOVERHEAD A x\r\n", "GET / HTTP/1.0\r\n\r\n", "\r\n\r\n\r\n\r\n"}) {
        CAPTURE(text);
        TlsEnd server(server_context());
        server.take(text);
        CHECK(server.status == Tls::Status::failed);
        CHECK(server.tls.error_text() != "");
        TlsEnd client(client_context(), "localhost");
        client.tls.start(client.to_network);
        client.take(text);
        CHECK(client.status == Tls::Status::failed);
        CHECK(client.tls.error_text() != "");
    }
}

TEST_CASE("tls: a record that was changed on its way fails") {
    for (const int version : versions) {
        CAPTURE(version);
        const Contexts contexts(version);
        TlsPair pair(contexts.server, contexts.client);
        REQUIRE(pair.client.tls.write("STORE a=1\r\n", pair.client.to_network));
        pair.client.to_network.back() ^= 1;
        pair.carry();
        CHECK(pair.server.status == Tls::Status::failed);
        CHECK(pair.server.heard == "");
        CHECK(pair.server.tls.error_text() != "");
    }
}

TEST_CASE("tls: TLS 1.2 is refused where 1.3 is the least") {
    auto settings = settings_with(certificates());
    settings.minimum_version = TlsVersion::tls_1_3;
    const auto client = client_context();
    SSL_CTX_set_max_proto_version(client.native(), TLS1_2_VERSION);
    TlsPair pair(TlsContext::for_listeners(settings), client);
    CHECK(pair.server.status == Tls::Status::failed);
    CHECK(pair.server.tls.error_text() == "unsupported protocol");
    CHECK(pair.client.status == Tls::Status::failed);
}

TEST_CASE("tls: the server's certificate must bear the name or the address that was dialled") {
    for (const std::string host : {"localhost", "LOCALHOST", "127.0.0.1", "::1"}) {
        CAPTURE(host);
        CHECK(error_of_client(host, certificates(), true) == "");
    }
    CHECK(error_of_client("example.org", certificates(), true) ==
          "certificate verify failed: hostname mismatch");
    CHECK(error_of_client("127.0.0.2", certificates(), true) ==
          "certificate verify failed: IP address mismatch");
    CHECK(error_of_client("::2", certificates(), true) ==
          "certificate verify failed: IP address mismatch");
}

TEST_CASE("tls: who signed the server's certificate must be trusted, unless nobody asks") {
    CHECK(error_of_client("localhost", foreign_certificates(), true)
              .starts_with("certificate verify failed: "));
    CHECK(error_of_client("localhost", foreign_certificates(), false) == "");
    CHECK(error_of_client("example.org", certificates(), false) == "");
}

TEST_CASE("tls: a client is known by its certificate, also when it resumes") {
    for (const auto mode : {ClientCertificates::request, ClientCertificates::require}) {
        for (const int version : versions) {
            CAPTURE(version);
            const auto server = server_context(mode);
            SSL_CTX_set_max_proto_version(server.native(), version);
            const auto client = client_context(client_certificate());
            TlsPair first(server, client);
            REQUIRE(first.good());
            CHECK(first.server.tls.certificate_name() == "sensor-1");
            first.say_to_client("hello");
            TlsPair again(server, client, "localhost", first.client.tls.session());
            CHECK(again.server.tls.resumed());
            CHECK(again.server.tls.certificate_name() == "sensor-1");
        }
    }
}

TEST_CASE("tls: a client that shows no certificate is nobody, or has no entry") {
    TlsPair requested(server_context(ClientCertificates::request), client_context());
    CHECK(requested.good());
    CHECK(requested.server.tls.certificate_name() == "");
    TlsPair required(server_context(ClientCertificates::require), client_context());
    CHECK(required.server.status == Tls::Status::failed);
    CHECK(required.server.tls.error_text() == "peer did not return a certificate");
}

TEST_CASE("tls: a certificate that nobody asked for says nothing") {
    TlsPair pair(server_context(), client_context(client_certificate()));
    CHECK(pair.good());
    CHECK(pair.server.tls.certificate_name() == "");
}

TEST_CASE("tls: a client with a certificate by somebody else has no entry, asked or required") {
    for (const auto mode : {ClientCertificates::request, ClientCertificates::require}) {
        TlsPair pair(server_context(mode), client_context(foreign_client_certificate()));
        // OpenSSL may keep it to itself: the server names whom it trusts.
        const bool shown = pair.server.status == Tls::Status::failed;
        CHECK((shown || mode == ClientCertificates::request));
        CHECK(pair.server.tls.certificate_name() == "");
        if (shown) CHECK(pair.server.tls.error_text() != "");
    }
}
