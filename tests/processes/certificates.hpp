#pragma once

#include "client/tool/certificate.hpp"

namespace clacks::test {

/// What `clacks certificate --out DIR` makes: a CA, and a server's certificate for localhost,
/// 127.0.0.1 and ::1 by it. Made once for this process, removed at its end.
const tool::CertificateFiles& certificates();

/// By the same CA for another host.
const tool::CertificateFiles& other_host_certificates();

/// The same as certificates() by another CA, which nobody here trusts.
const tool::CertificateFiles& foreign_certificates();

/// By the same CA, for the same hosts, but its time is over.
const tool::CertificateFiles& expired_certificates();

/// A client's certificate by the CA of certificates().
const tool::CertificateFiles& client_certificates();

}  // namespace clacks::test
