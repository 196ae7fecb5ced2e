#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/address.hpp"
#include "memcached/connections.hpp"
#include "transport/listening_socket.hpp"
#include "transport/tls_context.hpp"

namespace clacks::memcached {

/// The addresses that a server listens on. On its thread.
class Acceptor {
public:
    Acceptor(boost::asio::io_context& context, Connections& connections)
        : context_(context), connections_(connections) {}
    ~Acceptor();

    /// Returns the address with the real port. Throws transport::StartError.
    std::string listen(const Address& address, const std::optional<transport::TlsContext>& tls);
    bool unlisten(std::string_view address);
    bool renew_tls(std::string_view address, const transport::TlsContext& tls);
    std::vector<std::string> listening() const;
    void close();

private:
    class Listener;
    using Sockets = std::vector<transport::ListeningSocket>;

    Sockets open(NetworkAddress& address) const;
    std::string begin(std::string url, Sockets sockets,
                      const std::optional<transport::TlsContext>& tls);

    boost::asio::io_context& context_;
    Connections& connections_;
    /// An address may be several sockets.
    std::map<std::string, std::vector<std::shared_ptr<Listener>>, std::less<>> listeners_;
};

}  // namespace clacks::memcached
