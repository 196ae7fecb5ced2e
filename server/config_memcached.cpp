#include "server/config_memcached.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/address.hpp"
#include "server/config_users.hpp"

namespace clacks::server {
namespace {

constexpr std::string_view tcp = "tcp://";
constexpr const char* client_forms =
    "allowed: tcp://127.0.0.1:PORT (tcp://localhost:PORT, tcp://[::1]:PORT), tls://HOST:PORT, "
    "unix:///PATH";

/// What everybody can see is one; a name may be another machine's tomorrow.
bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::optional<MemcachedAddress> read_tcp(Document& document, const Value& item,
                                         std::string_view host_and_port) {
    const auto complain = [&](std::string_view what) {
        document.error(item.line,
                       fmt::format("'{}': {}: {}", item.name,
                                   in_quotes(std::string(tcp).append(host_and_port)), what));
        return std::nullopt;
    };
    const ParsedAddress parsed = parse_address("tls://" + std::string(host_and_port));
    if (!parsed) return complain(parsed.error().text);
    const auto& address = std::get<transport::TlsAddress>(*parsed);
    if (!is_loopback(address.host)) {
        return complain(
            fmt::format("plain text is for this machine only, anybody on the way could read it; {}",
                        client_forms));
    }
    return MemcachedAddress{.where = TcpAddress{address.host, address.port}};
}

std::optional<MemcachedAddress> read_address(Document& document, const Value& item,
                                             transport::ClientCertificates certificates) {
    if (item.node.IsScalar()) {
        const auto text = text_of(document, item);
        if (!text) return std::nullopt;
        if (text->starts_with(tcp)) {
            return read_tcp(document, item, std::string_view(*text).substr(tcp.size()));
        }
        if (!text->starts_with("tls:") && !text->starts_with("unix:")) {
            document.error(item.line, fmt::format("'{}': {}: not an address; {}", item.name,
                                                  in_quotes(*text), client_forms));
            return std::nullopt;
        }
    }
    const auto address = read_listener(document, item, &certificates);
    if (!address) return std::nullopt;
    MemcachedAddress result;
    if (const auto* tls = std::get_if<transport::TlsAddress>(&*address)) {
        result.where = *tls;
        result.client_certificates = certificates;
    } else {
        result.where = std::get<transport::UnixAddress>(*address);
    }
    return result;
}

void check_tls(Document& document, int line, const transport::TlsAddress& address,
               const MemcachedAddress& listen, const Config& config) {
    using transport::ClientCertificates;
    if (config.net.tls.certificate.empty() || config.net.tls.key.empty()) {
        document.error(line, "a tls:// listener needs 'tls.certificate' and 'tls.key'");
    }
    const auto certificates = listen.client_certificates;
    if (certificates != ClientCertificates::none && config.net.tls.ca.empty()) {
        document.error(line, "'client_certificates' needs 'tls.ca': whom to trust");
    }
    const bool asks = certificates == ClientCertificates::require ||
                      !config.memcached.auth_file.empty() || is_loopback(address.host);
    if (asks) return;
    document.error(line,
                   "'memcached.listen': here anybody could change the store; set "
                   "'memcached.auth_file', or {tls: …, client_certificates: require}");
}

void read_listen(Document& document, const Section& section, const std::vector<Listener>& listeners,
                 Config& config) {
    std::vector<Listener> places = listeners;
    for (const Value& item : section.items("listen")) {
        const auto listen = read_address(document, item, config.net.tls.client_certificates);
        if (!listen) continue;
        if (const auto* tls = std::get_if<transport::TlsAddress>(&listen->where)) {
            check_tls(document, item.line, *tls, *listen, config);
        }
        // On TCP two protocols cannot share a port either.
        const transport::Address place = std::visit(
            [](const auto& where) -> transport::Address {
                if constexpr (std::is_same_v<std::decay_t<decltype(where)>,
                                             transport::UnixAddress>) {
                    return where;
                } else {
                    return transport::TlsAddress{where.host, where.port};
                }
            },
            listen->where);
        if (const auto* first = find_place(places, place)) {
            document.error(item.line,
                           fmt::format("'{}': this address stands here twice; first in line {}",
                                       item.name, first->line));
            continue;
        }
        places.push_back({place, item.line});
        config.memcached.listen.push_back(*listen);
        config.places.memcached_listen.push_back(item.line);
    }
}

/// Base64 of so much may be a line that is one KiB longer, with what stands before it.
std::size_t line_for(std::size_t item_bytes) { return (item_bytes + 2) / 3 * 4 + 1024; }

/// What memcached's clients store is told to clients of ours and to other nodes in a line, where
/// Base64 may have to stand for it, and for each byte of its key a name may need three.
void check_limits(Document& document, const Section& section, const Config& config) {
    if (config.memcached.listen.empty()) return;
    constexpr std::size_t longest_name = 3 * 250;
    if (config.node.limits.key_bytes < longest_name) {
        document.warn(
            section.line("listen"),
            fmt::format("'limits.key' ({}) is less than a key of memcached can need ({}): "
                        "a longer one may not reach other nodes",
                        format_size(config.node.limits.key_bytes), longest_name));
    }
    const std::size_t item = config.memcached.item_bytes;
    if (line_for(item) <= config.node.limits.line_bytes) return;
    constexpr std::size_t mebibyte = std::size_t{1} << 20U;
    const std::size_t enough = (line_for(item) + mebibyte - 1) / mebibyte * mebibyte;
    document.error(
        section.line(section.has("item") ? "item" : "listen"),
        fmt::format("'memcached.item' ({}) does not always fit into a line of 'limits.line' ({}), "
                    "and would be lost for clients of ours and other nodes; make 'limits.line' at "
                    "least {}, here and on the other nodes, or 'memcached.item' smaller",
                    format_size(item), format_size(config.node.limits.line_bytes),
                    format_size(enough)));
}

}  // namespace

bool read_memcached(Document& document, const Section& top, const std::vector<Listener>& listeners,
                    Config& config) {
    constexpr std::size_t largest_item = std::size_t{383} << 20U;  // fits the longest limits.line
    constexpr std::chrono::hours longest{24 * 3650};
    MemcachedSettings& settings = config.memcached;
    Section section(
        document, top.value("memcached"),
        {"listen", "item", "idle_timeout", "flush_all", "shutdown", "auth_file", "notify"});
    section.size("item", settings.item_bytes, 1024, largest_item);
    section.duration("idle_timeout", settings.idle_timeout, {}, longest);
    section.choice("flush_all", settings.flush_all, {{"true", true}, {"false", false}});
    section.choice("shutdown", settings.shutdown, {{"true", true}, {"false", false}});
    section.file("auth_file", settings.auth_file);
    config.places.auth_file = section.line("auth_file");
    for (const Value& item : section.items("notify")) {
        if (const auto pattern = read_pattern(document, item)) settings.notify.push_back(*pattern);
    }
    read_listen(document, section, listeners, config);
    check_limits(document, section, config);
    return !section.items("listen").empty();
}

bool asks_for_certificates(const MemcachedSettings& settings) {
    return std::any_of(settings.listen.begin(), settings.listen.end(), [](const auto& listen) {
        return listen.client_certificates != transport::ClientCertificates::none;
    });
}

void check_memcached_logins(Document& document, const Config& config) {
    const auto& users = config.node.users;
    const bool one_has_certificate = std::any_of(
        users.begin(), users.end(), [](const auto& user) { return !user.certificate.empty(); });
    if (one_has_certificate || !config.memcached.auth_file.empty()) return;
    const auto& listen = config.memcached.listen;
    for (std::size_t i = 0; i < listen.size(); ++i) {
        if (listen[i].client_certificates != transport::ClientCertificates::require) continue;
        document.error(config.places.memcached_listen[i],
                       "'memcached.listen': nobody gets in here: a client certificate is required, "
                       "and nobody of 'users' has one; give a user a 'certificate', or set "
                       "'memcached.auth_file'");
    }
}

}  // namespace clacks::server
