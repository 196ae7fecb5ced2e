#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/handlers.hpp"
#include "memcached/host.hpp"
#include "memcached/operations.hpp"
#include "transport/listening_socket.hpp"
#include "transport/owned_fd.hpp"
#include "transport/places.hpp"
#include "transport/tls_context.hpp"

namespace clacks::memcached {

/// A connection that has been accepted, and through TLS made its handshake, and has said nothing.
struct Newcomer {
    std::string_view address{};      ///< "tcp:127.0.0.1:50000", "unix:/run/x"
    std::string_view listener{};     ///< as listen() returned it, or as adopt() was told
    std::string_view certificate{};  ///< the name in it, which has been verified; empty: none
};

struct ServerOptions {
    Settings settings{};  ///< of the protocol
    /// Who says nothing for so long is closed; 0: never.
    std::chrono::milliseconds idle_timeout{0};
    /// Likewise who has to log in and does not, who stops in the middle of a command or of TLS's
    /// handshake, or does not read what is sent.
    std::chrono::milliseconds stalled_timeout = std::chrono::seconds(60);
    std::size_t most_connections = 1024;          ///< with those of the peers
    bool plain_tcp_anywhere = false;              ///< false: on loopback only
    std::optional<transport::TlsSettings> tls{};  ///< for tls:// addresses that bring none

    // For a server with handlers.
    bool raw = false;             ///< see Derived::Options
    std::string password_file{};  ///< see AuthFile; empty: nobody has to log in

    /// What a newcomer may do, by rights that outlive the server; nullptr: he has to log in at the
    /// Host. Missing: everything, or with a password file nothing.
    std::function<const Rights*(const Newcomer&)> admit{};
    /// The time that items expire by. Missing: the system's.
    std::function<WallTime()> clock{};
    /// One event: "closed" with a reason, "accept_failed". `client`: as Newcomer::address.
    std::function<void(std::string_view event, std::string_view client, std::string_view why)>
        log{};
    /// A client has asked for the end of the program (Settings::shutdown).
    std::function<void(bool graceful)> shutdown{};
    /// Commands of a connection have been executed, once for all that one read has brought.
    std::function<void()> executed{};
};

/// In words for a person.
struct ListenError {
    std::string text;
};

class Acceptor;
class Connections;

/// Serves the memcached protocol on the thread that runs its io_context: over a program's data by
/// a few handlers, or over whatever brings Operations. For several threads there are several
/// servers; one listens and hands what it accepts to its peers, too.
///
/// Everything is for that thread, but what says otherwise; the constructors and, once the
/// io_context does not run any more, the destructor are for any. A handler may not destroy it.
class Server {
public:
    /// Throws std::runtime_error: a password file or certificate that cannot be used.
    Server(boost::asio::io_context& context, Handlers handlers, ServerOptions options = {});
    /// For whoever has operations of his own. Both must outlive it.
    Server(boost::asio::io_context& context, Operations& operations, Host& host,
           ServerOptions options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// As close().
    ~Server();

    using Listening = boost::system::result<std::string, ListenError>;

    /// Listens on tcp://host:port (port 0: any that is free), tls://host:port or unix:///path, and
    /// returns the address with the real port. `tls` is for tls://.
    Listening listen(std::string_view address,
                     const std::optional<transport::TlsContext>& tls = std::nullopt);
    /// The same; the path has a mode and a group.
    Listening listen(const transport::UnixAddress& address);
    /// Closes what listen() has returned; its connections stay. False: it is not there.
    bool unlisten(std::string_view address);
    /// New connections to this tls:// address are to have it. False: it is not there.
    bool renew_tls(std::string_view address, const transport::TlsContext& tls);
    std::vector<std::string> listening() const;

    /// Serves a connected stream socket. `address`, `listener`: see Newcomer. Ends it at once if
    /// there are too many. Not for the peers. `stranger` is left when the client has been admitted
    /// or has logged in.
    void adopt(transport::OwnedFd fd, std::string_view address, std::string_view listener,
               const std::optional<transport::TlsContext>& tls = std::nullopt,
               transport::Places::Place stranger = {});

    /// Those that share what this one accepts with it, in turns: servers of other threads, which
    /// must not be closed before this one has stopped listening.
    void set_peers(std::span<Server* const> peers);

    /// Ends all listeners and connections. What was said to a client and not taken by the socket is
    /// lost.
    void close();

    /// For the next commands of all connections.
    Settings& settings();
    void set_timeouts(std::chrono::milliseconds idle, std::chrono::milliseconds stalled);
    void set_most_connections(std::size_t count);

    // From any thread.

    /// `visit` may ask nothing of the server. Its views last until it returns. Who stays is told
    /// of, perhaps twice if others go meanwhile.
    void each_connection(const std::function<void(const ConnectionInfo&)>& visit) const;
    /// The same for some of them: see Host::next_connections().
    bool next_connections(ConnectionTour& tour,
                          const std::function<void(const ConnectionInfo&)>& visit) const;
    std::size_t connection_count() const;
    std::uint64_t connections_ever() const;
    std::uint64_t connections_rejected() const;
    const Counters& counters() const;

private:
    struct Program;  ///< what the handlers need
    static std::shared_ptr<const std::string> shared(std::shared_ptr<const std::string>& last,
                                                     std::string_view name);

    const std::optional<transport::TlsContext> tls_;
    std::unique_ptr<Program> program_;
    std::shared_ptr<Connections> connections_;
    std::unique_ptr<Acceptor> acceptor_;
    std::shared_ptr<const std::string> last_address_;  ///< adopt() was told
    std::shared_ptr<const std::string> last_listener_;
};

}  // namespace clacks::memcached
