#include "server/address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace clacks::server {
namespace {

constexpr const char* forms = "allowed: tls://host:port, unix:///path";

ParsedAddress problem(std::string text) { return AddressProblem{std::move(text)}; }

ParsedAddress tls_address(const boost::urls::url_view& url) {
    if (!url.has_authority()) return problem(std::string("not an address; ") + forms);
    const std::string host = url.host_address();
    if (host.empty())
        return problem("the host is missing; for all interfaces write 0.0.0.0 or [::]");
    // port_number() is 0 for what does not fit 16 bits, too.
    if (url.port_number() == 0) return problem("the port must be a number from 1 to 65535");
    if (!url.encoded_path().empty()) return problem("nothing may follow the port");
    return net::TlsAddress{host, url.port_number()};
}

ParsedAddress unix_address(const boost::urls::url_view& url) {
    if (!url.encoded_authority().empty()) {
        return problem(
            "a unix address has no host: write unix:///path, or unix:path for one "
            "relative to this file");
    }
    net::UnixAddress address;
    address.path = url.path();
    if (address.path.empty() || address.path.back() == '/') {
        return problem("the path of the socket is missing");
    }
    return address;
}

}  // namespace

ParsedAddress parse_address(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) return problem(std::string("not an address; ") + forms);
    const boost::urls::url_view& url = *parsed;
    if (url.has_userinfo()) {
        return problem(
            "a user does not belong into an address; "
            "write {tls: host:port, user: …, password: …}");
    }
    if (url.has_query() || url.has_fragment()) {
        return problem(std::string("no '?' or '#' in an address; ") + forms);
    }
    if (url.scheme() == "tls") return tls_address(url);
    if (url.scheme() == "unix") return unix_address(url);
    return problem("unknown kind of address; " + std::string(forms));
}

}  // namespace clacks::server
