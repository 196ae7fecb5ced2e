#include "transport/certificate_name.hpp"

#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace clacks::transport {

namespace {

struct Free {
    void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string text_of(const ASN1_STRING* string) {
    unsigned char* bytes = nullptr;
    const int size = ASN1_STRING_to_UTF8(&bytes, string);
    if (size < 0) return "";
    const std::unique_ptr<unsigned char, Free> owner(bytes);
    std::string text(bytes, bytes + size);
    const bool harmless = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    return harmless ? text : "";
}

/// Nothing: it has none.
std::optional<std::string> common_name(const X509& certificate) {
    const X509_NAME* const subject = X509_get_subject_name(&certificate);
    const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0) return std::nullopt;
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

std::string first_dns_name(const X509& certificate) {
    const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const void* const value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
        if (type == GEN_DNS) return text_of(static_cast<const ASN1_STRING*>(value));
    }
    return "";
}

}  // namespace

std::string certificate_name(const X509& certificate) {
    const auto name = common_name(certificate);
    return name ? *name : first_dns_name(certificate);
}

}  // namespace clacks::transport
