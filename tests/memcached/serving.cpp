#include "tests/memcached/serving.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/processes/patience.hpp"

namespace clacks::test {

using memcached::Client;
using memcached::NewValue;
using memcached::Verdict;

memcached::Handlers Shelf::handlers() {
    memcached::Handlers handlers;
    handlers.get = [this](Client&, std::string_view key, auto then) {
        const auto answer = [this, key = std::string(key), then] {
            const auto found = values.find(key);
            then(found == values.end() ? std::nullopt : std::optional(found->second));
        };
        if (!slow) return answer();
        waiting.emplace_back(answer);
    };
    handlers.set = [this](Client&, std::string_view key, const NewValue& value, auto then) {
        if (key == "bad") throw std::runtime_error("a handler has thrown");
        values[std::string(key)] = value.value;
        then(Verdict::ok());
    };
    handlers.remove = [this](Client&, std::string_view key, auto then) {
        then(values.erase(std::string(key)) > 0);
    };
    handlers.flush_all = [this](Client&, auto then) {
        values.clear();
        then(Verdict::ok());
    };
    handlers.begin = [this](Client&, auto then) {
        ++begun;
        then(Verdict::ok());
    };
    handlers.end = [this](Client&) { ++ended; };
    return handlers;
}

Serving::Serving(memcached::ServerOptions options)
    : Serving(shelf.handlers(), std::move(options)) {}

Serving::Serving(memcached::Handlers handlers, memcached::ServerOptions options)
    : directory_((std::filesystem::temp_directory_path() / "serving-XXXXXX").string()),
      work_(context_.get_executor()) {
    server = std::make_unique<memcached::Server>(context_, std::move(handlers),
                                                 logged(std::move(options)));
    REQUIRE(::mkdtemp(directory_.data()) != nullptr);
    REQUIRE(server->listen("unix://" + path("socket")).has_value());
    thread_ = std::thread([this] { context_.run(); });
}

Serving::~Serving() {
    on_thread([this] { server.reset(); });
    work_.reset();
    thread_.join();
    std::filesystem::remove_all(directory_);
}

memcached::ServerOptions Serving::logged(memcached::ServerOptions options) {
    options.log = [this](std::string_view event, std::string_view, std::string_view why) {
        const std::lock_guard lock(mutex_);
        log_.append(event).append(": ").append(why).append("\n");
    };
    return options;
}

Stream Serving::connect() { return Stream::to_unix(path("socket")); }

std::string Serving::listen(const std::string& address) {
    const auto result = on_thread([&] { return server->listen(address); });
    return result ? *result : result.error().text;
}

std::string Serving::log() {
    const std::lock_guard lock(mutex_);
    return log_;
}

bool Serving::wait_until(const std::function<bool()>& holds) {
    const auto deadline = deadline_from_now();
    while (!on_thread(holds)) {
        if (milliseconds_until(deadline) == 0) return false;
        std::this_thread::yield();
    }
    return true;
}

std::string ask(Stream& stream, std::string_view request) {
    static constexpr std::string_view end = "MN\r\n";
    std::string reply;
    stream.write(std::string(request) + "mn\r\n", reply);
    while (!reply.ends_with(end)) {
        if (!stream.read(reply)) return reply;
    }
    reply.resize(reply.size() - end.size());
    return reply;
}

std::string rest(Stream& stream) {
    std::string received;
    while (stream.read(received)) {
    }
    return received;
}

std::string read_bytes(Stream& stream, std::size_t count) {
    std::string received;
    while (received.size() < count && stream.read(received)) {
    }
    return received;
}

int port_of(const std::string& address) {
    return std::stoi(address.substr(address.rfind(':') + 1));
}

}  // namespace clacks::test
