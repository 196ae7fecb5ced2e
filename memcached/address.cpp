#include "memcached/address.hpp"

#include <optional>

#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

AddressProblem problem(std::string_view address, std::string_view what) {
    return {"cannot listen on " + std::string(address) + ": " + std::string(what)};
}

}  // namespace

boost::system::result<Address, AddressProblem> parse_address(std::string_view text) {
    std::string_view rest = text;
    if (take_prefix(rest, "unix://")) {
        if (!rest.starts_with('/') || rest.ends_with('/')) {
            return problem(text, "the path of the socket is missing");
        }
        return transport::UnixAddress{.path = std::string(rest), .group = {}};
    }
    const bool is_tls = take_prefix(rest, "tls://");
    if (!is_tls && !take_prefix(rest, "tcp://")) {
        return problem(text, "allowed: tcp://host:port, tls://host:port, unix:///path");
    }
    const std::size_t colon = rest.rfind(':');
    const std::string_view digits =
        colon == rest.npos ? std::string_view() : rest.substr(colon + 1);
    const auto port = digits.starts_with('+') ? std::nullopt : parse_number<std::uint16_t>(digits);
    if (!port) return problem(text, "the port must be a number up to 65535");
    std::string_view host = rest.substr(0, colon);
    const bool has_brackets = host.starts_with('[') && host.ends_with(']');
    if (has_brackets) host = host.substr(1, host.size() - 2);
    if (host.empty()) return problem(text, "the host is missing; for all write 0.0.0.0 or [::]");
    if (!has_brackets && host.find(':') != host.npos) {
        return problem(text, "an IPv6 address stands in brackets");
    }
    return NetworkAddress{is_tls, std::string(host), *port};
}

std::string to_string(const NetworkAddress& address) {
    const bool brackets = address.host.find(':') != std::string::npos;
    return (address.is_tls ? "tls://" : "tcp://") +
           (brackets ? "[" + address.host + "]" : address.host) + ":" +
           std::to_string(address.port);
}

}  // namespace clacks::memcached
