#include "transport/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstring>

#include "transport/start_error.hpp"

namespace clacks::transport {

namespace {

[[noreturn]] void give_up(const std::string& what, const std::string& key = {}) {
    const std::string why = take_tls_error();
    throw StartError(why.empty() ? what : what + ": " + why, key);
}

/// Whether the last call failed because its file holds no PEM of the kind that was asked for.
bool holds_another_kind() {
    const unsigned long code = ERR_peek_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

/// Instead of OpenSSL's question on the terminal: a node starts without anybody there.
int no_passphrase(char*, int, int, void*) { return 0; }

}  // namespace

std::string take_tls_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "";
    if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
    if (const char* reason = ERR_reason_error_string(code)) return reason;
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

TlsContext::TlsContext(const TlsSettings& settings, const SSL_METHOD* method)
    : context_(SSL_CTX_new(method), &SSL_CTX_free) {
    if (!context_) give_up("OpenSSL gives no context");
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(
        context, settings.minimum_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // An idle connection keeps no buffers; a busy one takes many small records in one read.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

void TlsContext::load_certificate(const TlsSettings& settings) {
    SSL_CTX* context = context_.get();
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
        const bool swapped = holds_another_kind();
        give_up("cannot read the certificate " + settings.certificate + " (tls.certificate)" +
                    (swapped ? ", which holds no certificate in PEM" : ""),
                "tls.certificate");
    }
    if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        // OpenSSL checks the key against the certificate while it loads it.
        give_up("cannot use the key " + settings.key + " (tls.key) with the certificate " +
                    settings.certificate,
                "tls.key");
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        give_up("the key " + settings.key + " (tls.key) does not belong to the certificate " +
                    settings.certificate,
                "tls.key");
    }
}

void TlsContext::load_ca(const TlsSettings& settings) {
    SSL_CTX* context = context_.get();
    if (settings.ca.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) give_up("cannot read the system's CAs");
    } else if (SSL_CTX_load_verify_locations(context, settings.ca.c_str(), nullptr) != 1) {
        give_up("cannot read the CA certificate " + settings.ca + " (tls.ca)", "tls.ca");
    }
}

TlsContext TlsContext::for_listeners(const TlsSettings& settings) {
    TlsContext result(settings, TLS_server_method());
    SSL_CTX* context = result.native();
    result.load_certificate(settings);
    SSL_CTX_set_num_tickets(context, 1);
    static constexpr unsigned char session_context[] = "clacks";
    SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
    if (settings.client_certificates != ClientCertificates::none) {
        result.load_ca(settings);
        int mode = SSL_VERIFY_PEER;
        if (settings.client_certificates == ClientCertificates::require) {
            mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        }
        SSL_CTX_set_verify(context, mode, nullptr);
        if (!settings.ca.empty()) {
            SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.ca.c_str()));
        }
    }
    return result;
}

TlsContext TlsContext::for_uplinks(const TlsSettings& settings, bool verify) {
    TlsContext result(settings, TLS_client_method());
    if (!settings.certificate.empty()) result.load_certificate(settings);
    result.verifies_peer_ = verify;
    if (verify) {
        result.load_ca(settings);
        SSL_CTX_set_verify(result.native(), SSL_VERIFY_PEER, nullptr);
    }
    return result;
}

}  // namespace clacks::transport
