// How memcached's clients log in.
#include <string>

#include "server/memcached/client_name.hpp"
#include "server/memcached/memcached.hpp"

namespace clacks::server {

/// Guesses count together with those of the node's own clients: the passwords may be the same.
memcached::LoginAnswer Memcached::log_in(const memcached::LoginTry& login) {
    auto& guard = node_.login_guard();
    const auto host = host_of(login.client);
    const MonoTime now = net::Worker::current().turn().now.mono;
    if (const auto wait = guard.wait(host, now); wait.count() > 0) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
        log_.warning("login_delayed", {{"client", login.client},
                                       {"seconds", std::to_string(seconds.count())},
                                       {"why", node::too_many_failed_logins}});
        return {.not_looked_at = true};
    }
    const auto* const rights = accounts_.log_in(login.name, login.password);
    if (rights) return {.rights = rights};
    // With a line end, which no line of the node's own clients holds.
    const auto tried =
        std::string("memcached\n").append(login.name).append(" ").append(login.password);
    guard.failed(host, guard.attempt(tried), now);
    // Of names only those in the file: people type passwords there.
    log_.warning("login_failed", {{"client", login.client},
                                  {"user", accounts_.knows(login.name) ? login.name : ""},
                                  {"what", "wrong user or password of memcached"}});
    return {};
}

}  // namespace clacks::server
