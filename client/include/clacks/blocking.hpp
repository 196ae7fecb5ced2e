#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clacks/condition.hpp"
#include "clacks/error.hpp"
#include "clacks/fields.hpp"
#include "clacks/keys.hpp"
#include "clacks/message.hpp"
#include "clacks/monitor_filter.hpp"
#include "clacks/options.hpp"
#include "clacks/step.hpp"
#include "clacks/stored.hpp"

namespace clacks {

class Client;

/// Client with a thread of its own, for programs without an event loop: every function waits for
/// what it does, and throws clacks::Error if that fails. What each does, its errors and what
/// happens while the connection is away: clacks/client.hpp.
///
///     clacks::BlockingClient client({.url = "unix:///run/clacks/clacks.sock", .user = "me",
///                                    .password = "secret"});
///     client.connect();
///     client.store("answer", "42");
///     client.flush();  // throws if the node refused
///
/// All functions may be called from several threads at once.
class BlockingClient {
public:
    /// Does not connect yet.
    explicit BlockingClient(Options options);

    /// Closes, and waits until what is queued is sent, at most Options::close_timeout.
    ~BlockingClient();
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;

    /// To save a round trip, begin with client().async_connect instead, and ask: that goes out with
    /// the login, and fails as the connect does.
    void connect();
    bool is_connected() const;
    std::set<std::string, std::less<>> features() const;
    std::string diagnostic() const;
    /// Returns at once; functions that wait in other threads throw Errc::closed.
    void close();

    // Commands. They return when the command is queued, not when it is executed: see flush. When
    // too much is queued they wait until the node has taken it, at most Options::reply_timeout.

    void listen(std::string_view name);
    void unlisten(std::string_view name);
    void notify(std::string_view name);
    void set(std::string_view name, std::string_view value);
    void set_and_store(std::string_view name, std::string_view value);
    void store(std::string_view name, std::string_view value);
    void store_yaml(std::string_view name, std::string_view yaml);
    void store_for(std::string_view name, std::string_view value,
                   std::chrono::microseconds lifetime);
    void store_with_flags(std::string_view name, std::string_view value, std::uint32_t flags,
                          std::chrono::microseconds lifetime = {});
    void expire(std::string_view name, std::chrono::microseconds lifetime);
    void remove(std::string_view name);
    void increment(std::string_view name, const Step& step = {});
    void decrement(std::string_view name, const Step& step = {});
    void clear_cache();
    void monitor(const MonitorFilter& filter = {});
    void unmonitor();
    void disconnect(std::string_view client_id);

    // Requests: they return the answer.

    std::optional<std::string> retrieve(std::string_view name);
    std::vector<std::optional<std::string>> retrieve_many(const std::vector<std::string>& names);
    std::optional<Versioned> retrieve_version(std::string_view name);
    std::optional<std::string> listen_and_retrieve(std::string_view name);
    bool exists(std::string_view name);
    std::optional<Lifetime> time_to_live(std::string_view name);
    std::vector<std::optional<Lifetime>> time_to_live_many(const std::vector<std::string>& names);
    std::optional<std::uint32_t> flags(std::string_view name);
    std::vector<std::optional<std::uint32_t>> flags_many(const std::vector<std::string>& names);
    std::optional<std::string> store_if(const Condition& condition, std::string_view name,
                                        std::string_view value,
                                        std::chrono::microseconds lifetime = {});
    bool remove_if(std::string_view version, std::string_view name);
    std::string increment_and_retrieve(std::string_view name, const Step& step = {});
    std::string decrement_and_retrieve(std::string_view name, const Step& step = {});
    std::vector<std::string> keys();
    std::vector<std::string> keys(const std::string& pattern);
    KeyPage key_page(const KeyQuery& query);
    Fields status();
    std::vector<Fields> tree();
    std::vector<Fields> clients();
    std::string save();
    /// Returns when the node has executed everything before, and throws if it refused any of it.
    void flush();

    /// The next message; waits for it.
    Message receive();
    /// The next message, or nothing if none came in time. Zero only looks.
    std::optional<Message> receive(std::chrono::milliseconds timeout);

    /// The client underneath, for what this face does not have.
    Client& client();

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace clacks
