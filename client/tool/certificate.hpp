#pragma once

#include <filesystem>
#include <string>
#include <vector>

// Makes what a development tree needs to speak TLS: a CA of its own and certificates signed by it.
// ECDSA P-256 throughout. Not a PKI: no revocation, and the CA's key lies beside its certificate.
namespace clacks::tool {

struct CertificateRequest {
    std::filesystem::path directory;  ///< created when missing
    /// DNS names and IP addresses a server's certificate is good for; the first is also its
    /// common name. Not looked at for a client.
    std::vector<std::string> names;
    int days = 825;
    /// Empty: server.crt and server.key. Else `CLIENT.crt` and `CLIENT.key`, good for clients only.
    std::string client;
    bool replace = false;  ///< overwrite an existing certificate and key (never the CA)
};

struct CertificateFiles {
    std::filesystem::path ca;
    std::filesystem::path certificate;
    std::filesystem::path key;
    bool ca_created = false;
};

/// localhost, 127.0.0.1, ::1 and this machine's name.
std::vector<std::string> default_certificate_names();

/// Writes ca.crt and ca.key unless they are there, then the certificate and its key. Keys are
/// readable by the owner alone from the moment they exist; each file appears complete or not at
/// all. The certificate never outlives its CA, which lasts ten years, or `days` if that is longer.
/// Throws Failure: usage for a name that is none, and when files exist and `replace` is not set;
/// negative when the CA there is incomplete, foreign or expired, or a file cannot be written.
CertificateFiles make_certificate(const CertificateRequest& request);

}  // namespace clacks::tool
