#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "transport/settings.hpp"

namespace clacks::transport {

/// Certificates and rules that many TLS connections share. Immutable once made, safe from any
/// thread.
class TlsContext {
public:
    /// For listeners. Throws StartError: a file that cannot be read, a key that does not fit its
    /// certificate.
    static TlsContext for_listeners(const TlsSettings& settings);

    /// For uplinks. Presents our certificate if there is one. With `verify`, the master's
    /// certificate must be signed by `settings.ca` (empty: the system's) and bear its host's name.
    static TlsContext for_uplinks(const TlsSettings& settings, bool verify);

    SSL_CTX* native() const { return context_.get(); }
    bool verifies_peer() const { return verifies_peer_; }

private:
    TlsContext(const TlsSettings& settings, const SSL_METHOD* method);
    void load_certificate(const TlsSettings& settings);
    void load_ca(const TlsSettings& settings);

    std::shared_ptr<SSL_CTX> context_;
    bool verifies_peer_ = false;
};

/// The first error of OpenSSL's queue as words, and the queue emptied.
std::string take_tls_error();

}  // namespace clacks::transport
