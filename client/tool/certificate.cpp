#include "client/tool/certificate.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <system_error>

#include "client/tool/failure.hpp"
#include "client/tool/new_file.hpp"
#include "client/tool/x509.hpp"

namespace clacks::tool {
namespace {

namespace fs = std::filesystem;

constexpr int authority_days = 3650;
constexpr std::size_t common_name_limit = 64;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    if (file) bytes << file.rdbuf();
    if (!file) throw Failure(ExitCode::negative, "cannot read " + path.string());
    return bytes.str();
}

/// The key first: a certificate without its key is worse than the reverse.
void write_identity(const Identity& identity, const fs::path& certificate, const fs::path& key,
                    bool replace) {
    const auto pem = key_pem(identity);
    write_new_file(key, bytes_of(*pem), 0600, replace);
    write_new_file(certificate, certificate_pem(identity), 0644, replace);
}

[[noreturn]] void fail_authority(const fs::path& directory, const std::string& what) {
    throw Failure(
        ExitCode::negative,
        what + "; to begin with a new CA, move ca.crt and ca.key out of " + directory.string());
}

Identity load_authority(const fs::path& directory) {
    const fs::path certificate = directory / "ca.crt";
    Identity authority = read_identity(read_file(certificate), read_file(directory / "ca.key"));
    X509* x509 = authority.certificate.get();
    if (X509_check_private_key(x509, authority.key.get()) != 1)
        fail_authority(directory, "ca.key does not belong to " + certificate.string());
    if (X509_check_ca(x509) != 1)
        fail_authority(directory, certificate.string() + " is not the certificate of a CA");
    if (X509_cmp_current_time(X509_get0_notAfter(x509)) < 0)
        fail_authority(directory, certificate.string() + " has expired");
    return authority;
}

/// The CA of this directory, made if there is none yet.
Identity authority_of(const fs::path& directory, int days, bool& created) {
    const bool certificate = fs::exists(directory / "ca.crt");
    const bool key = fs::exists(directory / "ca.key");
    if (certificate != key)
        fail_authority(directory, (directory / (key ? "ca.key" : "ca.crt")).string() +
                                      " is there without " + (key ? "ca.crt" : "ca.key"));
    created = !certificate;
    if (!created) return load_authority(directory);
    Identity made = issue({.role = Role::authority,
                           .common_name = "Clacks development CA",
                           .names = {},
                           .days = std::max(days, authority_days)},
                          nullptr);
    write_identity(made, directory / "ca.crt", directory / "ca.key", false);
    return made;
}

/// A client's name becomes a file name.
bool is_client_name(const std::string& name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= common_name_limit && name.front() != '.' &&
           name != "ca" && name != "server" && std::all_of(name.begin(), name.end(), fits);
}

Subject subject_of(const CertificateRequest& request) {
    if (!request.client.empty()) {
        if (!is_client_name(request.client))
            throw Failure(ExitCode::usage, "--client " + request.client +
                                               ": a client's name holds letters, digits and -_. "
                                               "only, and is neither 'ca' nor 'server'");
        return {Role::client, request.client, {}, request.days};
    }
    for (const std::string& name : request.names)
        if (!is_host_name(name))
            throw Failure(ExitCode::usage, "--name " + name +
                                               ": neither a DNS name nor an IP address (write "
                                               "non-ASCII names in their xn-- form)");
    if (request.names.empty()) throw Failure(ExitCode::usage, "a server needs at least one name");
    const std::string& first = request.names.front();
    return {Role::server, first.size() <= common_name_limit ? first : "clacks node", request.names,
            request.days};
}

void refuse_existing(const fs::path& path) {
    if (fs::exists(path))
        throw Failure(ExitCode::usage,
                      path.string() + " exists already; --force replaces it and its partner");
}

CertificateFiles make(const CertificateRequest& request, const Subject& subject) {
    const std::string stem = request.client.empty() ? "server" : request.client;
    CertificateFiles files{request.directory / "ca.crt", request.directory / (stem + ".crt"),
                           request.directory / (stem + ".key")};
    if (!request.replace) {
        refuse_existing(files.certificate);
        refuse_existing(files.key);
    }
    std::error_code failed;
    fs::create_directories(request.directory, failed);
    if (failed)
        throw Failure(ExitCode::negative, "cannot make the directory " +
                                              request.directory.string() + ": " + failed.message());
    const Identity authority = authority_of(request.directory, request.days, files.ca_created);
    write_identity(issue(subject, &authority), files.certificate, files.key, request.replace);
    return files;
}

}  // namespace

std::vector<std::string> default_certificate_names() {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0 && is_host_name(host.data()) &&
        std::find(names.begin(), names.end(), host.data()) == names.end())
        names.emplace_back(host.data());
    return names;
}

CertificateFiles make_certificate(const CertificateRequest& request) {
    const Subject subject = subject_of(request);
    try {
        return make(request, subject);
    } catch (const std::system_error& e) {  // fs::filesystem_error is one, too
        throw Failure(ExitCode::negative, e.what());
    }
}

}  // namespace clacks::tool
