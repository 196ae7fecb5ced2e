#include "transport/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <new>

#include "transport/certificate_name.hpp"

namespace clacks::transport {

namespace {

/// Lends the buffers of one call to the BIO and takes them back at its end.
template <class Buffer>
class Lend {
public:
    Lend(Buffer*& place, Buffer& buffer) : place_(place) { place_ = &buffer; }
    ~Lend() { place_ = nullptr; }
    Lend(const Lend&) = delete;
    Lend& operator=(const Lend&) = delete;

private:
    Buffer*& place_;
};

/// OpenSSL marks the session of a connection unusable when that ends uncleanly; not its copies.
TlsSession copy(const SSL_SESSION& session) {
    return {SSL_SESSION_dup(&session), [](SSL_SESSION* each) { SSL_SESSION_free(each); }};
}

}  // namespace

Tls::Tls(SSL* ssl) : ssl_(ssl) {
    if (!ssl_) throw std::bad_alloc();
    BIO* bio = BIO_new(method());
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
}

Tls::Tls(const TlsContext& context) : Tls(SSL_new(context.native())) {
    SSL_set_accept_state(ssl_.get());
}

Tls::Tls(const TlsContext& context, const std::string& host) : Tls(SSL_new(context.native())) {
    SSL_set_connect_state(ssl_.get());
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    if (not_an_address) {
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));  // the macro's own cast is an old-style one
    }
    if (!context.verifies_peer()) return;
    if (not_an_address) {
        SSL_set1_host(ssl_.get(), host.c_str());
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    }
}

Tls::Read Tls::read(std::span<const char>& cipher, std::span<char> plain, std::string& answer) {
    const Lend in(input_, cipher);
    const Lend out(output_, answer);
    std::size_t got = 0;
    while (got < plain.size()) {
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_read_ex(ssl_.get(), plain.data() + got, plain.size() - got, &bytes);
        if (result == 1) {
            got += bytes;
            continue;
        }
        if (got > 0) break;  // the status comes with the next call
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                return {Status::want_input};
            case SSL_ERROR_ZERO_RETURN:
                return {Status::closed};
            default:
                return failed();
        }
    }
    return {Status::data, got};
}

void Tls::resume(const TlsSession& session) {
    if (session) SSL_set_session(ssl_.get(), copy(*session).get());
    ERR_clear_error();
}

TlsSession Tls::session() const {
    const SSL_SESSION* const session = SSL_get_session(ssl_.get());
    return session && SSL_SESSION_is_resumable(session) == 1 ? copy(*session) : nullptr;
}

std::string Tls::certificate_name() const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return "";
    return transport::certificate_name(*certificate);
}

void Tls::start(std::string& answer) {
    std::span<const char> nothing;
    const Lend in(input_, nothing);
    const Lend out(output_, answer);
    ERR_clear_error();
    SSL_do_handshake(ssl_.get());
}

bool Tls::write(std::string_view plain, std::string& cipher) {
    std::span<const char> nothing;
    const Lend in(input_, nothing);
    const Lend out(output_, cipher);
    while (!plain.empty()) {
        ERR_clear_error();
        std::size_t bytes = 0;
        if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &bytes) != 1) {
            failed();
            return false;
        }
        plain.remove_prefix(bytes);
    }
    return true;
}

void Tls::close(std::string& cipher) {
    if (!ready()) return;
    std::span<const char> nothing;
    const Lend in(input_, nothing);
    const Lend out(output_, cipher);
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

Tls::Read Tls::failed() {
    const long verified = SSL_get_verify_result(ssl_.get());
    error_text_ = take_tls_error();
    if (verified != X509_V_OK) {
        error_text_ += std::string(": ") + X509_verify_cert_error_string(verified);
    }
    if (error_text_.empty()) error_text_ = "the connection ended within TLS";
    return {Status::failed};
}

int Tls::bio_read(BIO* bio, char* to, int size) {
    BIO_clear_retry_flags(bio);
    auto& self = *static_cast<Tls*>(BIO_get_data(bio));
    if (!self.input_ || self.input_->empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto bytes = std::min(static_cast<std::size_t>(size), self.input_->size());
    std::memcpy(to, self.input_->data(), bytes);
    *self.input_ = self.input_->subspan(bytes);
    return static_cast<int>(bytes);
}

int Tls::bio_write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    auto& self = *static_cast<Tls*>(BIO_get_data(bio));
    if (!self.output_) return -1;
    self.output_->append(from, static_cast<std::size_t>(size));
    return size;
}

long Tls::bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* Tls::method() {
    static BIO_METHOD* const shared = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "clacks");
        if (!made) throw std::bad_alloc();
        BIO_meth_set_read(made, &Tls::bio_read);
        BIO_meth_set_write(made, &Tls::bio_write);
        BIO_meth_set_ctrl(made, &Tls::bio_control);
        return made;
    }();
    return shared;
}

}  // namespace clacks::transport
