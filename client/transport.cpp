#include "client/transport.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "client/tls.hpp"

namespace clacks::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

/// What both streams do alike.
template <class Stream>
class StreamTransport : public Transport {
public:
    asio::awaitable<std::size_t> read(std::span<char> bytes, error_code& error) final {
        return stream_.async_read_some(asio::buffer(bytes.data(), bytes.size()), into(error));
    }

    asio::awaitable<error_code> write(std::string_view bytes) final {
        error_code error;
        co_await asio::async_write(stream_, asio::buffer(bytes), into(error));
        co_return error;
    }

    void close() override {
        error_code ignored;  // a socket that cannot be closed is as good as closed
        stream_.lowest_layer().close(ignored);
    }

protected:
    template <class... Args>
    explicit StreamTransport(Args&&... args) : stream_(std::forward<Args>(args)...) {}

    Stream stream_;
};

class UnixTransport final : public StreamTransport<stream_protocol::socket> {
public:
    UnixTransport(const asio::any_io_executor& strand, std::string path)
        : StreamTransport(strand), path_(std::move(path)) {}

    asio::awaitable<Failure> connect() override {
        // The path is checked here: Asio's endpoint throws for one that does not fit.
        constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
        if (path_.size() > longest)
            co_return Failure{asio::error::name_too_long, path_ + ": the path is too long"};
        error_code error;
        co_await stream_.async_connect(stream_protocol::endpoint(path_), into(error));
        co_return Failure{error, error.message()};
    }

private:
    std::string path_;
};

class TlsTransport final : public StreamTransport<Tls::Stream> {
public:
    TlsTransport(const asio::any_io_executor& strand, const Url& url, Tls& tls)
        : StreamTransport(strand, tls.context()),
          tls_(tls),
          resolver_(strand),
          host_(url.host),
          port_(url.port) {}

    asio::awaitable<Failure> connect() override {
        error_code error;
        const auto addresses = co_await resolver_.async_resolve(
            host_, std::to_string(port_), tcp::resolver::numeric_service, into(error));
        if (!error && closed_) error = asio::error::operation_aborted;
        if (error) co_return Failure{error, error.message()};

        auto& socket = stream_.next_layer();
        co_await asio::async_connect(socket, addresses, into(error));
        if (error) co_return Failure{error, error.message()};
        error_code ignored;  // later, not wrong, where the system does not know it
        socket.set_option(tcp::no_delay(true), ignored);

        tls_.prepare(stream_, host_);
        co_await stream_.async_handshake(asio::ssl::stream_base::client, into(error));
        if (error) co_return Failure{error, Tls::explain(stream_, error)};
        co_return Failure{};
    }

    void keep_session() override { tls_.keep_session(stream_); }

    void close() override {
        closed_ = true;
        resolver_.cancel();
        StreamTransport::close();
    }

private:
    Tls& tls_;
    tcp::resolver resolver_;
    std::string host_;
    std::uint16_t port_;
    bool closed_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_transport(const asio::any_io_executor& strand, const Url& url,
                                          Tls& tls) {
    if (url.tls) return std::make_unique<TlsTransport>(strand, url, tls);
    return std::make_unique<UnixTransport>(strand, url.path);
}

}  // namespace clacks::detail
