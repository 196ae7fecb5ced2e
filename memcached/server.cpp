#include "memcached/server.hpp"

#include <utility>

#include "memcached/acceptor.hpp"
#include "memcached/connections.hpp"
#include "memcached/derived.hpp"
#include "memcached/program_host.hpp"
#include "transport/start_error.hpp"

namespace clacks::memcached {

struct Server::Program {
    Program(Handlers handlers, const ServerOptions& options)
        : derived(std::move(handlers),
                  {.raw = options.raw, .item_bytes = options.settings.item_bytes}),
          host(options.password_file) {}

    Derived derived;
    ProgramHost host;
};

namespace {

/// Who has a file of passwords means it.
ServerOptions with_login(ServerOptions options) {
    if (options.password_file.empty()) return options;
    options.settings.authentication = true;
    if (!options.admit) options.admit = [](const Newcomer&) -> const Rights* { return nullptr; };
    return options;
}

std::optional<transport::TlsContext> own_tls(const ServerOptions& options) {
    if (!options.tls) return std::nullopt;
    return transport::TlsContext::for_listeners(*options.tls);
}

}  // namespace

Server::Server(boost::asio::io_context& context, Handlers handlers, ServerOptions options)
    : tls_(own_tls(options)),
      program_(std::make_unique<Program>(std::move(handlers), options)),
      connections_(std::make_shared<Connections>(context, program_->derived, program_->host,
                                                 with_login(std::move(options)))),
      acceptor_(std::make_unique<Acceptor>(context, *connections_)) {
    program_->host.set_connections(*connections_);
}

Server::Server(boost::asio::io_context& context, Operations& operations, Host& host,
               ServerOptions options)
    : tls_(own_tls(options)),
      connections_(std::make_shared<Connections>(context, operations, host, std::move(options))),
      acceptor_(std::make_unique<Acceptor>(context, *connections_)) {}

Server::~Server() { close(); }

Server::Listening Server::listen(std::string_view address,
                                 const std::optional<transport::TlsContext>& tls) {
    const auto parsed = parse_address(address);
    if (!parsed) return ListenError{parsed.error().text};
    try {
        return {boost::system::in_place_value, acceptor_->listen(*parsed, tls ? tls : tls_)};
    } catch (const transport::StartError& error) {
        return ListenError{error.what()};
    }
}

Server::Listening Server::listen(const transport::UnixAddress& address) {
    try {
        return {boost::system::in_place_value, acceptor_->listen(address, {})};
    } catch (const transport::StartError& error) {
        return ListenError{error.what()};
    }
}

bool Server::unlisten(std::string_view address) { return acceptor_->unlisten(address); }

bool Server::renew_tls(std::string_view address, const transport::TlsContext& tls) {
    return acceptor_->renew_tls(address, tls);
}

std::vector<std::string> Server::listening() const { return acceptor_->listening(); }

/// Most have the same name as the one before: on a unix socket they all have.
std::shared_ptr<const std::string> Server::shared(std::shared_ptr<const std::string>& last,
                                                  std::string_view name) {
    if (!last || *last != name) last = std::make_shared<const std::string>(name);
    return last;
}

void Server::adopt(transport::OwnedFd fd, std::string_view address, std::string_view listener,
                   const std::optional<transport::TlsContext>& tls,
                   transport::Places::Place stranger) {
    connections_->adopt({std::move(fd), shared(last_address_, address),
                         shared(last_listener_, listener), tls, std::move(stranger)});
}

void Server::set_peers(std::span<Server* const> peers) {
    std::vector<std::shared_ptr<Connections>> theirs;
    for (const Server* const each : peers) theirs.push_back(each->connections_);
    connections_->set_peers(std::move(theirs));
}

void Server::close() {
    acceptor_->close();
    connections_->close();
}

Settings& Server::settings() { return connections_->options().settings; }

void Server::set_timeouts(std::chrono::milliseconds idle, std::chrono::milliseconds stalled) {
    connections_->set_timeouts(idle, stalled);
}

void Server::set_most_connections(std::size_t count) {
    connections_->options().most_connections = count;
}

void Server::each_connection(const std::function<void(const ConnectionInfo&)>& visit) const {
    ConnectionTour tour;
    while (next_connections(tour, visit)) {
    }
}

bool Server::next_connections(ConnectionTour& tour,
                              const std::function<void(const ConnectionInfo&)>& visit) const {
    return connections_->next(tour.left, visit);
}

std::size_t Server::connection_count() const { return connections_->places().open(); }

std::uint64_t Server::connections_ever() const { return connections_->places().ever(); }

std::uint64_t Server::connections_rejected() const { return connections_->places().rejected(); }

const Counters& Server::counters() const { return connections_->counters(); }

}  // namespace clacks::memcached
