#include "transport/certificate_age.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/transport/certificates.hpp"

using namespace std::chrono_literals;
using clacks::transport::certificate_age_trouble;

namespace {

// Made with the days of CertificateRequest, from a day before now on.
std::string file() { return clacks::test::certificates().certificate.string(); }
const std::chrono::days days(clacks::tool::CertificateRequest{}.days);

std::string in(std::chrono::system_clock::duration time) {
    return certificate_age_trouble(file(), std::chrono::system_clock::now() + time);
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
    const auto made = clacks::tool::make_certificate(request).certificate.string();
    const auto now = std::chrono::system_clock::now();
    CHECK(certificate_age_trouble(made, now + 9 * 24h - 25h) == "");
    CHECK(certificate_age_trouble(made, now + 9 * 24h - 23h).starts_with("expires on "));
}

TEST_CASE("certificate age: each certificate of a chain counts") {
    const auto& made = clacks::test::certificates();
    const auto chain = made.ca.parent_path() / "chain.crt";
    std::ofstream(chain) << std::ifstream(made.ca).rdbuf() << std::ifstream(file()).rdbuf();
    const auto later = std::chrono::system_clock::now() + days + 24h;
    CHECK(certificate_age_trouble(made.ca.string(), later) == "");
    CHECK(certificate_age_trouble(chain.string(), later).starts_with("expired on "));
}

TEST_CASE("certificate age: of what cannot be read nothing is said here") {
    CHECK(certificate_age_trouble("/nowhere/x.crt", {}) == "");
    CHECK(certificate_age_trouble(clacks::test::certificates().key.string(), {}) == "");
}
