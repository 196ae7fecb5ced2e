#include "client/tool/explain.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/ssl/error.hpp>

#include "clacks/url.hpp"

namespace clacks::tool {
namespace {

std::string place(const Options& options) {
    const auto url = parse_url(options.url);
    return url ? to_string(*url) : options.url;
}

/// What the library says, without the URL in front of it: the sentences here name it themselves.
std::string words(const Trouble& trouble, const Options& options) {
    if (trouble.diagnostic.empty()) return trouble.code.message();
    const std::string front = place(options) + ": ";
    return trouble.diagnostic.starts_with(front) ? trouble.diagnostic.substr(front.size())
                                                 : trouble.diagnostic;
}

bool is_tls(const error_code& code) {
    return code.category() == boost::asio::error::get_ssl_category();
}

bool is_untrusted(const error_code& code) {
    return is_tls(code) && ERR_GET_REASON(static_cast<unsigned long>(code.value())) ==
                               SSL_R_CERTIFICATE_VERIFY_FAILED;
}

/// The file of --ca could be opened, but OpenSSL finds nothing in it.
bool is_useless_ca(const error_code& code) {
    const int library = ERR_GET_LIB(static_cast<unsigned long>(code.value()));
    return is_tls(code) && (library == ERR_LIB_X509 || library == ERR_LIB_PEM);
}

Failure explain_connect(const Trouble& trouble, const Options& options) {
    const auto fail = [&](const std::string& what, const std::string& advice) {
        return Failure(ExitCode::no_connection, what + " (" + advice + ")");
    };
    if (trouble.code == Errc::login_failed)
        return fail(
            place(options) + " does not accept user '" + options.user + "' with this password",
            "--user and --password-file, CLACKS_USER and CLACKS_PASSWORD, or client.yaml "
            "say who logs in");
    if (is_useless_ca(trouble.code))
        return {ExitCode::usage, words(trouble, options) + " (--ca wants certificates in PEM)"};
    const std::string what = "cannot connect to " + place(options) + ": " + words(trouble, options);
    if (is_untrusted(trouble.code))
        return fail(what,
                    "use --ca FILE to trust who signed its certificate, or --insecure to "
                    "accept any");
    return fail(what, "is clacksd running there? --url or CLACKS_URL chooses another node");
}

}  // namespace

Failure explain(const Trouble& trouble, const Options& options) {
    if (trouble.code.category() == error_category()) {
        switch (static_cast<Errc>(trouble.code.value())) {
            case Errc::permission_denied:
                return {ExitCode::refused,
                        place(options) + " refused: permission denied to user '" + options.user +
                            "' (log in as another user, or ask for the "
                            "permission in the node's configuration)"};
            case Errc::refused:
                return {ExitCode::refused, place(options) + " refused: " + words(trouble, options)};
            case Errc::value_too_large:
                return {ExitCode::usage, "the value is too large: its line would be longer than " +
                                             std::to_string(options.line_bytes) + " bytes"};
            case Errc::not_supported:
                return {ExitCode::refused,
                        place(options) + " cannot do this: it is no clacksd, or an older one"};
            case Errc::invalid_name:
            case Errc::invalid_step:
            case Errc::invalid_url:
            case Errc::invalid_version:
            case Errc::invalid_lifetime:
            case Errc::invalid_query:
                return {ExitCode::usage, trouble.code.message()};
            default:
                break;
        }
    }
    if (!trouble.connected || trouble.code == Errc::login_failed)
        return explain_connect(trouble, options);
    return {ExitCode::no_connection, "lost " + place(options) + ": " + words(trouble, options) +
                                         " (whether it did what was asked is not known)"};
}

}  // namespace clacks::tool
