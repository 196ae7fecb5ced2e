#include "clacks/cause.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace clacks {
namespace {

namespace asio = boost::asio;

Cause cause_in_tls(int reason) {
    switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return Cause::untrusted;
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        // TLS 1.2 has no word of its own for it. Nothing else that a client of ours can do wrong
        // ends like this.
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
            return Cause::certificate_wanted;
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
            return Cause::certificate_refused;
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
            return Cause::no_tls;
        default:
            return Cause::other;
    }
}

Cause cause_of_ours(Errc error) {
    switch (error) {
        case Errc::timeout:
            return Cause::no_answer;
        case Errc::no_greeting:
            return Cause::no_greeting;
        case Errc::not_clacks:
            return Cause::not_clacks;
        case Errc::login_failed:
            return Cause::login_failed;
        case Errc::login_delayed:
            return Cause::login_delayed;
        default:
            return Cause::other;
    }
}

}  // namespace

Cause cause_of(const error_code& error) {
    if (error.category() == error_category())
        return cause_of_ours(static_cast<Errc>(error.value()));
    if (error.category() == asio::error::get_ssl_category())
        return cause_in_tls(ERR_GET_REASON(static_cast<unsigned long>(error.value())));
    if (error == asio::error::host_not_found || error == asio::error::host_not_found_try_again ||
        error == asio::error::no_data)
        return Cause::no_such_host;
    namespace errc = boost::system::errc;
    if (error == errc::connection_refused || error == errc::no_such_file_or_directory)
        return Cause::nobody_listens;
    if (error == errc::permission_denied) return Cause::not_allowed;
    if (error == errc::timed_out || error == errc::host_unreachable ||
        error == errc::network_unreachable)
        return Cause::no_answer;
    return Cause::other;
}

}  // namespace clacks
