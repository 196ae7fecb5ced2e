#include "tests/transport/tls_pair.hpp"

#include <array>
#include <span>
#include <utility>

namespace clacks::test {

using transport::Tls;

void TlsEnd::take(std::string_view cipher) {
    std::span<const char> rest(cipher);
    std::array<char, 5000> plain;  // less than a record
    for (;;) {
        const auto read = tls.read(rest, plain, to_network);
        status = read.status;
        if (status != Tls::Status::data) return;
        heard.append(plain.data(), read.bytes);
    }
}

TlsPair::TlsPair(const transport::TlsContext& server_context,
                 const transport::TlsContext& client_context, const std::string& host,
                 const transport::TlsSession& resume, std::size_t piece_bytes)
    : server(server_context), client(client_context, host), piece_bytes_(piece_bytes) {
    client.tls.resume(resume);
    client.tls.start(client.to_network);
    carry();
}

void TlsPair::carry() {
    while (!client.to_network.empty() || !server.to_network.empty()) {
        carry(client, server);
        bytes_from_server += server.to_network.size();
        carry(server, client);
    }
}

void TlsPair::carry(TlsEnd& from, TlsEnd& to) const {
    const std::string bytes = std::exchange(from.to_network, {});
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes_) {
        to.take(std::string_view(bytes).substr(at, piece_bytes_));
    }
}

bool TlsPair::good() const {
    return server.tls.ready() && client.tls.ready() && server.status == Tls::Status::want_input &&
           client.status == Tls::Status::want_input;
}

std::string TlsPair::say_to_client(std::string_view plain) {
    if (!server.tls.write(plain, server.to_network)) return server.tls.error_text();
    carry();
    return std::exchange(client.heard, {});
}

std::string TlsPair::say_to_server(std::string_view plain) {
    if (!client.tls.write(plain, client.to_network)) return client.tls.error_text();
    carry();
    return std::exchange(server.heard, {});
}

}  // namespace clacks::test
