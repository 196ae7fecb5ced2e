#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "memcached/places.hpp"
#include "memcached/session.hpp"
#include "transport/buffer.hpp"
#include "transport/tls.hpp"

namespace clacks::memcached {

class Connections;
struct Accepted;
using MonoTime = std::chrono::steady_clock::time_point;

/// What a connection waits for, each for another time.
enum class Awaited : std::uint8_t {
    command,   ///< ServerOptions::idle_timeout
    progress,  ///< stalled_timeout: the rest of a command, or that the client reads
    end,       ///< the client has been told, and is to close
    nothing,   ///< an answer of the program: as long as it takes
};

/// One client: the socket and its TLS around a Session. While nothing is under way it owns no
/// buffer.
///
///     readable ─> read ─> take ─> Session ─> replies ─> say ─> one write ─┬─> wait for more
///                  │        ↑                                             └─> rest_, until
///                  writable └─ TLS ──┴─ unread_: what Session had to leave, because it waits for
///                  the
///                              program, or the client for what it asked for
class Connection final
    : public boost::intrusive_ref_counter<Connection, boost::thread_unsafe_counter> {
public:
    Connection(Connections& all, Accepted accepted, Places::Place place, std::uint64_t id);

    void start();
    /// It has waited too long.
    void give_up();
    /// Ends it at once, whatever it is doing.
    void close();

    /// From any thread, while it is there.
    ConnectionInfo info(MonoTime now) const;

    // Kept by Connections: its place in the list of all, and among those that wait for the same.
    std::size_t place_in_all = 0;
    using WaitingHook = boost::intrusive::list_member_hook<>;
    WaitingHook waiting_hook;
    Awaited awaited = Awaited::nothing;
    std::atomic<MonoTime> since{MonoTime()};  ///< it waits

private:
    void wait_readable();
    void wait_writable();
    void on_readable();
    void on_writable();
    void on_answer();

    void read();
    void read_tls(std::span<const char> bytes);
    void drop_input();
    void begin();
    void take(std::string_view bytes);
    std::string_view feed(std::string_view input);
    void go_on();
    void say();
    void send(std::string_view bytes);
    void after_turn();

    template <class Action>
    void guarded(Action&& action);
    void end_session();
    void half_close();
    void lost(std::string_view why);

    Connections& all_;
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> socket_;
    const std::uint64_t id_;
    const std::string address_;
    const std::shared_ptr<const std::string> listener_;
    std::optional<Places::Place> place_;
    std::unique_ptr<transport::Tls> tls_;
    std::optional<Session> session_;
    transport::Buffer unread_;
    transport::Buffer rest_;      ///< not taken by the socket yet
    bool stopped_early_ = false;  ///< there was too much to say
    bool socket_awaited_ = false;
    bool ending_ = false;     ///< it has been told
    bool executing_ = false;  ///< the program may ask for our end meanwhile
    bool close_asked_ = false;
    bool closed_ = false;
};

using ConnectionPtr = boost::intrusive_ptr<Connection>;

}  // namespace clacks::memcached
