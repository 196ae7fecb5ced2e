#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "server/net/worker.hpp"
#include "transport/address.hpp"
#include "transport/listening_socket.hpp"
#include "transport/owned_fd.hpp"

namespace clacks::net {

/// Accepts connections on one socket and hands each to whoever owns it. Lives on one worker.
class Listener {
public:
    /// `accepted` gets each new descriptor, non-blocking and its own, and who is at its other end.
    using Accepted = std::function<void(transport::OwnedFd fd, transport::Endpoint from)>;

    Listener(Worker& worker, transport::ListeningSocket socket, std::string url, Accepted accepted);
    ~Listener();

    void start();

private:
    void wait();
    void accept();
    void pause(int error);

    Worker& worker_;
    transport::ListeningSocket socket_;
    const std::string url_;
    Accepted accepted_;
    boost::asio::posix::stream_descriptor descriptor_;
    boost::asio::steady_timer pause_;
};

}  // namespace clacks::net
