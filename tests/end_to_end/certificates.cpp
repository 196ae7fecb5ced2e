#include "tests/end_to_end/certificates.hpp"

#include "tests/client_tool/temporary_directory.hpp"

namespace clacks::test {

namespace {

tool::CertificateFiles make_server(const TemporaryDirectory& directory) {
    tool::CertificateRequest request;
    request.directory = directory.path();
    request.names = {"localhost", "127.0.0.1", "::1"};
    return tool::make_certificate(request);
}

tool::CertificateFiles make_client(const TemporaryDirectory& directory) {
    tool::CertificateRequest request;
    request.directory = directory.path();
    request.client = "client";
    return tool::make_certificate(request);
}

const TemporaryDirectory& directory_of_trust() {
    static const TemporaryDirectory directory;
    return directory;
}

}  // namespace

const tool::CertificateFiles& certificates() {
    static const auto files = make_server(directory_of_trust());
    return files;
}

const tool::CertificateFiles& foreign_certificates() {
    static const TemporaryDirectory directory;
    static const auto files = make_server(directory);
    return files;
}

const tool::CertificateFiles& client_certificates() {
    certificates();  // their CA signs
    static const auto files = make_client(directory_of_trust());
    return files;
}

}  // namespace clacks::test
