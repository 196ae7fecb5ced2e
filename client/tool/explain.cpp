#include "client/tool/explain.hpp"

#include "clacks/cause.hpp"
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

/// What to do about it.
std::string advice(Cause cause, const Options& options) {
    switch (cause) {
        case Cause::no_such_host:
            return "is its name right? --url or CLACKS_URL says where the node is";
        case Cause::nobody_listens:
            return "is clacksd running there? --url or CLACKS_URL chooses another node";
        case Cause::no_answer:
            return "a firewall, or another address? --timeout SECONDS waits longer";
        case Cause::not_allowed:
            return "mode and group of the socket, in clacksd's configuration, say who may use it";
        case Cause::no_tls:
            return "what listens there does not speak TLS: is it the port of a clacksd?";
        case Cause::untrusted:
            return "--url must call the node what its certificate does, --ca FILE says who must "
                   "have signed that, --insecure accepts any";
        case Cause::certificate_wanted:
            return options.certificate_file.empty()
                       ? "the node lets nobody in without a certificate: --cert FILE and --key "
                         "FILE show one, signed by a CA that it trusts"
                       : "the node accepts no certificate like that of --cert";
        case Cause::certificate_refused:
            return "the node does not trust the certificate of --cert: its tls.ca must have "
                   "signed it";
        case Cause::no_greeting:
            return "what listens there is silent: is it a clacksd? --timeout SECONDS waits longer";
        case Cause::not_clacks:
            return "what listens there is no Clacks node: --url or CLACKS_URL chooses another";
        case Cause::login_delayed:
            return "it looks at no login from here until then: wait so long, and try again";
        case Cause::login_failed:
        case Cause::other:
            break;
    }
    return "--url or CLACKS_URL chooses another node";
}

/// A file of --ca, --cert or --key could be read, but OpenSSL finds nothing of use in it: the
/// library then begins with its name.
std::string wanted_file(const std::string& text, const Options& options) {
    const auto blames = [&](const std::string& file) {
        return !file.empty() && text.starts_with(file + ": ");
    };
    if (blames(options.ca_file)) return "--ca wants certificates in PEM";
    if (blames(options.certificate_file) || blames(options.key_file))
        return "--cert wants a certificate and --key the key that belongs to it, both in PEM";
    return "";
}

Failure explain_connect(const Trouble& trouble, const Options& options) {
    const Cause cause = cause_of(trouble.code);
    if (cause == Cause::login_failed) {
        const bool by_password = !options.password.empty() || options.certificate_file.empty();
        return {ExitCode::no_connection,
                place(options) + " does not accept user '" + options.user + "' with this " +
                    (by_password ? "password" : "certificate") +
                    " (--user and --password-file, CLACKS_USER and CLACKS_PASSWORD, or "
                    "client.yaml say who logs in)"};
    }
    const std::string text = words(trouble, options);
    if (const auto wanted = wanted_file(text, options); !wanted.empty())
        return {ExitCode::usage, text + " (" + wanted + ")"};
    return {ExitCode::no_connection, "cannot connect to " + place(options) + ": " + text + " (" +
                                         advice(cause, options) + ")"};
}

Failure explain_denial(const Trouble& trouble, const Options& options) {
    const std::string about = trouble.about.empty() ? "" : " for " + trouble.about;
    return {ExitCode::refused, place(options) + " refused: permission denied to user '" +
                                   options.user + "'" + about +
                                   " (log in as another user, or ask for the permission in the "
                                   "node's configuration)"};
}

}  // namespace

Failure explain(const Trouble& trouble, const Options& options) {
    if (trouble.code.category() == error_category()) {
        switch (static_cast<Errc>(trouble.code.value())) {
            case Errc::permission_denied:
                return explain_denial(trouble, options);
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
