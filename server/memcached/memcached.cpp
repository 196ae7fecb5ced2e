#include "server/memcached/memcached.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "server/memcached/client_name.hpp"
#include "transport/start_error.hpp"

namespace clacks::server {
namespace {

/// How often a flush_all with a delay is looked for when no client of memcached does anything.
constexpr std::chrono::seconds flush_step{1};

std::chrono::milliseconds idle_timeout(const MemcachedSettings& settings) {
    return std::chrono::ceil<std::chrono::milliseconds>(settings.idle_timeout);
}

}  // namespace

Memcached::Memcached(net::Server& server, const MemcachedSettings& settings,
                     const transport::TlsSettings& tls, node::Log& log)
    : server_(server),
      node_(server.node()),
      log_(log),
      settings_(settings),
      changes_(node_),
      operations_(node_.cache(), settings.item_bytes, form_),
      doors_(*server.workers().front(),
             [this](transport::OwnedFd fd, const transport::Endpoint& from,
                    const Doors::Door& door) { accept(std::move(fd), from, door); }),
      flushing_(server.workers().front()->context()) {
    operations_.set_changes(&changes_);
    auto next = prepare(settings, tls);
    apply(next.accounts);
    memcached::Host& host = *this;
    for (const auto& worker : server_.workers()) {
        seats_.emplace_back().server = std::make_unique<memcached::Server>(
            worker->context(), operations_, host, options(*worker));
    }
    for (const auto& name : doors_.open(std::move(next.doors))) {
        log_.info("listening", {{"memcached", name}});
    }
    server_.set_guest(*this);
    node_.set_outside(this);
}

Memcached::~Memcached() = default;

memcached::Settings Memcached::protocol_settings() const {
    memcached::Settings settings;
    settings.item_bytes = settings_.item_bytes;
    settings.flush_all = settings_.flush_all;
    settings.shutdown = settings_.shutdown;
    settings.authentication = !settings_.auth_file.empty();
    return settings;
}

memcached::ServerOptions Memcached::options(net::Worker& worker) {
    memcached::ServerOptions options;
    options.settings = protocol_settings();
    options.idle_timeout = idle_timeout(settings_);
    options.stalled_timeout = node_.settings().timeouts.stalled_write;
    options.most_connections = std::numeric_limits<std::size_t>::max();  // see accept()
    options.admit = [this](const memcached::Newcomer& newcomer) {
        return accounts_.admit(newcomer.certificate);
    };
    options.clock = [this, &worker] { return node_.tree_time(worker.turn().now); };
    options.log = [this](std::string_view event, std::string_view client, std::string_view why) {
        log_.info("memcached_" + std::string(event), {{"client", client}, {"reason", why}});
    };
    options.shutdown = [this](bool) { server_.stop_in({}, "shutdown by a client of memcached"); };
    return options;
}

// --- the guest of the server ---

void Memcached::start() {
    doors_.start();
    look_at_flush();
}

void Memcached::stop() {
    doors_.close();
    flushing_.cancel();
}

std::size_t Memcached::connection_count(unsigned worker) const {
    const Seat& seat = seats_[worker];
    return seat.server->connection_count() + seat.coming.load(std::memory_order_relaxed);
}

void Memcached::accept(transport::OwnedFd fd, const transport::Endpoint& from,
                       const Doors::Door& door) {
    auto place = make_room(fd, from, door);
    if (!place) return;
    net::Worker& worker = server_.least_busy();
    Seat& seat = seats_[worker.index()];
    ++seat.coming;
    worker.post([&seat, fd = std::move(fd), client = client_name(from, door), name = door.name,
                 tls = door.tls, place = std::move(*place)]() mutable {
        seat.server->adopt(std::move(fd), client, name, tls, std::move(place));
        --seat.coming;
    });
}

/// Nothing if there is none: the newest is told so, those that are there stay. Through TLS
/// everybody is a stranger until the handshake is done.
std::optional<transport::Places::Place> Memcached::make_room(const transport::OwnedFd& fd,
                                                             const transport::Endpoint& from,
                                                             const Doors::Door& door) {
    const auto& limits = node_.settings().limits;
    if (server_.connection_count() >= limits.connections) {
        refuse(fd, from, door, "too_many_connections", limits.connections,
               "ERROR Too many open connections\r\n");
        return std::nullopt;
    }
    if (!door.tls && !accounts_.must_log_in()) return transport::Places::Place();
    auto place = server_.enter_strangers();
    if (!place) {
        refuse(fd, from, door, "too_many_unauthenticated", limits.unauthenticated,
               "ERROR Too many connections that have not logged in\r\n");
    }
    return place;
}

void Memcached::refuse(const transport::OwnedFd& fd, const transport::Endpoint& from,
                       const Doors::Door& door, std::string_view code, std::size_t limit,
                       std::string_view words) {
    ++rejected_;
    log_.warning(code, {{"client", client_name(from, door)}, {"limit", std::to_string(limit)}});
    if (door.tls) return;
    [[maybe_unused]] const auto sent =
        ::send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Memcached::look_at_flush() {
    operations_.flush_if_due(node_.tree_time(server_.workers().front()->turn().now));
    if (settings_.listen.empty()) return;  // nobody can have asked for one
    flushing_.expires_after(flush_step);
    flushing_.async_wait([this](boost::system::error_code error) {
        if (!error) look_at_flush();
    });
}

// --- other settings ---

Memcached::Next Memcached::prepare(const MemcachedSettings& settings,
                                   const transport::TlsSettings& tls) const {
    return {.settings = settings,
            .doors = doors_.plan(settings.listen, tls),
            .accounts = settings.auth_file.empty() ? memcached::AuthFile()
                                                   : read_auth_file(settings.auth_file)};
}

void Memcached::apply(const memcached::AuthFile& accounts) {
    accounts_.set(!settings_.auth_file.empty(), accounts, node_.settings().users);
    changes_.set_notify(settings_.notify);
}

void Memcached::reload(Next next) {
    server_.while_others_wait([&] {
        settings_ = std::move(next.settings);
        apply(next.accounts);
        operations_.set_item_bytes(settings_.item_bytes);
    });
    for (const auto& name : doors_.open(std::move(next.doors))) {
        log_.info("listening", {{"memcached", name}});
    }
    for (const auto& worker : server_.workers()) {
        worker->post([&seat = seats_[worker->index()], settings = protocol_settings(),
                      idle = idle_timeout(settings_),
                      stalled = node_.settings().timeouts.stalled_write] {
            seat.server->settings() = settings;
            seat.server->set_timeouts(idle, stalled);
        });
    }
    look_at_flush();
}

}  // namespace clacks::server
