#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "clacks/url.hpp"
#include "client/failure.hpp"

namespace clacks::detail {

class Tls;

/// One connection's byte stream, for one attempt: TLS over TCP, or a unix socket. Lives on the
/// executor it was made with, which must be a strand.
class Transport {
public:
    virtual ~Transport() = default;

    /// Everything until bytes can flow: name, connection, TLS handshake.
    virtual boost::asio::awaitable<Failure> connect() = 0;
    /// At least one byte, or an error.
    virtual boost::asio::awaitable<std::size_t> read(std::span<char> into, error_code& error) = 0;
    /// All of `bytes`, or an error. One at a time; may run beside a read.
    virtual boost::asio::awaitable<error_code> write(std::string_view bytes) = 0;
    /// The login is through: what shortens the next handshake is worth keeping.
    virtual void keep_session() {}
    /// Ends everything above with an error. For good.
    virtual void close() = 0;
};

/// The transport for `url`. `tls` is used for a tls url only, and must outlive the transport.
std::unique_ptr<Transport> make_transport(const boost::asio::any_io_executor& strand,
                                          const Url& url, Tls& tls);

}  // namespace clacks::detail
