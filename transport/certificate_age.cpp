#include "transport/certificate_age.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

namespace clacks::transport {
namespace {

using std::chrono::sys_seconds;

/// In seconds: the usual end of a certificate that is to have none, the year 9999, is none in the
/// nanoseconds of system_clock.
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

std::string trouble(const X509* certificate, sys_seconds now) {
    constexpr std::chrono::seconds longest_notice = std::chrono::days(30);
    const auto begin = time_of(X509_get0_notBefore(certificate));
    const auto end = time_of(X509_get0_notAfter(certificate));
    if (!begin || !end) return "has no times that can be read";
    const std::string effect = "; whoever verifies it does not connect";
    if (now < *begin) return "is not valid before " + in_utc(*begin) + effect;
    if (now > *end) return "expired on " + in_utc(*end) + effect;
    const auto notice = std::min((*end - *begin) / 10, longest_notice);
    return now > *end - notice ? "expires on " + in_utc(*end) : "";
}

}  // namespace

std::string certificate_age_trouble(const std::string& file, sys_seconds now) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_file(file.c_str(), "r"),
                                                           &BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
    ERR_clear_error();
    return certificate ? trouble(certificate.get(), now) : "";
}

}  // namespace clacks::transport
