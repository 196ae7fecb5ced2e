#pragma once

#include <atomic>
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
#include "transport/owned_fd.hpp"
#include "transport/places.hpp"
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

/// One client: the socket and its TLS around a Session. Thousands that say nothing are to cost
/// little: while nothing is under way it owns no buffer.
///
///     readable ─> read ─> take ─> Session ─> say ─> one write ─┬─> wait for more
///                  │        ↑                                  └─> output, until writable
///                  └─ TLS ──┴─ input: what Session had to leave, because it
///                              waits for the program, or the client for what
///                              it asked for
///
/// Without TLS the write comes when all that were ready have been read (Replies): to wake a client
/// costs more than a write, and one that many connections belong to is woken once for all of them.
class Connection final
    : public boost::intrusive_ref_counter<Connection, boost::thread_safe_counter> {
public:
    Connection(Connections& all, Accepted accepted, Places::Place place, std::uint64_t id);

    void start();
    /// The socket is ready, epoll says.
    void on_ready(std::uint32_t events);
    /// Sends what it has said in this turn; then it looks at what comes next.
    void answer(std::string_view replies);
    void end_turn();
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
    std::atomic<Awaited> awaited{Awaited::nothing};
    std::atomic<MonoTime> since{MonoTime()};  ///< it waits

private:
    /// What has arrived or is to be sent and has to wait.
    struct Waiting {
        transport::Buffer input;
        transport::Buffer output;
    };

    void watch(std::uint32_t events);
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
    void wait_for_progress();

    template <class Action>
    void guarded(Action&& action);
    void end_session();
    void half_close();
    /// Still in TLS's handshake, or has to log in.
    bool is_stranger() const { return !session_ || !session_->is_logged_in(); }
    bool has_input() const { return waiting_ && !waiting_->input.empty(); }
    bool has_output() const { return waiting_ && !waiting_->output.empty(); }
    Waiting& waiting();
    void settle();
    void lost(std::string_view why);

    Connections& all_;
    transport::OwnedFd socket_;
    const std::uint64_t id_;
    const std::shared_ptr<const std::string> address_;
    const std::shared_ptr<const std::string> listener_;
    Places::Place place_;
    transport::Places::Place stranger_;  ///< until it has logged in
    std::unique_ptr<transport::Tls> tls_;
    std::optional<Session> session_;
    std::unique_ptr<Waiting> waiting_;
    std::uint32_t watched_ = 0;   ///< epoll's events
    bool listens_ = true;         ///< to what the socket is ready for
    bool stopped_early_ = false;  ///< there was too much to say
    bool ending_ = false;         ///< it has been told
    bool executing_ = false;      ///< the program may ask for our end meanwhile
    bool close_asked_ = false;
    bool closed_ = false;
};

using ConnectionPtr = boost::intrusive_ptr<Connection>;

}  // namespace clacks::memcached
