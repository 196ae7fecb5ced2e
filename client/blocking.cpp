#include "clacks/blocking.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "clacks/client.hpp"

namespace clacks {

namespace asio = boost::asio;

namespace {

/// A handler that keeps what it is called with, for a thread that waits for it.
template <class... Results>
class Reply {
public:
    using Tuple = std::tuple<error_code, Results...>;

    auto handler() {
        return [promise = std::move(promise_)](error_code error, Results... results) mutable {
            promise.set_value(Tuple(error, std::move(results)...));
        };
    }
    bool wait_for(std::chrono::milliseconds timeout) const {
        return future_.wait_for(timeout) == std::future_status::ready;
    }
    Tuple get() { return future_.get(); }

private:
    std::promise<Tuple> promise_;
    std::future<Tuple> future_ = promise_.get_future();
};

}  // namespace

/// The event loop, its thread, and the client on it.
class BlockingClient::Engine {
public:
    explicit Engine(Options options)
        : work_(asio::make_work_guard(io_)), client_(io_.get_executor(), std::move(options)) {
        thread_ = std::thread([this] { io_.run(); });
    }

    // The loop ends when the client has sent what it had.
    ~Engine() {
        client_.close();
        work_.reset();
        thread_.join();
    }

    Client& client() { return client_; }

    /// Calls a command. When too much is queued, waits until the node has taken it.
    template <class Command>
    void command(const char* what, Command call) {
        error_code error = call(client_);
        while (error == Errc::queue_full) {
            flush(what);
            error = call(client_);
        }
        if (error) throw Error(error, what + (": " + error.message()));
    }

    void flush(const char* what) {
        Reply<> reply;
        client_.async_flush(reply.handler());
        check(std::get<0>(reply.get()), what);
    }

    /// Throws what a request or connect failed with, in the node's own words where it had any.
    void check(const error_code& error, const char* what) const {
        if (!error) return;
        const std::string words = client_.diagnostic();
        const bool ours = error == Errc::closed || words.empty();
        throw Error(error, what + (": " + (ours ? error.message() : words)));
    }

    std::optional<Message> receive(std::chrono::milliseconds timeout) {
        if (auto message = client_.try_receive()) return message;
        // Shared, because the cancelling may come later than the message.
        const auto signal = std::make_shared<asio::cancellation_signal>();
        Reply<Message> reply;
        client_.async_receive(asio::bind_cancellation_slot(signal->slot(), reply.handler()));
        if (!reply.wait_for(timeout))
            asio::post(io_, [signal] { signal->emit(asio::cancellation_type::all); });
        auto [error, message] = reply.get();
        if (error == asio::error::operation_aborted) return std::nullopt;
        check(error, "receive");
        return std::move(message);
    }

private:
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    Client client_;
    std::thread thread_;
};

BlockingClient::BlockingClient(Options options)
    : engine_(std::make_unique<Engine>(std::move(options))) {}
BlockingClient::~BlockingClient() = default;

void BlockingClient::connect() {
    Reply<> reply;
    client().async_connect(reply.handler());
    engine_->check(std::get<0>(reply.get()), "connect");
}

bool BlockingClient::is_connected() const { return engine_->client().is_connected(); }
std::string BlockingClient::diagnostic() const { return engine_->client().diagnostic(); }
void BlockingClient::close() { client().close(); }
Client& BlockingClient::client() { return engine_->client(); }

void BlockingClient::listen(std::string_view name) {
    engine_->command("listen", [&](Client& c) { return c.listen(name); });
}

void BlockingClient::unlisten(std::string_view name) {
    engine_->command("unlisten", [&](Client& c) { return c.unlisten(name); });
}

void BlockingClient::notify(std::string_view name) {
    engine_->command("notify", [&](Client& c) { return c.notify(name); });
}

void BlockingClient::set(std::string_view name, std::string_view value) {
    engine_->command("set", [&](Client& c) { return c.set(name, value); });
}

void BlockingClient::set_and_store(std::string_view name, std::string_view value) {
    engine_->command("set_and_store", [&](Client& c) { return c.set_and_store(name, value); });
}

void BlockingClient::store(std::string_view name, std::string_view value) {
    engine_->command("store", [&](Client& c) { return c.store(name, value); });
}

void BlockingClient::remove(std::string_view name) {
    engine_->command("remove", [&](Client& c) { return c.remove(name); });
}

void BlockingClient::increment(std::string_view name, const Step& step) {
    engine_->command("increment", [&](Client& c) { return c.increment(name, step); });
}

void BlockingClient::decrement(std::string_view name, const Step& step) {
    engine_->command("decrement", [&](Client& c) { return c.decrement(name, step); });
}

void BlockingClient::clear_cache() {
    engine_->command("clear_cache", [](Client& c) { return c.clear_cache(); });
}

void BlockingClient::monitor() {
    engine_->command("monitor", [](Client& c) { return c.monitor(); });
}

void BlockingClient::unmonitor() {
    engine_->command("unmonitor", [](Client& c) { return c.unmonitor(); });
}

std::optional<std::string> BlockingClient::retrieve(std::string_view name) {
    Reply<std::optional<std::string>> reply;
    client().async_retrieve(name, reply.handler());
    auto [error, value] = reply.get();
    engine_->check(error, "retrieve");
    return std::move(value);
}

std::vector<std::string> BlockingClient::keys() {
    Reply<std::vector<std::string>> reply;
    client().async_keys(reply.handler());
    auto [error, names] = reply.get();
    engine_->check(error, "keys");
    return std::move(names);
}

void BlockingClient::flush() { engine_->flush("flush"); }

Message BlockingClient::receive() {
    Reply<Message> reply;
    client().async_receive(reply.handler());
    auto [error, message] = reply.get();
    engine_->check(error, "receive");
    return std::move(message);
}

std::optional<Message> BlockingClient::receive(std::chrono::milliseconds timeout) {
    return engine_->receive(timeout);
}

}  // namespace clacks
