#include "tests/memcached/shop.hpp"

#include <algorithm>

namespace clacks::test {

memcached::Totals TestHost::totals() const {
    memcached::Totals totals{.process = 42,
                             .started = memcached::WallTime(1'800'000'000s - 100s),
                             .user_seconds = 1.5,
                             .connections = 1,
                             .items = 2,
                             .bytes = 200,
                             .most_bytes = 64U << 20U};
    totals.counts.add(counters);
    totals.counts.subtract(base_);
    return totals;
}

bool TestHost::next_connections(
    memcached::ConnectionTour& tour,
    const std::function<void(const memcached::ConnectionInfo&)>& visit) const {
    tour.left = std::min(tour.left, connections);
    for (int i = 0; i < 10 && tour.left > 0; ++i) {
        visit({.id = 6 + tour.left--,
               .address = "unix:/run/x",
               .listener = "unix:/run/x",
               .state = "conn_waiting",
               .idle_seconds = 3});
    }
    return tour.left > 0;
}

Shop::Shop(const memcached::Rights* rights) : Shop(operations, rights) {}

Shop::Shop(memcached::Operations& used, const memcached::Rights* rights)
    : session(std::make_unique<memcached::Session>(
          settings, used, host, host.counters, host.partial_values,
          memcached::Session::Visitor{"tcp:test", rights}, [this] { ++answered; })) {}

void Shop::join(Shop& other, const memcached::Rights* rights) {
    session = std::make_unique<memcached::Session>(other.settings, other.operations, other.host,
                                                   other.host.counters, other.host.partial_values,
                                                   memcached::Session::Visitor{"tcp:test", rights},
                                                   [this] { ++answered; });
}

void Shop::feed(std::string& reply) {
    const std::size_t used = session->feed(input, now, reply);
    input.erase(0, used);
}

std::string Shop::ask(std::string_view request) {
    std::string reply;
    input += request;
    feed(reply);
    return reply;
}

std::string Shop::ask_in_pieces(std::string_view request, std::size_t size) {
    std::string reply;
    for (std::size_t at = 0; at < request.size(); at += size) {
        input += request.substr(at, size);
        feed(reply);
    }
    return reply;
}

}  // namespace clacks::test
