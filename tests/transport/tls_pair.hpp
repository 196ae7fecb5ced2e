#pragma once

#include <string>
#include <string_view>

#include "transport/tls.hpp"

namespace clacks::test {

/// One end of a TLS connection that is nothing but memory: what it has to say to the network, and
/// what it has heard.
class TlsEnd {
public:
    explicit TlsEnd(const transport::TlsContext& context) : tls(context) {}
    TlsEnd(const transport::TlsContext& context, const std::string& host) : tls(context, host) {}

    /// Takes bytes from the network.
    void take(std::string_view cipher);

    transport::Tls tls;
    std::string to_network;
    std::string heard;                                                   ///< plain text
    transport::Tls::Status status = transport::Tls::Status::want_input;  ///< of the last read
};

/// A client and a server with nothing between them.
class TlsPair {
public:
    /// The handshake is made. `piece_bytes`: what is carried at once.
    TlsPair(const transport::TlsContext& server_context,
            const transport::TlsContext& client_context, const std::string& host = "localhost",
            const transport::TlsSession& resume = nullptr, std::size_t piece_bytes = 1U << 20U);

    /// Carries bytes to and fro until neither has any for the other.
    void carry();

    /// Both are ready, and neither has failed.
    bool good() const;
    /// What the other has heard.
    std::string say_to_client(std::string_view plain);
    std::string say_to_server(std::string_view plain);

    TlsEnd server;
    TlsEnd client;
    std::size_t bytes_from_server = 0;

private:
    void carry(TlsEnd& from, TlsEnd& to) const;

    const std::size_t piece_bytes_;
};

}  // namespace clacks::test
