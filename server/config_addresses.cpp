#include "server/config_addresses.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

#include "server/address.hpp"

namespace clacks::server {
namespace {

// Makes the path absolute and checks it; sun_path holds a closing NUL too.
bool finish_path(Document& document, int line, std::string& path) {
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    path = document.absolute(path);
    if (path.size() <= longest && path.find('\0') == std::string::npos) return true;
    document.error(line,
                   fmt::format("the path of the socket, {}, has {} bytes; allowed: at most {}",
                               in_quotes(path), path.size(), longest));
    return false;
}

std::optional<transport::Address> read_url(Document& document, const Value& value,
                                           std::string_view url) {
    const ParsedAddress parsed = parse_address(url);
    if (!parsed) {
        // What may hold a password is not repeated.
        const bool secret = url.find('@') != std::string_view::npos;
        document.error(value.line, fmt::format("'{}': {}{}", value.name,
                                               secret ? std::string() : in_quotes(url) + ": ",
                                               parsed.error().text));
        return std::nullopt;
    }
    transport::Address address = *parsed;
    if (auto* local = std::get_if<transport::UnixAddress>(&address)) {
        if (!finish_path(document, value.line, local->path)) return std::nullopt;
    }
    return address;
}

// {tls: host:port} or {unix: path}, the URLs allowed as well.
std::optional<transport::Address> read_address_keys(Document& document, const Value& value,
                                                    Section& section) {
    if (section.has("tls") == section.has("unix")) {
        document.error(value.line,
                       fmt::format("'{}': one of 'tls' and 'unix' is needed", value.name));
        return std::nullopt;
    }
    const std::string key = section.has("tls") ? "tls" : "unix";
    std::string text;
    section.name(key, text);
    if (text.empty()) return std::nullopt;  // reported
    if (text.starts_with(key + (key == "tls" ? "://" : ":")))
        return read_url(document, value, text);
    if (key == "tls") return read_url(document, value, "tls://" + text);
    if (!finish_path(document, section.line(key), text)) return std::nullopt;
    transport::UnixAddress local;
    local.path = std::move(text);
    return local;
}

void read_mode(Document& document, Section& section, unsigned& mode) {
    std::string text;
    section.name("mode", text);
    if (text.empty()) return;
    const bool octal = text.find_first_not_of("01234567") == std::string::npos;
    if (!octal || text.size() < 3 || text.size() > 4 || (text.size() == 4 && text[0] != '0')) {
        document.error(section.line("mode"),
                       fmt::format("'{}' is {}; allowed: octal, like \"0660\"",
                                   section.value("mode").name, in_quotes(text)));
        return;
    }
    mode = static_cast<unsigned>(std::stoul(text, nullptr, 8));
}

std::optional<net::MasterSettings> read_master(Document& document, const Value& item) {
    net::MasterSettings master;
    std::optional<transport::Address> address;
    if (item.node.IsMap()) {
        Section section(document, item, {"tls", "unix", "user", "password"});
        address = read_address_keys(document, item, section);
        section.name("user", master.user);
        section.password("password", master.password, Section::PasswordUse::log_in);
        if (section.has("user") != section.has("password")) {
            document.error(item.line,
                           "'master': 'user' and 'password' go together; "
                           "without both the node's own are used");
        }
    } else {
        const auto url = text_of(document, item);
        if (item.node.IsNull()) document.error(item.line, "'master' has an empty item");
        if (url) address = read_url(document, item, *url);
    }
    if (!address) return std::nullopt;
    master.address = std::move(*address);
    return master;
}

// Two sockets with the same path are the same, whatever their modes.
bool same_place(const transport::Address& a, const transport::Address& b) {
    const auto* a_local = std::get_if<transport::UnixAddress>(&a);
    const auto* b_local = std::get_if<transport::UnixAddress>(&b);
    if (a_local != nullptr && b_local != nullptr) return a_local->path == b_local->path;
    return a == b;
}

}  // namespace

void read_client_certificates(Section& section, transport::ClientCertificates& target) {
    using transport::ClientCertificates;
    section.choice("client_certificates", target,
                   {{"none", ClientCertificates::none},
                    {"request", ClientCertificates::request},
                    {"require", ClientCertificates::require}});
}

std::optional<transport::Address> read_listener(
    Document& document, const Value& item, transport::ClientCertificates* client_certificates) {
    if (!item.node.IsMap()) {
        const auto url = text_of(document, item);
        if (item.node.IsNull()) {
            document.error(item.line, fmt::format("'{}' has an empty item", item.name));
        }
        return url ? read_url(document, item, *url) : std::nullopt;
    }
    Section section =
        client_certificates
            ? Section(document, item, {"tls", "client_certificates", "unix", "mode", "group"})
            : Section(document, item, {"tls", "unix", "mode", "group"});
    auto address = read_address_keys(document, item, section);
    transport::UnixAddress options;
    read_mode(document, section, options.mode);
    section.name("group", options.group);
    if (client_certificates) read_client_certificates(section, *client_certificates);
    if (!address) return std::nullopt;
    if (auto* local = std::get_if<transport::UnixAddress>(&*address)) {
        local->mode = options.mode;
        local->group = options.group;
        if (section.has("client_certificates")) {
            document.error(item.line,
                           fmt::format("'{}': 'client_certificates' is for TLS only", item.name));
        }
    } else if (section.has("mode") || section.has("group")) {
        document.error(item.line, fmt::format("'{}': 'mode' and 'group' are for unix sockets only",
                                              item.name));
    }
    return address;
}

const Listener* find_place(const std::vector<Listener>& places, const transport::Address& address) {
    const auto found = std::find_if(places.begin(), places.end(), [&](const auto& place) {
        return same_place(place.address, address);
    });
    return found == places.end() ? nullptr : &*found;
}

std::vector<Listener> read_listeners(Document& document, const Section& top) {
    std::vector<Listener> listeners;
    for (const Value& item : top.items("listen")) {
        auto address = read_listener(document, item);
        if (!address) continue;
        if (const auto* first = find_place(listeners, *address)) {
            document.error(item.line, fmt::format("'listen': this address stands here twice; "
                                                  "first in line {}",
                                                  first->line));
            continue;
        }
        listeners.push_back({std::move(*address), item.line});
    }
    return listeners;
}

void read_masters(Document& document, const Section& top, const std::vector<Listener>& listeners,
                  std::vector<net::MasterSettings>& masters) {
    std::vector<Listener> places;
    for (const Value& item : top.items("master")) {
        auto master = read_master(document, item);
        if (!master) continue;
        if (const auto* first = find_place(places, master->address)) {
            document.error(item.line, fmt::format("'master': this address stands here twice; "
                                                  "first in line {}",
                                                  first->line));
        } else if (const auto* own = find_place(listeners, master->address)) {
            document.error(
                item.line,
                fmt::format("'master': this node itself listens there, line {}", own->line));
        }
        places.push_back({master->address, item.line});
        masters.push_back(std::move(*master));
    }
}

}  // namespace clacks::server
