#include "server/net/tls_advice.hpp"

namespace clacks::net {
namespace {

struct Row {
    TlsSide side;
    std::string_view part;  ///< of the error
    std::string_view advice;
};

/// The first that fits: what is special stands before what is common.
constexpr Row rows[] = {
    {TlsSide::uplink, "certificate has expired", "the master needs a new certificate"},
    {TlsSide::uplink, "not yet valid", "is the clock right, here and there?"},
    {TlsSide::uplink, "mismatch", "'master' must name it as its certificate does"},
    {TlsSide::uplink, "certificate verify failed",
     "tls.ca here must be the CA that has signed the master's certificate"},
    {TlsSide::uplink, "wrong version number", "what listens there does not speak TLS"},
    {TlsSide::uplink, "alert unknown ca",
     "the master does not trust our certificate: its tls.ca must have signed it"},
    {TlsSide::uplink, "alert certificate required",
     "the master wants a certificate: tls.certificate and tls.key here"},
    {TlsSide::listener, "alert unknown ca",
     "the client or slave does not trust our certificate: its CA file must be that of ours"},
    {TlsSide::listener, "alert bad certificate",
     "the client or slave does not accept our certificate: another name, or expired?"},
    {TlsSide::listener, "alert certificate expired",
     "our certificate has expired: a new one, and SIGHUP"},
    {TlsSide::listener, "certificate has expired", "the client needs a new certificate"},
    {TlsSide::listener, "certificate verify failed",
     "tls.ca here must be the CA that has signed the client's certificate"},
    {TlsSide::listener, "did not return a certificate",
     "tls.client_certificates: require lets nobody in without one"},
};

}  // namespace

std::string_view tls_advice(TlsSide side, std::string_view error) {
    for (const Row& row : rows) {
        if (row.side == side && error.find(row.part) != error.npos) return row.advice;
    }
    return "";
}

}  // namespace clacks::net
