// clacks-cache-server: the memcached protocol over our store and nothing else, on one thread: to be
// measured beside memcached.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <string_view>

#include "cache/cache.hpp"
#include "memcached/cache_operations.hpp"
#include "memcached/server.hpp"

namespace clacks::bench {
namespace {

class NoHost final : public memcached::Host {
public:
    const memcached::Rights* log_in(std::string_view, std::string_view) override { return nullptr; }
    memcached::Totals totals() const override { return {}; }
    void reset_stats() override {}
    void each_connection(
        const std::function<void(const memcached::ConnectionInfo&)>&) const override {}
    bool set_memory_limit(std::uint64_t) override { return false; }
};

int serve(std::string_view address) {
    boost::asio::io_context context{1};
    cache::Cache cache;
    cache.set_budget(std::size_t{1} << 30U, true);
    memcached::ServerOptions options;
    options.most_connections = 20'000;
    memcached::CacheOperations operations(cache, options.settings.item_bytes);
    NoHost host;
    memcached::Server server(context, operations, host, options);
    if (const auto listening = server.listen(address); !listening) {
        std::fprintf(stderr, "%s\n", listening.error().text.c_str());
        return 1;
    }
    boost::asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](auto, int) { context.stop(); });
    context.run();
    return 0;
}

}  // namespace
}  // namespace clacks::bench

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: clacks-cache-server ADDRESS\n");
        return 2;
    }
    return clacks::bench::serve(argv[1]);
}
