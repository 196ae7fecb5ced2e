#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "memcached/cache_operations.hpp"
#include "memcached/session.hpp"

namespace clacks::test {

using namespace std::chrono_literals;

/// A host that knows one user, and counts nothing but what it is told to.
class TestHost : public memcached::Host {
public:
    memcached::LoginAnswer log_in(const memcached::LoginTry& login) override {
        client = login.client;
        if (looks_at_no_login) return {.not_looked_at = true};
        const bool fits = login.name == "user" && login.password == "pass word";
        return {.rights = fits ? &memcached::all_rights() : nullptr};
    }
    memcached::Totals totals() const override;
    void reset_stats() override {
        base_ = memcached::Counts();
        base_.add(counters);
    }
    bool next_connections(
        memcached::ConnectionTour& tour,
        const std::function<void(const memcached::ConnectionInfo&)>& visit) const override;
    bool set_memory_limit(std::uint64_t bytes) override { return bytes <= 64U << 20U; }

    memcached::Counters counters;
    memcached::PartialValues partial_values;
    std::size_t connections = 1;
    std::string client;  ///< who has tried to log in
    bool looks_at_no_login = false;

private:
    memcached::Counts base_;
};

/// A store, and one client that talks to it.
class Shop {
public:
    explicit Shop(const memcached::Rights* rights = &memcached::all_rights());
    /// With other operations than those of the store.
    Shop(memcached::Operations& operations, const memcached::Rights* rights);

    /// Connects anew, as one more client of a thread that serves that one.
    void join(Shop& other, const memcached::Rights* rights = &memcached::all_rights());

    /// Sends all of it and returns what comes back.
    std::string ask(std::string_view request);
    /// The same in pieces of `size` bytes.
    std::string ask_in_pieces(std::string_view request, std::size_t size);
    /// Sends what is left of the input; appends what comes back to `reply`.
    void feed(std::string& reply);

    cache::Cache cache{{1, 2}, 3};
    memcached::CacheOperations operations{cache, 1U << 20U};
    memcached::Settings settings;
    TestHost host;
    memcached::WallTime now{std::chrono::seconds(1'800'000'000)};
    std::string input;  ///< that was not taken yet
    unsigned answered = 0;
    std::unique_ptr<memcached::Session> session;
};

}  // namespace clacks::test
