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
                            std::string client = "") {
    tool::CertificateRequest request;
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
const TemporaryDirectory& directory_of_other_host() {
    static const TemporaryDirectory directory;
    for (const char* file : {"ca.crt", "ca.key"}) {
        std::filesystem::copy(certificates().ca.parent_path() / file, directory.path() / file);
    }
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

const tool::CertificateFiles& client_certificates() {
    certificates();  // their CA signs
    static const auto files = make(directory_of_trust(), {}, "client");
    return files;
}

}  // namespace clacks::test
