#include "transport/certificate_age.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace clacks::transport {
namespace {

using std::chrono::sys_seconds;

std::optional<sys_seconds> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string in_utc(sys_seconds time) {
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

std::optional<Validity> validity_of(const std::string& file) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_file(file.c_str(), "r"),
                                                           &BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
    ERR_clear_error();
    if (!certificate) return std::nullopt;
    const auto begin = time_of(X509_get0_notBefore(certificate.get()));
    const auto end = time_of(X509_get0_notAfter(certificate.get()));
    if (!begin || !end) return std::nullopt;
    return Validity{*begin, *end};
}

std::string age_trouble(const Validity& validity, sys_seconds now) {
    constexpr std::chrono::seconds longest_notice = std::chrono::days(30);
    const std::string effect = "; whoever verifies it does not connect";
    if (now < validity.begin) return "is not valid before " + in_utc(validity.begin) + effect;
    if (now > validity.end) return "expired on " + in_utc(validity.end) + effect;
    const auto notice = std::min((validity.end - validity.begin) / 10, longest_notice);
    return now > validity.end - notice ? "expires on " + in_utc(validity.end) : "";
}

}  // namespace clacks::transport
