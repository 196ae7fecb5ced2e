#include "tests/transport/certificates.hpp"

#include "tests/client_tool/temporary_directory.hpp"

namespace clacks::test {

namespace {

/// What `clacks certificate` makes in a directory of its own.
class Authority {
public:
    const tool::CertificateFiles& server() const { return server_; }
    const tool::CertificateFiles& client() const { return client_; }

private:
    tool::CertificateFiles make(const std::string& client) const {
        tool::CertificateRequest request;
        request.directory = directory_.path();
        request.names = {"localhost", "127.0.0.1", "::1"};
        request.client = client;
        return tool::make_certificate(request);
    }

    const TemporaryDirectory directory_;
    const tool::CertificateFiles server_ = make("");
    const tool::CertificateFiles client_ = make("sensor-1");
};

const Authority& ours() {
    static const Authority authority;
    return authority;
}

const Authority& theirs() {
    static const Authority authority;
    return authority;
}

}  // namespace

const tool::CertificateFiles& certificates() { return ours().server(); }
const tool::CertificateFiles& foreign_certificates() { return theirs().server(); }
const tool::CertificateFiles& client_certificate() { return ours().client(); }
const tool::CertificateFiles& foreign_client_certificate() { return theirs().client(); }

}  // namespace clacks::test
