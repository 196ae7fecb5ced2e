#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "clacks/client.hpp"
#include "tests/client/fake_node.hpp"
#include "tests/client/later.hpp"

/// A client whose event loop runs on a thread of its own, beside the test that plays the node.
class Running {
public:
    explicit Running(clacks::Options options) {
        client.emplace(io_.get_executor(), std::move(options));
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Running() {
        client.reset();
        work_.reset();
        thread_.join();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    clacks::Client& operator*() { return *client; }
    clacks::Client* operator->() { return &*client; }

    boost::asio::io_context& io() { return io_; }
    void destroy_client() { client.reset(); }

private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    std::optional<clacks::Client> client;
    std::thread thread_;
};

/// Connects and logs in; gives the node's end.
[[nodiscard]] inline Peer connects(Running& client, FakeNode& node) {
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    peer.welcomes();
    outcome(std::move(connected));
    return peer;
}
