#include "transport/certificate_age.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/transport/certificates.hpp"

using namespace std::chrono_literals;
using clacks::transport::age_trouble;
using clacks::transport::validity_of;

namespace {

// Made with the days of CertificateRequest, from a day before now on.
std::string file() { return clacks::test::certificates().certificate.string(); }
const std::chrono::days days(clacks::tool::CertificateRequest{}.days);

std::chrono::sys_seconds present() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string in(std::chrono::seconds time) {
    return age_trouble(validity_of(file()).value(), present() + time);
}

}  // namespace

TEST_CASE("certificate age: nothing is said of one that is good for long enough") {
    CHECK(in(0s) == "");
    CHECK(in(days - 31 * 24h) == "");
}

TEST_CASE("certificate age: one that ends soon, has ended, or has not begun is told with the day") {
    CHECK(in(days - 29 * 24h).starts_with("expires on 20"));
    CHECK(in(days - 1h).starts_with("expires on 20"));
    const std::string effect = " UTC; whoever verifies it does not connect";
    CHECK(in(days + 1h).starts_with("expired on 20"));
    CHECK(in(days + 1h).ends_with(effect));
    CHECK(in(-25h).starts_with("is not valid before 20"));
    CHECK(in(-25h).ends_with(effect));
}

TEST_CASE("certificate age: the notice of a short one is a tenth of its time") {
    clacks::tool::CertificateRequest request;
    request.directory = clacks::test::certificates().ca.parent_path() / "short";
    request.names = {"localhost"};
    request.days = 9;  // and the day before
    const auto made =
        validity_of(clacks::tool::make_certificate(request).certificate.string()).value();
    const auto now = present();
    CHECK(age_trouble(made, now + 9 * 24h - 25h) == "");
    CHECK(age_trouble(made, now + 9 * 24h - 23h).starts_with("expires on "));
}

TEST_CASE("certificate age: one that lasts for centuries is good") {
    clacks::tool::CertificateRequest request;
    request.names = {"localhost"};
    for (const int days : {110'000, 2'900'000}) {  // until 2326 or so, and 9966
        request.days = days;
        request.directory =
            clacks::test::certificates().ca.parent_path() / ("long" + std::to_string(days));
        const auto made =
            validity_of(clacks::tool::make_certificate(request).certificate.string()).value();
        CHECK(age_trouble(made, present()) == "");
        const auto end = present() + std::chrono::days(days);
        CHECK(age_trouble(made, end - 1h).starts_with("expires on "));
        CHECK(age_trouble(made, end + 1h).starts_with("expired on "));
    }
}

TEST_CASE("certificate age: of what cannot be read nothing is said here") {
    CHECK_FALSE(validity_of("/nowhere/x.crt"));
    CHECK_FALSE(validity_of(clacks::test::certificates().key.string()));
}
