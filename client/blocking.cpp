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

    /// Starts a request with `start(Client&, handler)` and waits for its answer.
    template <class Result, class Start>
    Result request(const char* what, Start start) {
        Reply<Result> reply;
        start(client_, reply.handler());
        auto [error, result] = reply.get();
        check(error, what);
        return std::move(result);
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
std::set<std::string, std::less<>> BlockingClient::features() const {
    return engine_->client().features();
}
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

void BlockingClient::store_yaml(std::string_view name, std::string_view yaml) {
    engine_->command("store_yaml", [&](Client& c) { return c.store_yaml(name, yaml); });
}

void BlockingClient::store_for(std::string_view name, std::string_view value,
                               std::chrono::microseconds lifetime) {
    engine_->command("store_for", [&](Client& c) { return c.store_for(name, value, lifetime); });
}

void BlockingClient::store_with_flags(std::string_view name, std::string_view value,
                                      std::uint32_t flags, std::chrono::microseconds lifetime) {
    engine_->command("store_with_flags",
                     [&](Client& c) { return c.store_with_flags(name, value, flags, lifetime); });
}

void BlockingClient::expire(std::string_view name, std::chrono::microseconds lifetime) {
    engine_->command("expire", [&](Client& c) { return c.expire(name, lifetime); });
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

void BlockingClient::monitor(const MonitorFilter& filter) {
    engine_->command("monitor", [&](Client& c) { return c.monitor(filter); });
}

void BlockingClient::unmonitor() {
    engine_->command("unmonitor", [](Client& c) { return c.unmonitor(); });
}

void BlockingClient::disconnect(std::string_view client_id) {
    engine_->command("disconnect", [&](Client& c) { return c.disconnect(client_id); });
}

std::optional<std::string> BlockingClient::retrieve(std::string_view name) {
    return engine_->request<std::optional<std::string>>(
        "retrieve", [&](Client& c, auto done) { c.async_retrieve(name, std::move(done)); });
}

std::vector<std::optional<std::string>> BlockingClient::retrieve_many(
    const std::vector<std::string>& names) {
    return engine_->request<std::vector<std::optional<std::string>>>(
        "retrieve_many",
        [&](Client& c, auto done) { c.async_retrieve_many(names, std::move(done)); });
}

std::optional<Versioned> BlockingClient::retrieve_version(std::string_view name) {
    return engine_->request<std::optional<Versioned>>(
        "retrieve_version",
        [&](Client& c, auto done) { c.async_retrieve_version(name, std::move(done)); });
}

std::optional<std::string> BlockingClient::listen_and_retrieve(std::string_view name) {
    return engine_->request<std::optional<std::string>>(
        "listen_and_retrieve",
        [&](Client& c, auto done) { c.async_listen_and_retrieve(name, std::move(done)); });
}

bool BlockingClient::exists(std::string_view name) {
    return engine_->request<bool>(
        "exists", [&](Client& c, auto done) { c.async_exists(name, std::move(done)); });
}

std::optional<Lifetime> BlockingClient::time_to_live(std::string_view name) {
    return engine_->request<std::optional<Lifetime>>(
        "time_to_live", [&](Client& c, auto done) { c.async_time_to_live(name, std::move(done)); });
}

std::vector<std::optional<Lifetime>> BlockingClient::time_to_live_many(
    const std::vector<std::string>& names) {
    return engine_->request<std::vector<std::optional<Lifetime>>>(
        "time_to_live_many",
        [&](Client& c, auto done) { c.async_time_to_live_many(names, std::move(done)); });
}

std::optional<std::uint32_t> BlockingClient::flags(std::string_view name) {
    return engine_->request<std::optional<std::uint32_t>>(
        "flags", [&](Client& c, auto done) { c.async_flags(name, std::move(done)); });
}

std::vector<std::optional<std::uint32_t>> BlockingClient::flags_many(
    const std::vector<std::string>& names) {
    return engine_->request<std::vector<std::optional<std::uint32_t>>>(
        "flags_many", [&](Client& c, auto done) { c.async_flags_many(names, std::move(done)); });
}

std::optional<std::string> BlockingClient::store_if(const Condition& condition,
                                                    std::string_view name, std::string_view value,
                                                    std::chrono::microseconds lifetime) {
    return engine_->request<std::optional<std::string>>("store_if", [&](Client& c, auto done) {
        c.async_store_if(condition, name, value, lifetime, std::move(done));
    });
}

bool BlockingClient::remove_if(std::string_view version, std::string_view name) {
    return engine_->request<bool>("remove_if", [&](Client& c, auto done) {
        c.async_remove_if(version, name, std::move(done));
    });
}

std::string BlockingClient::increment_and_retrieve(std::string_view name, const Step& step) {
    return engine_->request<std::string>("increment_and_retrieve", [&](Client& c, auto done) {
        c.async_increment_and_retrieve(name, step, std::move(done));
    });
}

std::string BlockingClient::decrement_and_retrieve(std::string_view name, const Step& step) {
    return engine_->request<std::string>("decrement_and_retrieve", [&](Client& c, auto done) {
        c.async_decrement_and_retrieve(name, step, std::move(done));
    });
}

std::vector<std::string> BlockingClient::keys() {
    return engine_->request<std::vector<std::string>>(
        "keys", [](Client& c, auto done) { c.async_keys(std::move(done)); });
}

std::vector<std::string> BlockingClient::keys(const std::string& pattern) {
    return engine_->request<std::vector<std::string>>(
        "keys", [&](Client& c, auto done) { c.async_keys(pattern, std::move(done)); });
}

KeyPage BlockingClient::key_page(const KeyQuery& query) {
    return engine_->request<KeyPage>(
        "key_page", [&](Client& c, auto done) { c.async_key_page(query, std::move(done)); });
}

Fields BlockingClient::status() {
    return engine_->request<Fields>("status",
                                    [](Client& c, auto done) { c.async_status(std::move(done)); });
}

std::vector<Fields> BlockingClient::tree() {
    return engine_->request<std::vector<Fields>>(
        "tree", [](Client& c, auto done) { c.async_tree(std::move(done)); });
}

std::vector<Fields> BlockingClient::clients() {
    return engine_->request<std::vector<Fields>>(
        "clients", [](Client& c, auto done) { c.async_clients(std::move(done)); });
}

std::string BlockingClient::save() {
    return engine_->request<std::string>(
        "save", [](Client& c, auto done) { c.async_save(std::move(done)); });
}

void BlockingClient::flush() { engine_->flush("flush"); }

Message BlockingClient::receive() {
    if (auto message = client().try_receive()) return std::move(*message);  // costs no other thread
    return engine_->request<Message>(
        "receive", [](Client& c, auto done) { c.async_receive(std::move(done)); });
}

std::optional<Message> BlockingClient::receive(std::chrono::milliseconds timeout) {
    return engine_->receive(timeout);
}

}  // namespace clacks
