// What Memcached answers to `stats`, and has to say for STATUS.
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "server/memcached/memcached.hpp"

namespace clacks::server {

using memcached::Count;

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

/// Of what `number(Server)` says.
template <class Number>
std::uint64_t Memcached::sum(Number number) const {
    std::uint64_t result = 0;
    for (const Seat& seat : seats_) result += number(*seat.server);
    return result;
}

memcached::Counts Memcached::counts() const {
    memcached::Counts counts;
    for (const Seat& seat : seats_) counts.add(seat.server->counters());
    return counts;
}

memcached::Totals Memcached::totals() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const Now now = net::Worker::current().turn().now;
    const auto up =
        std::chrono::floor<std::chrono::microseconds>(now.mono - node_.identity().started.mono);
    memcached::Totals totals{
        .process = static_cast<std::uint64_t>(::getpid()),
        .started = node_.tree_time(now) - up,
        .user_seconds = seconds(usage.ru_utime),
        .system_seconds = seconds(usage.ru_stime),
        .threads = static_cast<unsigned>(seats_.size()),
        .connections = sum([](const auto& server) { return server.connection_count(); }),
        .connections_ever = sum([](const auto& server) { return server.connections_ever(); }),
        .connections_rejected = rejected_,
        .most_connections = node_.settings().limits.connections,
        .items = node_.cache().size(),
        .bytes = node_.cache().budget().used(),
        .most_bytes = node_.cache().budget().memory(),
        .evictions = node_.cache().budget().evicted(),
        .evicts = node_.settings().cache.evict};
    totals.counts = counts();
    if (!settings_.listen.empty()) {
        const auto& where = settings_.listen.front().where;
        if (const auto* tcp = std::get_if<TcpAddress>(&where)) {
            totals.address = tcp->host;
            totals.tcp_port = tcp->port;
        } else if (const auto* tls = std::get_if<transport::TlsAddress>(&where)) {
            totals.address = tls->host;
            totals.tcp_port = tls->port;
        } else {
            totals.address = std::get<transport::UnixAddress>(where).path;
        }
    }
    const std::lock_guard lock(mutex_);
    totals.counts.subtract(reset_at_);
    return totals;
}

void Memcached::reset_stats() {
    const auto now = counts();
    const std::lock_guard lock(mutex_);
    reset_at_ = now;
}

bool Memcached::next_connections(
    memcached::ConnectionTour& tour,
    const std::function<void(const memcached::ConnectionInfo&)>& visit) const {
    if (seats_[tour.server].server->next_connections(tour, visit)) return true;
    if (++tour.server == seats_.size()) return false;
    tour.left = memcached::ConnectionTour::all;
    return true;
}

void Memcached::describe(const std::function<void(std::string_view, std::string_view)>& add) const {
    const auto all = counts();
    add("memcached_connections",
        std::to_string(sum([](const auto& server) { return server.connection_count(); })));
    add("memcached_reads", std::to_string(all[Count::get_hits] + all[Count::get_misses]));
    add("memcached_hits", std::to_string(all[Count::get_hits]));
    add("memcached_bytes_read", std::to_string(all[Count::bytes_read]));
    add("memcached_bytes_written", std::to_string(all[Count::bytes_written]));
}

}  // namespace clacks::server
