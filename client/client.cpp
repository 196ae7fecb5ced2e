#include "clacks/client.hpp"

#include "client/connection.hpp"

namespace clacks {

using detail::Connection;
using detail::SessionProtocol;
using protocol::Verb;

Client::Client(boost::asio::any_io_executor executor, Options options)
    : connection_(std::make_shared<Connection>(std::move(executor), std::move(options))) {}

Client::~Client() { connection_->close(); }

boost::asio::any_io_executor Client::get_executor() const { return connection_->executor(); }
bool Client::is_connected() const { return connection_->ready(); }
std::string Client::diagnostic() const { return connection_->diagnostic(); }
std::set<std::string, std::less<>> Client::features() const { return connection_->features(); }
void Client::close() { connection_->close(); }

error_code Client::listen(std::string_view name) {
    return connection_->execute([&](SessionProtocol& s) { return s.listen(name); });
}

error_code Client::unlisten(std::string_view name) {
    return connection_->execute([&](SessionProtocol& s) { return s.unlisten(name); });
}

error_code Client::notify(std::string_view name) {
    return connection_->execute([&](SessionProtocol& s) { return s.command(Verb::notify, name); });
}

error_code Client::set(std::string_view name, std::string_view value) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.command(Verb::set, name, value); });
}

error_code Client::set_and_store(std::string_view name, std::string_view value) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.command(Verb::set_and_store, name, value); });
}

error_code Client::store(std::string_view name, std::string_view value) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.command(Verb::store, name, value); });
}

error_code Client::store_yaml(std::string_view name, std::string_view yaml) {
    return connection_->execute([&](SessionProtocol& s) { return s.store_yaml(name, yaml); });
}

error_code Client::store_for(std::string_view name, std::string_view value,
                             std::chrono::microseconds lifetime) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.store_for(name, value, lifetime); });
}

error_code Client::store_with_flags(std::string_view name, std::string_view value,
                                    std::uint32_t flags, std::chrono::microseconds lifetime) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.store_with_flags(name, value, flags, lifetime); });
}

error_code Client::expire(std::string_view name, std::chrono::microseconds lifetime) {
    return connection_->execute([&](SessionProtocol& s) { return s.expire(name, lifetime); });
}

error_code Client::remove(std::string_view name) {
    return connection_->execute([&](SessionProtocol& s) { return s.command(Verb::remove, name); });
}

error_code Client::increment(std::string_view name, const Step& step) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.count(Verb::increment, name, step); });
}

error_code Client::decrement(std::string_view name, const Step& step) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.count(Verb::decrement, name, step); });
}

error_code Client::clear_cache() {
    return connection_->execute([](SessionProtocol& s) { return s.clear_cache(); });
}

error_code Client::monitor(const MonitorFilter& filter) {
    return connection_->execute([&](SessionProtocol& s) { return s.monitor(filter); });
}

error_code Client::unmonitor() {
    return connection_->execute([](SessionProtocol& s) { return s.unmonitor(); });
}

error_code Client::disconnect(std::string_view client_id) {
    return connection_->execute(
        [&](SessionProtocol& s) { return s.command(Verb::client_disconnect, client_id); });
}

std::optional<Message> Client::try_receive() { return connection_->try_receive(); }

boost::asio::any_io_executor Client::executor(const Connection& c) { return c.executor(); }
void Client::connect(Connection& c, Connection::ConnectDone done) { c.connect(std::move(done)); }
void Client::receive(Connection& c, Connection::ReceiveDone done) { c.receive(std::move(done)); }
void Client::flush(Connection& c, detail::Completion<error_code> done) {
    c.ask(detail::Question::flush(), std::move(done));
}

template <class Result>
void Client::answer(Connection& c, detail::Question question,
                    detail::Completion<error_code, Result> done) {
    c.ask(std::move(question), std::move(done));
}

#define CLACKS_ANSWER(...)                                      \
    template void Client::answer(Connection&, detail::Question, \
                                 detail::Completion<error_code, __VA_ARGS__>)
CLACKS_ANSWER(bool);
CLACKS_ANSWER(std::string);
CLACKS_ANSWER(std::optional<std::string>);
CLACKS_ANSWER(std::optional<Versioned>);
CLACKS_ANSWER(std::optional<Lifetime>);
CLACKS_ANSWER(std::vector<std::optional<Lifetime>>);
CLACKS_ANSWER(std::optional<std::uint32_t>);
CLACKS_ANSWER(std::vector<std::optional<std::uint32_t>>);
CLACKS_ANSWER(std::vector<std::string>);
CLACKS_ANSWER(std::vector<std::optional<std::string>>);
CLACKS_ANSWER(KeyPage);
CLACKS_ANSWER(Fields);
CLACKS_ANSWER(std::vector<Fields>);
#undef CLACKS_ANSWER

}  // namespace clacks
