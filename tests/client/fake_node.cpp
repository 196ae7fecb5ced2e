#include "tests/client/fake_node.hpp"

#include <poll.h>

#include <array>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace {

void wait_readable(int descriptor, const char* for_what) {
    pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
    const auto limit = std::chrono::milliseconds(patience).count();
    if (::poll(&wanted, 1, static_cast<int>(limit)) != 1)
        throw std::runtime_error(std::string("the client does not ") + for_what);
}

}  // namespace

std::string Peer::reads() {
    for (;;) {
        if (const auto end = received_.find("\r\n"); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 2);
            return line;
        }
        wait_readable(socket_.native_handle(), "send");
        std::array<char, 65536> chunk;
        boost::system::error_code ended;
        const std::size_t n = socket_.read_some(boost::asio::buffer(chunk), ended);
        if (ended) return "(closed)";
        received_.append(chunk.data(), n);
    }
}

std::string Peer::reads(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += (i == 0 ? "" : " | ") + reads();
    return lines;
}

void Peer::says(std::string_view lines) {
    boost::system::error_code gone;  // the test sees what comes of it
    boost::asio::write(socket_, boost::asio::buffer(lines), gone);
}

std::string Peer::welcomes() { return greets(std::string("FEATURES ") + all_features + "\n"); }

std::string Peer::welcomes_plainly() { return greets("OVERHEAD E unknown_command FEATURES\n"); }

std::string Peer::greets(const std::string& features) {
    std::string login = reads(2);
    if (reads(2) != "FEATURES | FLUSH c0") throw std::runtime_error("the login has changed");
    says("CLACKS fake node\nOVERHEAD M Authentication required\nOVERHEAD O Welcome!\n" + features +
         "FLUSHED c0\n");
    return login;
}

FakeNode::FakeNode() : endpoint_((directory_.path() / "node.sock").string()) { restarts(); }

clacks::Options FakeNode::options() const {
    return {.url = "unix://me@" + endpoint_.path(),
            .password = "secret",
            .client_name = "test",
            .reconnect_delay = std::chrono::milliseconds(1),
            .reconnect_delay_max = std::chrono::milliseconds(20)};
}

Peer FakeNode::accepts() {
    wait_readable(acceptor_.native_handle(), "connect");
    return Peer(acceptor_.accept());
}

void FakeNode::stops() {
    acceptor_.close();
    std::filesystem::remove(endpoint_.path());
}

void FakeNode::restarts() {
    acceptor_.open();
    acceptor_.bind(endpoint_);
    acceptor_.listen();
}
