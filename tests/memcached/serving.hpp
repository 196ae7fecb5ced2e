#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "memcached/server.hpp"
#include "tests/processes/stream.hpp"

namespace clacks::test {

/// A map of values behind handlers, and what became of the connections. On the server's thread.
class Shelf {
public:
    memcached::Handlers handlers();

    std::map<std::string, std::string> values;
    int begun = 0;
    int ended = 0;
    /// Answers of `get` are kept here instead of given, if it is `slow`.
    bool slow = false;
    std::vector<std::function<void()>> waiting;
};

/// A server on a thread of its own, with a directory for its unix sockets.
class Serving {
public:
    explicit Serving(memcached::ServerOptions options = {});
    Serving(memcached::Handlers handlers, memcached::ServerOptions options);
    ~Serving();

    /// Runs it on the server's thread and waits for it.
    template <class Action>
    auto on_thread(Action action) {
        std::packaged_task<decltype(action())()> task(std::move(action));
        auto result = task.get_future();
        boost::asio::post(context_, [&task] { task(); });
        return result.get();
    }

    /// A client over a unix socket.
    Stream connect();
    /// Listens; the address with its port.
    std::string listen(const std::string& address);
    std::string path(const std::string& name) const { return directory_ + "/" + name; }
    /// What was logged, as lines of event and reason.
    std::string log();
    /// Waits until the condition holds on the server's thread; false: it does not.
    bool wait_until(const std::function<bool()>& holds);

    Shelf shelf;
    std::unique_ptr<memcached::Server> server;

private:
    memcached::ServerOptions logged(memcached::ServerOptions options);

    std::string directory_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::mutex mutex_;
    std::string log_;
    std::thread thread_;
};

/// Says the request, and returns what comes before the answer to one more question, or before the
/// server closes.
std::string ask(Stream& stream, std::string_view request);

/// What comes until the server closes.
std::string rest(Stream& stream);

/// As many bytes as this has: what is longer is cut.
std::string read_bytes(Stream& stream, std::size_t count);

int port_of(const std::string& address);

}  // namespace clacks::test
