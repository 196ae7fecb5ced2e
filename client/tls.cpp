#include "client/tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace clacks::detail {

namespace ssl = boost::asio::ssl;

Failure Tls::configure(const Options& options) {
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    verify_ = options.verify;
    error_code error;
    if (!verify_) {
        context_.set_verify_mode(ssl::verify_none, error);
    } else {
        context_.set_verify_mode(ssl::verify_peer, error);
        if (options.ca_file.empty())
            context_.set_default_verify_paths(error);
        else
            context_.load_verify_file(options.ca_file, error);
    }
    if (error) return {error, options.ca_file + ": no certificates to trust: " + error.message()};
    return load_certificate(options);
}

Failure Tls::load_certificate(const Options& options) {
    const std::string& certificate = options.certificate_file;
    if (certificate.empty() && options.key_file.empty()) return {};
    if (certificate.empty())
        return {Errc::no_certificate, options.key_file + ": a key without a certificate"};
    error_code error;
    // Instead of OpenSSL's question on the terminal.
    context_.set_password_callback([](auto...) { return std::string(); }, error);
    context_.use_certificate_chain_file(certificate, error);
    if (error) return {error, certificate + ": no certificate in PEM: " + error.message()};
    const std::string& key = options.key_file.empty() ? certificate : options.key_file;
    context_.use_private_key_file(key, ssl::context::pem, error);
    if (error) return {error, key + ": not the key of " + certificate + ": " + error.message()};
    return {};
}

void Tls::prepare(Stream& stream, const std::string& host) {
    SSL* const native = stream.native_handle();
    error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    // An address must not stand in SNI (RFC 6066, section 3).
    if (not_an_address)  // what the macro SSL_set_tlsext_host_name does, without its C cast
        SSL_ctrl(native, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    if (verify_) {
        error_code ignored;  // cannot fail: it stores the callback
        // OpenSSL would call a wrong name an unspecified error.
        const int wrong_name =
            not_an_address ? X509_V_ERR_HOSTNAME_MISMATCH : X509_V_ERR_IP_ADDRESS_MISMATCH;
        const auto verify = [check = ssl::host_name_verification(host), wrong_name](
                                bool good, ssl::verify_context& context) {
            if (check(good, context)) return true;
            if (good) X509_STORE_CTX_set_error(context.native_handle(), wrong_name);
            return false;
        };
        stream.set_verify_callback(verify, ignored);
    }
    if (session_) SSL_set_session(native, session_.get());
}

// A copy: OpenSSL would mark the session itself unusable when the connection ends uncleanly.
void Tls::keep_session(Stream& stream) {
    SSL_SESSION* const session = SSL_get_session(stream.native_handle());
    if (session != nullptr && SSL_SESSION_is_resumable(session) == 1)
        session_.reset(SSL_SESSION_dup(session));
}

std::string Tls::explain(Stream& stream, const error_code& error) {
    const long verified = SSL_get_verify_result(stream.native_handle());
    if (verified == X509_V_OK) return error.message();
    return error.message() + ": " + X509_verify_cert_error_string(verified);
}

}  // namespace clacks::detail
