#include "client/tool/explain.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509err.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

using namespace clacks;
using namespace clacks::tool;

namespace {

Options options() {
    Options o;
    o.url = "tls://me@node:1234";
    o.user = "me";
    o.password = "unsafepassword";
    return o;
}

error_code openssl_error(int library, int reason) {
    return {static_cast<int>(ERR_PACK(library, 0, reason)), boost::asio::error::get_ssl_category()};
}

error_code untrusted() { return openssl_error(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED); }

}  // namespace

TEST_CASE("explain: each trouble has its exit code, and the sentence says where") {
    struct Row {
        error_code code;
        bool connected;
        ExitCode exit;
    };
    using boost::asio::error::connection_refused;
    for (const Row& row : {Row{connection_refused, false, ExitCode::no_connection},
                           Row{untrusted(), false, ExitCode::no_connection},
                           Row{Errc::login_failed, false, ExitCode::no_connection},
                           Row{Errc::login_failed, true, ExitCode::no_connection},
                           Row{Errc::login_delayed, false, ExitCode::no_connection},
                           Row{Errc::not_clacks, false, ExitCode::no_connection},
                           Row{Errc::timeout, true, ExitCode::no_connection},
                           Row{Errc::disconnected, true, ExitCode::no_connection},
                           Row{Errc::permission_denied, true, ExitCode::refused},
                           Row{Errc::refused, true, ExitCode::refused},
                           Row{Errc::not_supported, true, ExitCode::refused}}) {
        CAPTURE(row.code.message());
        const Failure failure = explain({row.code, "the diagnostic", row.connected}, options());
        const std::string what = failure.what();
        CAPTURE(what);
        CHECK(failure.code() == row.exit);
        CHECK(what.find("tls://node:1234") != std::string::npos);
        CHECK(what.find("unsafepassword") == std::string::npos);
    }
}

TEST_CASE("explain: what the caller got wrong is a usage error") {
    for (const Errc code : {Errc::invalid_name, Errc::invalid_step, Errc::value_too_large,
                            Errc::invalid_version, Errc::invalid_lifetime, Errc::invalid_query})
        CHECK(explain({code, "", true}, options()).code() == ExitCode::usage);
}

TEST_CASE("explain: the advice fits the trouble") {
    using boost::asio::error::connection_refused;
    CHECK(std::string(explain({connection_refused, "connection refused"}, options()).what()) ==
          "cannot connect to tls://node:1234: connection refused (is clacksd running there? --url "
          "or CLACKS_URL chooses another node)");
    namespace error = boost::asio::error;
    const std::pair<error_code, const char*> rows[] = {
        {untrusted(), "--insecure"},
        {Errc::login_failed, "--user"},
        {Errc::login_delayed, "wait so long"},
        {Errc::no_greeting, "is silent"},
        {Errc::timeout, "--timeout"},
        {Errc::not_clacks, "is no Clacks node"},
        {error::host_not_found, "is its name right?"},
        {error::access_denied, "mode and group of the socket"},
        {error::host_unreachable, "--timeout"},
        {openssl_error(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER), "does not speak TLS"},
        {openssl_error(ERR_LIB_SSL, SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED), "--cert FILE"},
        {openssl_error(ERR_LIB_SSL, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE), "--cert FILE"},
        {openssl_error(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_UNKNOWN_CA), "does not trust"},
    };
    for (const auto& [code, advice] : rows) {
        const std::string what = explain({code, "the diagnostic"}, options()).what();
        CAPTURE(what);
        CHECK(what.find(advice) != std::string::npos);
        CHECK(what.find("is clacksd running there?") == std::string::npos);
    }
    CHECK(
        std::string(explain({Errc::permission_denied, "", true}, options()).what()).find("'me'") !=
        std::string::npos);
}

TEST_CASE("explain: the URL stands in a sentence once, even if the library names it, too") {
    using boost::asio::error::connection_refused;
    const Trouble trouble{connection_refused, "tls://node:1234: connection refused"};
    CHECK(std::string(explain(trouble, options()).what())
              .starts_with("cannot connect to tls://node:1234: connection refused ("));
}

TEST_CASE("explain: a file of --ca, --cert or --key that is of no use is a usage error") {
    const auto code = openssl_error(ERR_LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND);
    Options with_files = options();
    with_files.ca_file = "ca.crt";
    with_files.certificate_file = "me.crt";
    with_files.key_file = "me.key";
    const std::pair<const char*, const char*> rows[] = {{"ca.crt: nothing in it", "(--ca wants"},
                                                        {"me.crt: no PEM", "(--cert wants"},
                                                        {"me.key: no PEM", "(--cert wants"}};
    for (const auto& [diagnostic, advice] : rows) {
        const Failure failure = explain({code, diagnostic}, with_files);
        CHECK(failure.code() == ExitCode::usage);
        CHECK(std::string(failure.what()).starts_with(diagnostic));
        CHECK(std::string(failure.what()).find(advice) != std::string::npos);
    }
}

TEST_CASE("explain: without a diagnostic the code's own words stand in") {
    CHECK(std::string(explain({Errc::refused, "", true}, options()).what()) ==
          "tls://node:1234 refused: the node refused");
}
