#include "server/memcached/doors.hpp"

#include <algorithm>
#include <utility>

#include "transport/start_error.hpp"

namespace clacks::server {
namespace {

/// Mode and group of a path that is served stay as they are.
bool same_place(const MemcachedAddress& a, const MemcachedAddress& b) {
    const auto* a_local = std::get_if<transport::UnixAddress>(&a.where);
    const auto* b_local = std::get_if<transport::UnixAddress>(&b.where);
    if (a_local && b_local) return a_local->path == b_local->path;
    return a.where == b.where;
}

std::vector<transport::ListeningSocket> open_plain(const TcpAddress& address,
                                                   const std::string& name) {
    std::vector<transport::ListeningSocket> sockets;
    for (const auto& each : transport::resolve(address.host, address.port, name)) {
        if (!transport::is_loopback(each)) {
            throw transport::StartError("cannot listen on " + name +
                                        ": plain text is for loopback only");
        }
        sockets.push_back(transport::ListeningSocket::open_tcp(each, name));
    }
    return sockets;
}

std::vector<transport::ListeningSocket> open_sockets(const Doors::Door& door) {
    if (const auto* tcp = std::get_if<TcpAddress>(&door.address.where)) {
        return open_plain(*tcp, door.name);
    }
    if (const auto* tls = std::get_if<transport::TlsAddress>(&door.address.where)) {
        return transport::ListeningSocket::open(*tls);
    }
    return transport::ListeningSocket::open(std::get<transport::UnixAddress>(door.address.where));
}

std::optional<transport::TlsContext> tls_of(const MemcachedAddress& address,
                                            transport::TlsSettings settings) {
    if (!std::holds_alternative<transport::TlsAddress>(address.where)) return std::nullopt;
    settings.client_certificates = address.client_certificates;
    return transport::TlsContext::for_listeners(settings);
}

}  // namespace

Doors::Open* Doors::find(const MemcachedAddress& address) const {
    const auto found = std::find_if(doors_.begin(), doors_.end(), [&](const auto& open) {
        return same_place(open->door.address, address);
    });
    return found == doors_.end() ? nullptr : found->get();
}

Doors::Plan Doors::plan(const std::vector<MemcachedAddress>& listen,
                        const transport::TlsSettings& tls) const {
    Plan plan;
    for (const auto& address : listen) {
        Plan::Item item{.door = {address, to_string(address), tls_of(address, tls)}};
        if (!find(address)) item.sockets = open_sockets(item.door);
        plan.items_.push_back(std::move(item));
    }
    return plan;
}

std::vector<std::string> Doors::open(Plan plan) {
    std::vector<std::string> fresh;
    std::vector<std::unique_ptr<Open>> doors;
    for (auto& item : plan.items_) {
        if (Open* const old = find(item.door.address)) {
            old->door = std::move(item.door);
            const auto place = std::find_if(doors_.begin(), doors_.end(),
                                            [&](const auto& each) { return each.get() == old; });
            doors.push_back(std::move(*place));
            doors_.erase(place);
            continue;
        }
        fresh.push_back(item.door.name);
        auto open = std::make_unique<Open>(Open{.door = std::move(item.door)});
        for (auto& socket : item.sockets) {
            open->listeners.push_back(std::make_unique<net::Listener>(
                worker_, std::move(socket), open->door.name,
                [this, &door = open->door](transport::OwnedFd fd, const transport::Endpoint& from) {
                    accepted_(std::move(fd), from, door);
                }));
            if (started_) open->listeners.back()->start();
        }
        doors.push_back(std::move(open));
    }
    doors_ = std::move(doors);
    return fresh;
}

void Doors::start() {
    started_ = true;
    for (const auto& open : doors_) {
        for (const auto& listener : open->listeners) listener->start();
    }
}

}  // namespace clacks::server
