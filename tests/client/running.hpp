#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "clacks/client.hpp"
#include "tests/client/fake_node.hpp"

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

/// What `future` gives, or throws; it must come in time.
template <class T>
T outcome(std::future<T> future) {
    if (future.wait_for(patience) != std::future_status::ready)
        throw std::runtime_error("nothing came of it");
    return future.get();
}

/// The error that `future` ends with; none if it succeeds.
template <class T>
clacks::error_code error_of(std::future<T> future) {
    try {
        outcome(std::move(future));
    } catch (const boost::system::system_error& e) {
        return e.code();
    }
    return {};
}

/// Connects and logs in; gives the node's end.
inline Peer connects(Running& client, FakeNode& node) {
    auto connected = client->async_connect(boost::asio::use_future);
    Peer peer = node.accepts();
    peer.welcomes();
    outcome(std::move(connected));
    return peer;
}
