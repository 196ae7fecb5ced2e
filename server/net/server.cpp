#include "server/net/server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "protocol/command.hpp"

namespace clacks::net {

namespace {

/// How long the connections may take to get their last lines when the node stops.
constexpr std::chrono::seconds longest_stop{5};

bool needs_tls(const std::vector<Address>& addresses) {
    return std::any_of(addresses.begin(), addresses.end(), [](const Address& address) {
        return std::holds_alternative<TlsAddress>(address);
    });
}

unsigned thread_count(const Settings& settings) {
    return settings.threads > 0 ? settings.threads
                                : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Server::Server(Settings settings, node::Settings node_settings, std::string software,
               node::Log& log, Clock clock)
    : settings_(std::move(settings)),
      log_(log),
      clock_(clock),
      thread_count_(thread_count(settings_)),
      node_(node_settings, std::move(software), thread_count_, log),
      workers_([&] {
          std::vector<std::unique_ptr<Worker>> workers;
          for (unsigned i = 0; i < thread_count_; ++i) {
              workers.push_back(std::make_unique<Worker>(
                  i, node_, log, clock, [this](std::chrono::seconds delay) { stop_in(delay); }));
          }
          return workers;
      }()),
      signals_(workers_.front()->context()),
      cleaning_(workers_.front()->context()),
      stopping_(workers_.front()->context()) {
    if (needs_tls(settings_.listen)) listener_tls_ = TlsContext::for_listeners(settings_.tls);
    for (const auto& address : settings_.listen) {
        const bool tls = std::holds_alternative<TlsAddress>(address);
        for (auto& socket : ListeningSocket::open(address)) {
            listeners_.push_back(std::make_unique<Listener>(
                *workers_.front(), std::move(socket), to_string(address),
                [this, tls](int fd, Endpoint from) { accept(fd, std::move(from), tls); }));
        }
        log_.info("listening", {{"listen", to_string(address)}});
    }
    if (!settings_.masters.empty()) {
        uplink_tls_ = TlsContext::for_uplinks(settings_.tls, settings_.links.verify_peer);
        uplink_ = std::make_shared<Uplink>(
            *workers_.front(), settings_.masters, settings_.links,
            protocol::Credentials{.user = node_settings.users.front().name,
                                  .password = node_settings.users.front().password},
            uplink_tls_, [this] { return next_serial(); });
    }
}

Server::~Server() {
    for (auto& worker : workers_) worker->stop();
    for (auto& worker : workers_) worker->join();
}

void Server::run(const std::function<void()>& ready) {
    wait_for_signal();  // before anybody hears that we are ready, and says SIGTERM
    workers_.front()->post([this] {
        clean();
        for (auto& listener : listeners_) listener->start();
        if (uplink_) uplink_->start();
    });
    for (auto& worker : workers_) worker->start();
    ready();
    for (auto& worker : workers_) worker->join();
}

Worker& Server::least_busy() {
    return **std::min_element(workers_.begin(), workers_.end(), [](const auto& a, const auto& b) {
        return a->session_count() < b->session_count();
    });
}

void Server::accept(int fd, Endpoint from, bool tls) {
    if (refuse_over_limit(fd, from, tls)) return;
    if (from.port.empty()) protocol::format_time(clock_.now().wall, from.port);
    Worker& worker = least_busy();
    worker.expect();
    worker.post([this, &worker, fd, from = std::move(from), tls] {
        auto stream = tls ? std::make_unique<Tls>(*listener_tls_) : nullptr;
        const SessionPtr session(
            new Session(worker, fd, std::move(stream), {from.host, from.port, next_serial()}));
        session->start();
    });
}

bool Server::refuse_over_limit(int fd, const Endpoint& from, bool tls) {
    std::size_t connections = 0;
    for (const auto& worker : workers_) connections += worker->session_count();
    const auto limit = node_.settings().limits.connections;
    if (connections < limit) return false;
    const auto text = std::to_string(limit);
    log_.warning("too_many_connections", {{"client", from.host}, {"limit", text}});
    if (!tls) {
        const std::string words =
            "OVERHEAD E too_many_connections limit=" + text + " (limits.connections)\r\n";
        [[maybe_unused]] const auto sent = ::send(fd, words.data(), words.size(), MSG_NOSIGNAL);
    }
    ::close(fd);
    return true;
}

void Server::wait_for_signal() {
    std::signal(SIGPIPE, SIG_IGN);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](boost::system::error_code error, int number) {
        if (!error) stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
    });
}

void Server::clean() {
    cleaning_.expires_at(node_.clean(workers_.front()->turn()));
    cleaning_.async_wait([this](boost::system::error_code error) {
        if (!error) clean();
    });
}

void Server::stop_in(std::chrono::seconds delay) {
    workers_.front()->post([this, delay] {
        if (stopped_) return;
        stopping_.expires_after(delay);
        stopping_.async_wait([this](boost::system::error_code error) {
            if (!error) stop("OVERHEAD S");
        });
    });
}

/// No new connections, the last lines to the old ones, and the end when they have them.
void Server::stop(std::string_view why) {
    if (std::exchange(stopped_, true)) return;
    log_.info("stopping", {{"why", why}});
    signals_.clear();
    cleaning_.cancel();
    listeners_.clear();
    if (uplink_) uplink_->stop();
    const auto end = [this] {
        for (auto& worker : workers_) worker->stop();
    };
    stopping_.expires_after(longest_stop);
    stopping_.async_wait([this, end](boost::system::error_code error) {
        if (error) return;
        log_.warning("stopped_early", {{"what", "some connections did not take their last lines"}});
        end();
    });
    workers_left_ = workers_.size();
    for (auto& worker : workers_) {
        worker->drain([this, end] {
            if (--workers_left_ == 0) end();
        });
    }
}

}  // namespace clacks::net
