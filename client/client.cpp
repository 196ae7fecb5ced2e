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

error_code Client::monitor() {
    return connection_->execute([](SessionProtocol& s) { return s.monitor(true); });
}

error_code Client::unmonitor() {
    return connection_->execute([](SessionProtocol& s) { return s.monitor(false); });
}

std::optional<Message> Client::try_receive() { return connection_->try_receive(); }

boost::asio::any_io_executor Client::executor(const Connection& c) { return c.executor(); }
void Client::connect(Connection& c, Connection::ConnectDone done) { c.connect(std::move(done)); }
void Client::keys(Connection& c, Connection::KeysDone done) { c.keys(std::move(done)); }
void Client::flush(Connection& c, Connection::FlushDone done) { c.flush(std::move(done)); }
void Client::receive(Connection& c, Connection::ReceiveDone done) { c.receive(std::move(done)); }
void Client::retrieve(Connection& c, std::string_view name, Connection::RetrieveDone done) {
    c.retrieve(name, std::move(done));
}

}  // namespace clacks
