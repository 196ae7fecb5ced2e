#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "clacks/options.hpp"
#include "client/failure.hpp"

namespace clacks::detail {

/// What all TLS connections of one client share: whom it trusts, and the session it resumes, so
/// that a node that restarts is not met by full handshakes of all its clients.
class Tls {
public:
    using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

    Tls() : context_(boost::asio::ssl::context::tls_client) {}

    /// TLS 1.2 or newer; verification and our certificate as the options say. Fails when one of
    /// their files cannot be used.
    Failure configure(const Options& options);

    /// Before the handshake: what `host` must prove, and the session to resume.
    void prepare(Stream& stream, const std::string& host);
    /// After a handshake that led to a login.
    void keep_session(Stream& stream);
    /// Why the handshake failed, as exactly as OpenSSL knows.
    static std::string explain(Stream& stream, const error_code& error);

    boost::asio::ssl::context& context() { return context_; }

private:
    Failure load_certificate(const Options& options);

    struct SessionFree {
        void operator()(SSL_SESSION* s) const { SSL_SESSION_free(s); }
    };

    boost::asio::ssl::context context_;
    bool verify_ = true;
    std::unique_ptr<SSL_SESSION, SessionFree> session_;
};

}  // namespace clacks::detail
