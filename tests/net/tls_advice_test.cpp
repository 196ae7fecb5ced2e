#include "server/net/tls_advice.hpp"

#include <doctest/doctest.h>

#include <string_view>

using clacks::net::tls_advice;
using clacks::net::TlsSide;

TEST_CASE("tls advice: what is to be done depends on the error and on the side that sees it") {
    struct Row {
        TlsSide side;
        std::string_view error;
        std::string_view part;
    };
    constexpr auto uplink = TlsSide::uplink;
    constexpr auto listener = TlsSide::listener;
    for (const Row& row :
         {Row{uplink, "certificate verify failed: unable to get local issuer certificate",
              "tls.ca"},
          Row{uplink, "certificate verify failed: self-signed certificate", "tls.ca"},
          Row{uplink, "certificate verify failed: certificate has expired", "new certificate"},
          Row{uplink, "certificate verify failed: certificate is not yet valid", "clock"},
          Row{uplink, "certificate verify failed: hostname mismatch", "'master'"},
          Row{uplink, "tlsv13 alert certificate required", "tls.certificate and tls.key"},
          Row{uplink, "tlsv1 alert unknown ca", "does not trust our certificate"},
          Row{listener, "tlsv1 alert unknown ca", "does not trust our certificate"},
          Row{listener, "sslv3 alert bad certificate", "another name"},
          Row{listener, "sslv3 alert certificate expired", "a new one, and SIGHUP"},
          Row{listener, "certificate verify failed: certificate has expired", "the client needs"},
          Row{listener, "certificate verify failed: self-signed certificate", "tls.ca here"},
          Row{listener, "peer did not return a certificate", "client_certificates"}}) {
        CAPTURE(row.error);
        CHECK(tls_advice(row.side, row.error).find(row.part) != std::string_view::npos);
    }
}

TEST_CASE("tls advice: of what is not known nothing is said") {
    for (const auto side : {TlsSide::uplink, TlsSide::listener}) {
        for (const std::string_view error : {"", "no shared cipher", "unexpected eof"}) {
            CHECK(tls_advice(side, error) == "");
        }
    }
}
