#include "server/address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>
#include <system_error>

namespace clacks::server {
namespace {

constexpr const char* forms = "allowed: tls://host:port, unix:///path";

ParsedAddress problem(std::string text) { return AddressProblem{std::move(text)}; }

/// Not url_view::port_number(): Boost 1.81 takes 99999 modulo 65536.
std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || last != end || port == 0) return std::nullopt;
    return port;
}

/// A name may look like anything but this.
bool is_meant_as_ipv4(std::string_view host) {
    return host.find_first_not_of("0123456789.") == host.npos;
}

ParsedAddress tls_address(const boost::urls::url_view& url) {
    if (!url.has_authority()) return problem(std::string("not an address; ") + forms);
    const std::string host = url.host_address();
    if (host.empty())
        return problem("the host is missing; for all interfaces write 0.0.0.0 or [::]");
    if (url.host_type() != boost::urls::host_type::ipv4 && is_meant_as_ipv4(host)) {
        return problem("the host is no IPv4 address: those are four numbers up to 255");
    }
    const auto port = parse_port({url.port().data(), url.port().size()});
    if (!port) return problem("the port must be a number from 1 to 65535");
    if (!url.encoded_path().empty()) return problem("nothing may follow the port");
    return transport::TlsAddress{host, *port};
}

ParsedAddress unix_address(const boost::urls::url_view& url) {
    if (!url.encoded_authority().empty()) {
        return problem(
            "a unix address has no host: write unix:///path, or unix:path for one "
            "relative to this file");
    }
    transport::UnixAddress address;
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
    if (url.scheme() == "tcp") {
        return problem("tcp:// is for memcached's clients, in 'memcached.listen'; " +
                       std::string(forms));
    }
    return problem("unknown kind of address; " + std::string(forms));
}

}  // namespace clacks::server
