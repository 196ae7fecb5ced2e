#pragma once

#include "client/tool/certificate.hpp"

namespace clacks::test {

/// A CA, and a server's certificate for localhost, 127.0.0.1 and ::1 by it. Made once for this
/// process, removed at its end.
const tool::CertificateFiles& certificates();

/// The same by another CA, which nobody here trusts.
const tool::CertificateFiles& foreign_certificates();

/// The certificate of the client "sensor-1", by the CA of certificates() or by the other one.
const tool::CertificateFiles& client_certificate();
const tool::CertificateFiles& foreign_client_certificate();

}  // namespace clacks::test
