#include "client/tool/x509.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

[[noreturn]] void fail(const char* doing) {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw Failure(ExitCode::negative, std::string(doing) + ": " + reason.data());
}

/// OpenSSL says 1 or a pointer for success, 0 or null for failure.
template <class Result>
Result need(Result result, const char* doing) {
    if (!result) fail(doing);
    return result;
}

/// An address in network order: 4 or 16 bytes.
std::optional<std::string> parse_address(const std::string& name) {
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
    if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 16);
    return std::nullopt;
}

bool is_dns_label(std::string_view label) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), fits);
}

bool is_dns_name(std::string_view name) {
    if (name.size() > 253) return false;
    if (name.starts_with("*.")) name.remove_prefix(2);
    for (;;) {
        const auto dot = name.find('.');
        if (!is_dns_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

void set_random_serial(X509& certificate) {
    const Handle<BIGNUM> number(need(BN_new(), "making a serial number"));
    // 159 bits: at most 20 bytes and positive, as RFC 5280 wants it.
    need(BN_rand(number.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY), "making a serial number");
    need(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)),
         "making a serial number");
}

void set_subject(X509& certificate, const std::string& common_name) {
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    need(X509_NAME_add_entry_by_NID(X509_get_subject_name(&certificate), NID_commonName,
                                    MBSTRING_UTF8, text, static_cast<int>(common_name.size()), -1,
                                    0),
         "setting the subject");
}

void set_validity(X509& certificate, int days, const X509& issuer) {
    need(X509_time_adj_ex(X509_getm_notBefore(&certificate), -1, 0, nullptr), "setting the dates");
    need(X509_time_adj_ex(X509_getm_notAfter(&certificate), days, 0, nullptr), "setting the dates");
    const ASN1_TIME* limit = X509_get0_notAfter(&issuer);
    if (ASN1_TIME_compare(X509_get0_notAfter(&certificate), limit) > 0)
        need(X509_set1_notAfter(&certificate, limit), "setting the dates");
}

void add_extension(X509& certificate, X509& issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    const Handle<X509_EXTENSION> extension(
        need(X509V3_EXT_conf_nid(nullptr, &context, nid, value), "adding an extension"));
    need(X509_add_ext(&certificate, extension.get(), -1), "adding an extension");
}

/// Built from parts rather than from OpenSSL's configuration text, in which a name could smuggle
/// in others.
void add_alternative_names(X509& certificate, const std::vector<std::string>& names) {
    constexpr const char* doing = "adding the names";
    const Handle<GENERAL_NAMES> list(need(GENERAL_NAMES_new(), doing));
    for (const std::string& name : names) {
        const auto address = parse_address(name);
        const std::string& bytes = address ? *address : name;
        ASN1_STRING* text = need(ASN1_STRING_type_new(address ? V_ASN1_OCTET_STRING  //
                                                              : V_ASN1_IA5STRING),
                                 doing);
        GENERAL_NAME* entry = need(GENERAL_NAME_new(), doing);
        GENERAL_NAME_set0_value(entry, address ? GEN_IPADD : GEN_DNS, text);
        need(sk_GENERAL_NAME_push(list.get(), entry), doing);
        need(ASN1_STRING_set(text, bytes.data(), static_cast<int>(bytes.size())), doing);
    }
    need(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, list.get(), 0, 0), doing);
}

void add_extensions(X509& certificate, X509& issuer, const Subject& subject) {
    const bool authority = subject.role == Role::authority;
    const auto add = [&](int nid, const char* value) {
        add_extension(certificate, issuer, nid, value);
    };
    add(NID_basic_constraints, authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
    add(NID_key_usage, authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    add(NID_subject_key_identifier, "hash");
    if (authority) return;
    add(NID_authority_key_identifier, "keyid:always");
    // A node is also a client: it shows the same certificate to its master.
    add(NID_ext_key_usage, subject.role == Role::server ? "serverAuth,clientAuth" : "clientAuth");
    if (!subject.names.empty()) add_alternative_names(certificate, subject.names);
}

/// Stands in for OpenSSL's default, which asks on the terminal.
int no_password(char*, int, int, void*) { return -1; }

Handle<BIO> read_only(std::string_view bytes) {
    return Handle<BIO>(
        need(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), "reading PEM"));
}

}  // namespace

bool is_host_name(std::string_view name) {
    return is_dns_name(name) || parse_address(std::string(name));
}

Identity issue(const Subject& subject, const Identity* issuer) {
    Identity made{Handle<EVP_PKEY>(need(EVP_EC_gen("P-256"), "making a key")),
                  Handle<X509>(need(X509_new(), "making a certificate"))};
    X509& certificate = *made.certificate;
    X509& issuing = issuer ? *issuer->certificate : certificate;

    need(X509_set_version(&certificate, X509_VERSION_3), "making a certificate");
    need(X509_set_pubkey(&certificate, made.key.get()), "making a certificate");
    set_random_serial(certificate);
    set_subject(certificate, subject.common_name);
    need(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuing)), "naming the issuer");
    set_validity(certificate, subject.days, issuing);
    add_extensions(certificate, issuing, subject);
    need(X509_sign(&certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()),
         "signing the certificate");
    return made;
}

std::string certificate_pem(const Identity& identity) {
    const Handle<BIO> memory(need(BIO_new(BIO_s_mem()), "writing PEM"));
    need(PEM_write_bio_X509(memory.get(), identity.certificate.get()), "writing PEM");
    return std::string(bytes_of(*memory));
}

Handle<BIO> key_pem(const Identity& identity) {
    Handle<BIO> memory(need(BIO_new(BIO_s_secmem()), "writing PEM"));
    need(PEM_write_bio_PKCS8PrivateKey(memory.get(), identity.key.get(), nullptr, nullptr, 0,
                                       nullptr, nullptr),
         "writing PEM");
    return memory;
}

std::string_view bytes_of(BIO& memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

Identity read_identity(std::string_view certificate_pem, std::string_view key_pem) {
    const Handle<BIO> certificate = read_only(certificate_pem);
    const Handle<BIO> key = read_only(key_pem);
    return {Handle<EVP_PKEY>(need(PEM_read_bio_PrivateKey(key.get(), nullptr, no_password, nullptr),
                                  "reading the key")),
            Handle<X509>(need(PEM_read_bio_X509(certificate.get(), nullptr, no_password, nullptr),
                              "reading the certificate"))};
}

}  // namespace clacks::tool
