#pragma once

#include <openssl/x509.h>

#include <string>

namespace clacks::transport {

/// Whose certificate this is, as users.certificate in the configuration has it: the common name of
/// its subject, or without one the first of its alternative names that is a DNS name. Empty if
/// there is neither, or if it holds what no name holds (a control character, NUL among them).
std::string certificate_name(const X509& certificate);

}  // namespace clacks::transport
