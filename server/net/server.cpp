#include "server/net/server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <latch>
#include <thread>
#include <utility>

#include "protocol/command.hpp"
#include "transport/start_error.hpp"

namespace clacks::net {

namespace {

/// How long the connections may take to get their last lines when the node stops.
constexpr std::chrono::seconds longest_stop{5};

bool is_tls(const transport::Address& address) {
    return std::holds_alternative<transport::TlsAddress>(address);
}

UplinkSettings uplink_settings(const Settings& settings, const node::Settings& node_settings) {
    const auto& own = node_settings.users.front();
    UplinkSettings result{.masters = settings.masters,
                          .links = settings.links,
                          .identity = {.user = own.name, .password = own.password},
                          .tls = std::nullopt};
    if (!settings.masters.empty()) {
        result.tls = transport::TlsContext::for_uplinks(settings.tls, settings.links.verify_peer);
    }
    return result;
}

unsigned thread_count(const Settings& settings) {
    return settings.threads > 0 ? settings.threads
                                : std::max(1U, std::thread::hardware_concurrency());
}

node::Past past_of(node::Past past, const Settings& settings) {
    if (settings.masters.empty()) past.knowledge.time_root.clear();
    return past;
}

}  // namespace

Server::Server(Settings settings, node::Settings node_settings, std::string software,
               std::string id, node::Log& log, Clock clock, PasswordCheck check_password,
               node::Past past)
    : settings_(std::move(settings)),
      log_(log),
      clock_(clock),
      thread_count_(thread_count(settings_)),
      node_(node_settings,
            {.software = std::move(software), .id = std::move(id), .started = clock.now()},
            thread_count_, log, past_of(std::move(past), settings_)),
      passwords_(std::move(check_password)),
      workers_([&] {
          std::vector<std::unique_ptr<Worker>> workers;
          for (unsigned i = 0; i < thread_count_; ++i) {
              workers.push_back(std::make_unique<Worker>(
                  i, node_, shared_, log, clock, settings_.gather,
                  [this](std::chrono::seconds delay) { stop_in(delay, "OVERHEAD S"); }));
          }
          return workers;
      }()),
      signals_(workers_.front()->context()),
      hangups_(workers_.front()->context()),
      save_signals_(workers_.front()->context()),
      cleaning_(workers_.front()->context()),
      reporting_(workers_.front()->context()),
      stopping_(workers_.front()->context()) {
    listener_tls_ = listener_tls(settings_);
    for (const auto& address : settings_.listen) {
        const bool tls = is_tls(address);
        for (auto& socket : transport::ListeningSocket::open(address)) {
            listeners_.push_back(std::make_unique<Listener>(
                *workers_.front(), std::move(socket), to_string(address),
                [this, tls](transport::OwnedFd fd, transport::Endpoint from) {
                    accept(std::move(fd), std::move(from), tls);
                }));
        }
        log_.info("listening", {{"listen", to_string(address)}});
    }
    uplink_ = std::make_shared<Uplink>(*workers_.front(), uplink_settings(settings_, node_settings),
                                       [this] { return next_serial(); });
}

Server::~Server() {
    // The first one first: it may be waiting for the others (while_others_wait).
    for (auto& worker : workers_) {
        worker->stop();
        worker->join();
    }
    passwords_.stop();  // it holds sessions, and they their workers
}

void Server::run(const std::function<void()>& ready, std::function<void()> hung_up,
                 std::function<void()> save) {
    hung_up_ = std::move(hung_up);
    save_ = std::move(save);
    wait_for_signal();  // before anybody hears that we are ready, and says SIGTERM
    wait_for(hangups_, hung_up_);
    wait_for(save_signals_, save_);
    workers_.front()->post([this] {
        clean();
        report();
        for (auto& listener : listeners_) listener->start();
        if (guest_) guest_->start();
        uplink_->start();
    });
    for (auto& worker : workers_) worker->start();
    ready();
    for (auto& worker : workers_) worker->join();
}

Worker& Server::least_busy() {
    return **std::min_element(workers_.begin(), workers_.end(), [&](const auto& a, const auto& b) {
        return connection_count(*a) < connection_count(*b);
    });
}

std::size_t Server::connection_count(const Worker& worker) const {
    return worker.session_count() + (guest_ ? guest_->connection_count(worker.index()) : 0);
}

std::size_t Server::connection_count() const {
    std::size_t sum = 0;
    for (const auto& worker : workers_) sum += connection_count(*worker);
    return sum;
}

void Server::accept(transport::OwnedFd fd, transport::Endpoint from, bool tls) {
    auto place = make_room(fd.get(), from, tls);
    if (!place) return;
    if (from.port.empty()) protocol::format_time(clock_.now().wall, from.port);
    Worker& worker = least_busy();
    worker.expect();
    worker.post([this, &worker, fd = std::move(fd), from = std::move(from),
                 place = std::move(*place),
                 context = tls ? listener_tls_ : std::nullopt]() mutable {
        try {
            auto stream = context ? std::make_unique<transport::Tls>(*context) : nullptr;
            const SessionPtr session(
                new Session(worker, std::move(fd), std::move(stream),
                            {from.host, from.port, next_serial(), std::move(place)}));
            session->start();
        } catch (const std::exception& problem) {
            worker.unexpect();
            log_.error("session_failed", {{"client", from.host}, {"error", problem.what()}});
        }
    });
}

/// Nothing if there is none: the newest is told so, those that are there stay.
std::optional<transport::Places::Place> Server::make_room(int fd, const transport::Endpoint& from,
                                                          bool tls) {
    const auto& limits = node_.settings().limits;
    if (connection_count() >= limits.connections) {
        refuse(fd, from, tls, "too_many_connections", "limits.connections", limits.connections);
        return std::nullopt;
    }
    auto place = enter_strangers();
    if (!place) {
        refuse(fd, from, tls, "too_many_unauthenticated", "limits.unauthenticated",
               limits.unauthenticated);
    }
    return place;
}

std::optional<transport::Places::Place> Server::enter_strangers() {
    return strangers_.enter(node_.settings().limits.unauthenticated);
}

void Server::refuse(int fd, const transport::Endpoint& from, bool tls, std::string_view code,
                    std::string_view setting, std::size_t limit) {
    const auto text = std::to_string(limit);
    log_.warning(code, {{"client", from.host}, {"limit", text}});
    if (tls) return;
    const std::string words = "OVERHEAD E " + std::string(code) + " limit=" + text + " (" +
                              std::string(setting) + ")\r\n";
    [[maybe_unused]] const auto sent = ::send(fd, words.data(), words.size(), MSG_NOSIGNAL);
}

void Server::wait_for_signal() {
    std::signal(SIGPIPE, SIG_IGN);
    hangups_.add(SIGHUP);
    save_signals_.add(SIGUSR1);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](boost::system::error_code error, int number) {
        if (!error) stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
    });
}

void Server::wait_for(boost::asio::signal_set& signals, const std::function<void()>& then) {
    signals.async_wait([this, &signals, &then](boost::system::error_code error, int) {
        if (error) return;
        then();
        wait_for(signals, then);
    });
}

void Server::reload(Settings settings, node::Settings node_settings) {
    if (stopped_) return;
    keep_what_needs_a_start(settings, node_settings);
    // First whatever can fail.
    auto tls = listener_tls(settings);
    auto uplink = uplink_settings(settings, node_settings);
    while_others_wait([&] { node_.reload(std::move(node_settings), workers_.front()->turn()); });
    listener_tls_ = std::move(tls);
    settings_ = std::move(settings);
    uplink_->reload(std::move(uplink));
    for (auto& worker : workers_) worker->post([&worker] { worker->settings_changed(); });
    clean();
}

void Server::keep_what_needs_a_start(Settings& settings, node::Settings& node_settings) {
    const auto keep = [&](std::string_view key, auto& changed, const auto& present) {
        if (changed == present) return;
        log_.warning("restart_needed", {{"key", key}});
        changed = present;
    };
    keep("name", node_settings.name, node_.settings().name);
    keep("listen", settings.listen, settings_.listen);
    keep("threads", settings.threads, settings_.threads);
    keep("gather", settings.gather, settings_.gather);
}

std::optional<transport::TlsContext> Server::listener_tls(const Settings& settings) const {
    const auto tls = std::find_if(settings.listen.begin(), settings.listen.end(), is_tls);
    if (tls == settings.listen.end()) return std::nullopt;
    if (settings.tls.certificate.empty()) {
        throw transport::StartError(
            "tls.certificate is gone, but until a new start this node listens on " +
            to_string(*tls));
    }
    return transport::TlsContext::for_listeners(settings.tls);
}

/// Runs `change` on this worker, the first, while every other one waits. None of them is in the
/// middle of anything then: they wait between two handlers.
void Server::while_others_wait(const std::function<void()>& change) {
    struct Meeting {
        explicit Meeting(std::ptrdiff_t others) : here(others) {}
        std::latch here;
        std::latch over{1};
    };
    const auto meeting =
        std::make_shared<Meeting>(static_cast<std::ptrdiff_t>(workers_.size()) - 1);
    for (std::size_t i = 1; i < workers_.size(); ++i) {
        workers_[i]->post([meeting] {
            meeting->here.count_down();
            meeting->over.wait();
        });
    }
    meeting->here.wait();
    const std::shared_ptr<void> end(nullptr, [&](void*) { meeting->over.count_down(); });
    change();
}

void Server::report() {
    reporting_.expires_at(node_.report(workers_.front()->turn()));
    reporting_.async_wait([this](boost::system::error_code error) {
        if (!error) report();
    });
}

void Server::clean() {
    cleaning_.expires_at(node_.clean(workers_.front()->turn()));
    cleaning_.async_wait([this](boost::system::error_code error) {
        if (!error) clean();
    });
}

bool Server::do_between_turns(const std::function<bool()>& step) {
    return workers_[next_errand_++ % workers_.size()]->errand().run(step);
}

void Server::stop_in(std::chrono::seconds delay, std::string why) {
    workers_.front()->post([this, delay, why = std::move(why)] {
        if (stopped_) return;
        stopping_.expires_after(delay);
        stopping_.async_wait([this, why](boost::system::error_code error) {
            if (!error) stop(why);
        });
    });
}

/// No new connections, the last lines to the old ones, and the end when they have them.
void Server::stop(std::string_view why) {
    if (std::exchange(stopped_, true)) return;
    log_.info("stopping", {{"why", why}});
    signals_.clear();
    hangups_.cancel();  // not clear(): the next SIGHUP would end the process
    save_signals_.cancel();
    cleaning_.cancel();
    reporting_.cancel();
    listeners_.clear();
    if (guest_) guest_->stop();
    uplink_->stop();
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
        if (guest_) worker->post([this, index = worker->index()] { guest_->close(index); });
        worker->drain([this, end] {
            if (--workers_left_ == 0) end();
        });
    }
}

}  // namespace clacks::net
