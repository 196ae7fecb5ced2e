#include "transport/certificate_name.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "client/tool/x509.hpp"

using clacks::transport::certificate_name;
using namespace clacks::tool;

namespace {

struct NameFree {
    void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};
using Name = std::unique_ptr<X509_NAME, NameFree>;

void add(X509_NAME* name, const char* field, std::string_view value) {
    REQUIRE(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1);
}

/// A certificate whose subject is `subject`, whatever its signature says to that.
Identity with_subject(const Name& subject, const std::vector<std::string>& names) {
    Identity identity = issue({Role::client, "replaced", names, 10}, nullptr);
    REQUIRE(X509_set_subject_name(identity.certificate.get(), subject.get()) == 1);
    return identity;
}

}  // namespace

TEST_CASE("certificate name: it is the common name") {
    const auto named = issue({Role::client, "sensor-1", {"dns.example"}, 10}, nullptr);
    CHECK(certificate_name(*named.certificate) == "sensor-1");

    const Name subject(X509_NAME_new());
    add(subject.get(), "O", "Example");
    add(subject.get(), "CN", "m\xc3\xbcller");
    CHECK(certificate_name(*with_subject(subject, {}).certificate) == "m\xc3\xbcller");
}

TEST_CASE("certificate name: without a common name it is the first DNS name") {
    const Name subject(X509_NAME_new());
    add(subject.get(), "O", "Example");
    const auto named = with_subject(subject, {"10.0.0.1", "one.example", "two.example"});
    CHECK(certificate_name(*named.certificate) == "one.example");
    CHECK(certificate_name(*with_subject(subject, {"10.0.0.1"}).certificate) == "");
    CHECK(certificate_name(*with_subject(subject, {}).certificate) == "");
}

TEST_CASE("certificate name: one that holds a control character is none") {
    using namespace std::string_view_literals;
    for (const std::string_view bad : {"admin\0.evil.example"sv, "a\nb"sv, "\x7f"sv}) {
        const Name subject(X509_NAME_new());
        add(subject.get(), "CN", bad);
        CHECK(certificate_name(*with_subject(subject, {"dns.example"}).certificate) == "");
    }
}
