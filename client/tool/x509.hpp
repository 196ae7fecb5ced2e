#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Keys and certificates in memory: what `clacks certificate` needs of OpenSSL, with owners that
// free. Touches no file. What OpenSSL refuses is a Failure (negative) with its own words.
namespace clacks::tool {

struct OpensslFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(BIO* bio) const { BIO_free_all(bio); }
};
template <class T>
using Handle = std::unique_ptr<T, OpensslFree>;

/// A certificate and the private key that belongs to it.
struct Identity {
    Handle<EVP_PKEY> key;
    Handle<X509> certificate;
};

enum class Role { authority, server, client };

struct Subject {
    Role role = Role::server;
    std::string common_name;         ///< at most 64 bytes, X.520's limit
    std::vector<std::string> names;  ///< DNS names and IP addresses, each is_host_name
    int days = 0;                    ///< from now; it begins a day earlier, for clocks that lag
};

/// True for an IP address and for a DNS name (also with `*.` in front); not for "" or "a b".
bool is_host_name(std::string_view name);

/// A new P-256 key and its certificate, with a random serial, signed by `issuer`, or by itself when
/// that is null. It never outlives its issuer.
Identity issue(const Subject& subject, const Identity* issuer);

std::string certificate_pem(const Identity& identity);

/// The private key as unencrypted PKCS #8, in memory that is wiped when it is freed.
Handle<BIO> key_pem(const Identity& identity);

/// What such a BIO holds; lives as long as the BIO.
std::string_view bytes_of(BIO& memory);

/// The inverse of the two above. An encrypted key counts as unreadable: nobody is asked for a
/// password. Whether key and certificate belong together is not checked.
Identity read_identity(std::string_view certificate_pem, std::string_view key_pem);

}  // namespace clacks::tool
