#include "tests/processes/certificates.hpp"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/client_tool/temporary_directory.hpp"

namespace clacks::test {

namespace {

constexpr const char* here[] = {"localhost", "127.0.0.1", "::1"};

tool::CertificateFiles make(const TemporaryDirectory& directory, std::vector<std::string> names,
                            std::string client = "", int days = tool::CertificateRequest{}.days) {
    tool::CertificateRequest request;
    request.days = days;
    request.directory = directory.path();
    request.names = std::move(names);
    request.client = std::move(client);
    return tool::make_certificate(request);
}

const TemporaryDirectory& directory_of_trust() {
    static const TemporaryDirectory directory;
    return directory;
}

/// Another directory with the CA of certificates(): each has room for one server's.
void copy_trust(const TemporaryDirectory& directory) {
    for (const char* file : {"ca.crt", "ca.key"}) {
        std::filesystem::copy(certificates().ca.parent_path() / file, directory.path() / file);
    }
}

const TemporaryDirectory& directory_of_other_host() {
    static const TemporaryDirectory directory;
    copy_trust(directory);
    return directory;
}

}  // namespace

const tool::CertificateFiles& certificates() {
    static const auto files = make(directory_of_trust(), {std::begin(here), std::end(here)});
    return files;
}

const tool::CertificateFiles& other_host_certificates() {
    static const auto files = make(directory_of_other_host(), {"elsewhere.example"});
    return files;
}

const tool::CertificateFiles& foreign_certificates() {
    static const TemporaryDirectory directory;
    static const auto files = make(directory, {std::begin(here), std::end(here)});
    return files;
}

const tool::CertificateFiles& expired_certificates() {
    static const auto files = [] {
        static const TemporaryDirectory directory;
        copy_trust(directory);
        return make(directory, {std::begin(here), std::end(here)}, "", -1);
    }();
    return files;
}

const tool::CertificateFiles& client_certificates() {
    certificates();  // their CA signs
    static const auto files = make(directory_of_trust(), {}, "client");
    return files;
}

}  // namespace clacks::test
