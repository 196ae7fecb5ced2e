#include "client/tool/certificate.hpp"

#include <doctest/doctest.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

#include <algorithm>

#include "client/tool/failure.hpp"
#include "client/tool/new_file.hpp"
#include "client/tool/x509.hpp"
#include "tests/client_tool/temporary_directory.hpp"

using namespace clacks::tool;
namespace fs = std::filesystem;

namespace {

CertificateRequest request_in(const TemporaryDirectory& directory) {
    CertificateRequest request;
    request.directory = directory.path() / "tls";
    request.names = {"localhost", "127.0.0.1", "::1"};
    return request;
}

Identity load(const fs::path& certificate, const fs::path& key) {
    return read_identity(contents(certificate), contents(key));
}

struct StoreFree {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

/// What OpenSSL says of the certificate when it trusts `ca` alone: X509_V_OK or why not.
int verify(X509* certificate, X509* ca, int purpose) {
    const std::unique_ptr<X509_STORE, StoreFree> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), ca);
    X509_STORE_set_flags(store.get(), X509_V_FLAG_X509_STRICT);
    const std::unique_ptr<X509_STORE_CTX, StoreFree> context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
}

bool good_for(X509* certificate, const std::string& name) {
    return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1 ||
           X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
}

mode_t mode_of(const fs::path& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

ExitCode code_of(const CertificateRequest& request) {
    try {
        make_certificate(request);
        return ExitCode::done;
    } catch (const Failure& failure) {
        CAPTURE(failure.what());
        CHECK(std::string(failure.what()).find('\n') == std::string::npos);
        return failure.code();
    }
}

int days_left(X509* certificate) {
    int days = 0;
    int seconds = 0;
    REQUIRE(ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) == 1);
    return days;
}

}  // namespace

TEST_CASE("certificate: a server's verifies against its CA, for servers, clients and its names") {
    TemporaryDirectory directory;
    const auto files = make_certificate(request_in(directory));
    CHECK(files.ca_created);
    const Identity ca = load(files.ca, directory.path() / "tls" / "ca.key");
    const Identity server = load(files.certificate, files.key);

    CHECK(X509_check_private_key(server.certificate.get(), server.key.get()) == 1);
    CHECK(verify(server.certificate.get(), ca.certificate.get(), X509_PURPOSE_SSL_SERVER) == 0);
    CHECK(verify(server.certificate.get(), ca.certificate.get(), X509_PURPOSE_SSL_CLIENT) == 0);
    for (const std::string name : {"localhost", "127.0.0.1", "::1"}) {
        CAPTURE(name);
        CHECK(good_for(server.certificate.get(), name));
    }
    CHECK_FALSE(good_for(server.certificate.get(), "example.org"));
    CHECK_FALSE(good_for(server.certificate.get(), "127.0.0.2"));
}

TEST_CASE("certificate: a server's cannot sign others, and the CA's is critical about what it is") {
    TemporaryDirectory directory;
    const auto files = make_certificate(request_in(directory));
    const Identity ca = load(files.ca, directory.path() / "tls" / "ca.key");
    const Identity server = load(files.certificate, files.key);
    CHECK(X509_check_ca(server.certificate.get()) == 0);
    CHECK(X509_get_key_usage(server.certificate.get()) == KU_DIGITAL_SIGNATURE);
    CHECK(X509_check_ca(ca.certificate.get()) == 1);
    CHECK(X509_get_pathlen(ca.certificate.get()) == 0);
    CHECK(X509_get_key_usage(ca.certificate.get()) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    const ASN1_OCTET_STRING* issuer = X509_get0_authority_key_id(server.certificate.get());
    REQUIRE(issuer);
    CHECK(ASN1_OCTET_STRING_cmp(issuer, X509_get0_subject_key_id(ca.certificate.get())) == 0);
}

TEST_CASE("certificate: a directory that cannot be made is named, with the reason") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    request.directory = "/dev/null/tls";
    CHECK_THROWS_WITH(make_certificate(request),
                      "cannot make the directory /dev/null/tls: Not a directory");
}

TEST_CASE("certificate: the keys are P-256") {
    TemporaryDirectory directory;
    const auto files = make_certificate(request_in(directory));
    const Identity server = load(files.certificate, files.key);
    char group[32] = {};
    CHECK(EVP_PKEY_get_group_name(server.key.get(), group, sizeof group, nullptr) == 1);
    CHECK(std::string(group) == "prime256v1");
}

TEST_CASE("certificate: keys are for their owner alone whatever the umask, certificates for all") {
    TemporaryDirectory directory;
    const mode_t before = ::umask(0);
    const auto files = make_certificate(request_in(directory));
    ::umask(before);
    CHECK(mode_of(files.key) == 0600);
    CHECK(mode_of(directory.path() / "tls" / "ca.key") == 0600);
    CHECK(mode_of(files.certificate) == 0644);
    CHECK(mode_of(files.ca) == 0644);
}

TEST_CASE("certificate: nothing but the four files is left in the directory") {
    TemporaryDirectory directory;
    make_certificate(request_in(directory));
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory.path() / "tls"))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"ca.crt", "ca.key", "server.crt", "server.key"});
}

TEST_CASE("certificate: an existing one stays without replace and goes with it, the CA stays") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    const auto files = make_certificate(request);
    const std::string ca = contents(files.ca);
    const std::string server = contents(files.certificate);

    CHECK(code_of(request) == ExitCode::usage);
    CHECK(contents(files.certificate) == server);

    request.replace = true;
    CHECK_FALSE(make_certificate(request).ca_created);
    CHECK(contents(files.ca) == ca);
    CHECK(contents(files.certificate) != server);
    CHECK(mode_of(files.key) == 0600);
    const Identity replaced = load(files.certificate, files.key);
    CHECK(X509_check_private_key(replaced.certificate.get(), replaced.key.get()) == 1);
}

TEST_CASE("certificate: a key alone is not overwritten either") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    fs::create_directories(request.directory);
    directory.write("tls/server.key", "precious");
    CHECK(code_of(request) == ExitCode::usage);
    CHECK(contents(request.directory / "server.key") == "precious");
    CHECK_FALSE(fs::exists(request.directory / "ca.crt"));
}

TEST_CASE("certificate: a client's is signed by the same CA and no good for a server") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    make_certificate(request);
    request.client = "sensor-1";
    const auto files = make_certificate(request);
    CHECK_FALSE(files.ca_created);
    CHECK(files.certificate.filename() == "sensor-1.crt");
    CHECK(mode_of(files.key) == 0600);
    const Identity ca = load(files.ca, request.directory / "ca.key");
    const Identity client = load(files.certificate, files.key);
    CHECK(verify(client.certificate.get(), ca.certificate.get(), X509_PURPOSE_SSL_CLIENT) == 0);
    CHECK(verify(client.certificate.get(), ca.certificate.get(), X509_PURPOSE_SSL_SERVER) ==
          X509_V_ERR_INVALID_PURPOSE);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(client.certificate.get()), NID_commonName, name,
                              sizeof name);
    CHECK(std::string(name) == "sensor-1");
}

TEST_CASE("certificate: names that are none are refused before anything is written") {
    for (const std::string name : {"", "a b", "a,IP:1.2.3.4", "-a", "a..b", ".", "256.0.0.1 ",
                                   "[::1]", "m\xc3\xbcnchen", "a/../b", "*"}) {
        CAPTURE(name);
        TemporaryDirectory directory;
        auto request = request_in(directory);
        request.names.emplace_back(name);
        CHECK(code_of(request) == ExitCode::usage);
        CHECK_FALSE(fs::exists(request.directory));
    }
    for (const std::string name : {"ca", "server", "../x", "a b", ".x", "a/b"}) {
        CAPTURE(name);
        TemporaryDirectory directory;
        auto request = request_in(directory);
        request.client = name;
        CHECK(code_of(request) == ExitCode::usage);
        CHECK_FALSE(fs::exists(request.directory));
    }
}

TEST_CASE("certificate: names of every allowed kind are taken") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + ".example";
    request.names = {longest, "*.example.org", "build_host", "10.0.0.1", "fe80::1"};
    const auto files = make_certificate(request);
    const Identity server = load(files.certificate, files.key);
    for (const std::string name :
         {longest.c_str(), "x.example.org", "build_host", "10.0.0.1", "fe80::1"}) {
        CAPTURE(name);
        CHECK(good_for(server.certificate.get(), name));
    }
}

TEST_CASE("certificate: it lasts the days asked for, but not longer than its CA") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    request.days = 30;
    const auto files = make_certificate(request);
    const Identity shorter = load(files.certificate, files.key);
    CHECK(days_left(shorter.certificate.get()) >= 29);
    CHECK(days_left(shorter.certificate.get()) <= 30);

    request.days = 20000;
    request.replace = true;
    make_certificate(request);
    const Identity ca = load(files.ca, request.directory / "ca.key");
    const Identity longer = load(files.certificate, files.key);
    CHECK(ASN1_TIME_compare(X509_get0_notAfter(longer.certificate.get()),
                            X509_get0_notAfter(ca.certificate.get())) == 0);
}

TEST_CASE("certificate: a CA that is half there, foreign, expired or none is refused") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    fs::create_directories(request.directory);
    const Subject authority{Role::authority, "some CA", {}, 100};
    const Identity good = issue(authority, nullptr);
    const Identity other = issue(authority, nullptr);
    const Identity expired = issue({Role::authority, "some CA", {}, -1}, nullptr);
    const Identity server = issue({Role::server, "a", {"a"}, 100}, &good);
    const auto text = [](const Identity& identity) {
        const auto pem = key_pem(identity);
        return std::string(bytes_of(*pem));
    };

    struct Row {
        std::string what;
        std::string certificate;
        std::string key;
    };
    for (const Row& row :
         {Row{"no key", certificate_pem(good), ""}, Row{"no certificate", "", text(good)},
          Row{"foreign key", certificate_pem(good), text(other)},
          Row{"expired", certificate_pem(expired), text(expired)},
          Row{"no CA", certificate_pem(server), text(server)}, Row{"no PEM", "hello", "world"}}) {
        CAPTURE(row.what);
        fs::remove(request.directory / "ca.crt");
        fs::remove(request.directory / "ca.key");
        if (!row.certificate.empty()) directory.write("tls/ca.crt", row.certificate);
        if (!row.key.empty()) directory.write("tls/ca.key", row.key);
        CHECK(code_of(request) == ExitCode::negative);
        CHECK_FALSE(fs::exists(request.directory / "server.crt"));
    }
    directory.write("tls/ca.crt", certificate_pem(good));
    directory.write("tls/ca.key", text(good));
    CHECK(code_of(request) == ExitCode::done);
}

TEST_CASE("certificate: a directory that cannot be made is said, with its name") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    request.directory = directory.write("file", "") / "tls";
    CHECK_THROWS_WITH_AS(make_certificate(request), doctest::Contains("file"), Failure);
}

TEST_CASE("certificate: the default names can be certified") {
    TemporaryDirectory directory;
    auto request = request_in(directory);
    request.names = default_certificate_names();
    REQUIRE(request.names.size() >= 3);
    CHECK(code_of(request) == ExitCode::done);
}

TEST_CASE("new file: without replace an existing one stays, and nothing is left beside it") {
    TemporaryDirectory directory;
    const fs::path file = directory.write("a", "old");
    CHECK_THROWS_AS(write_new_file(file, "new", 0600, false), std::system_error);
    CHECK(contents(file) == "old");
    CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    write_new_file(file, "new", 0640, true);
    CHECK(contents(file) == "new");
    CHECK(mode_of(file) == 0640);
}
