#include "clacks/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <system_error>

#include "clacks/error.hpp"

namespace clacks {
namespace {

namespace urls = boost::urls;

/// No more than what the two forms hold: a query or a password would be ignored in silence.
bool has_extras(const urls::url_view& url) {
    return url.has_password() || url.has_query() || url.has_fragment();
}

/// Not port_number(): Boost 1.81 takes 99999 modulo 65536.
bool read_port(std::string_view digits, std::uint16_t& port) {
    const char* const end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, port);
    return error == std::errc() && last == end && port != 0;
}

bool read_tls(const urls::url_view& url, Url& out) {
    if (!url.has_authority()) return false;
    if (!url.encoded_path().empty() && url.encoded_path() != "/") return false;
    out.tls = true;
    out.host =
        url.host_type() == urls::host_type::ipv6 || url.host_type() == urls::host_type::ipvfuture
            ? url.host_address()
            : url.host();
    return !out.host.empty() && (!url.has_port() || read_port(url.port(), out.port));
}

bool read_unix(const urls::url_view& url, Url& out) {
    out.tls = false;
    out.port = 0;
    out.path = url.path();
    return url.encoded_host().empty() && !url.has_port() && out.path.size() > 1 &&
           out.path.front() == '/' && out.path.find('\0') == std::string::npos;
}

}  // namespace

boost::system::result<Url> parse_url(std::string_view text) {
    const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
    if (!parsed || has_extras(*parsed)) return Errc::invalid_url;

    Url url;
    url.user = parsed->user();
    const bool fine = parsed->scheme() == "tls"    ? read_tls(*parsed, url)
                      : parsed->scheme() == "unix" ? read_unix(*parsed, url)
                                                   : false;
    if (!fine) return Errc::invalid_url;
    return url;
}

std::string to_string(const Url& url) {
    if (!url.tls) return "unix://" + url.path;
    const bool ipv6 = url.host.find(':') != std::string::npos;
    return "tls://" + (ipv6 ? '[' + url.host + ']' : url.host) + ':' + std::to_string(url.port);
}

}  // namespace clacks
