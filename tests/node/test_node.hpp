#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/line_framer.hpp"
#include "server/node/node.hpp"
#include "tests/node/recording_log.hpp"

// A node alone, with connections that the test plays and a clock that it moves.
namespace clacks::node {

class TestNode;

/// The other side of a connection to a TestNode. Says lines, and hears what the node sends.
class TestPeer final : public Peer {
public:
    TestPeer(TestNode& node, std::string host, std::string port, std::uint64_t serial);

    /// One line; CR LF is added.
    void says(std::string_view line) { says_bytes(std::string(line) + "\r\n"); }
    void says_bytes(std::string bytes);

    /// What arrived since the last call: "RETRIEVED a=1 | FLUSHED x".
    std::string hears();
    /// The next line that arrived, if any.
    std::optional<std::string> hears_line();
    /// Throws away what has arrived.
    TestPeer& forget();

    /// says() and hears() in one.
    std::string asks(std::string_view line);

    /// Why the node has closed the connection.
    std::optional<CloseReason> closed;
    /// What the node thinks is waiting to be sent.
    std::size_t queued = 0;

    std::size_t queued_bytes() const override { return queued; }

private:
    friend class TestNode;

    TestNode& node_;
    protocol::LineFramer framer_;
    std::string arrived_;
    std::string deferred_;  ///< said while it was busy
    bool close_pending_ = false;
};

class TestNode final : private Outbox {
public:
    /// exampleuser (the node's own), reader, writer, manager, nobody; the password is the first
    /// letter, of the first one "unsafepassword".
    static Settings default_settings();

    explicit TestNode(Settings settings = default_settings(), Past past = {});

    /// A connection that has been greeted and has not logged in.
    TestPeer& connect();
    /// A client that has logged in, with nothing unread.
    TestPeer& client(std::string_view user = "exampleuser");
    /// A connection of the node's to its master, whom the test plays; it has said its first lines.
    TestPeer& connect_to_master();
    /// A slave whose link has been accepted and is in step, with nothing unread.
    TestPeer& slave();
    /// A master that has proved who it is and sent an empty store, with nothing unread.
    TestPeer& master();

    /// The peer closes the connection.
    void hangs_up(TestPeer& peer, CloseReason reason = CloseReason::peer_closed);
    /// Time passes; every deadline on the way is kept.
    void advance(std::chrono::microseconds time);
    /// Cleans the whole cache once.
    void clean();
    /// Tells the tree and the log what is due.
    void reports() { node.report(turn()); }
    /// Puts other settings in force while nobody else is in the node.
    void reload(Settings settings);

    /// Somebody who is no peer has changed the store.
    void changes(const OutsideChange& change);
    void clears(std::string_view client);

    /// `OVERHEAD A` with the credentials of a user.
    std::string login(std::string_view user, std::string_view password) const;

    RecordingLog log;
    Now now{.wall = WallTime(std::chrono::seconds(1'700'000'000)),
            .mono = MonoTime(std::chrono::hours(1))};
    Node node;
    std::optional<std::chrono::seconds> shut_down_after;

    /// Hashes look like "hash:password". They are verified at once, or when the test says so.
    bool verifies_at_once = true;
    bool can_verify = true;  ///< false: as without memory
    std::size_t most_to_verify = 1000;
    /// Verifies the password that has waited longest. Returns whether there was one.
    bool verify_next();

private:
    friend class TestPeer;

    TestPeer& add(std::string port);
    void receive(TestPeer& from, std::string bytes);
    void execute(TestPeer& from);
    void end_turn();
    void append(Peer& to, std::string_view lines);
    Turn& turn() {
        turn_.now = now;
        return turn_;
    }

    void send(Peer& to, std::string_view lines) override;
    bool offer(Peer& to, std::string_view lines, std::size_t most_waiting) override;
    void close(Peer& peer, CloseReason reason) override;
    void work(Peer&) override {}  // end_turn() asks every peer
    bool check_password(Peer& peer, std::string hash, std::string given) override;
    std::size_t waiting_bytes() const override;
    void shut_down(std::chrono::seconds after) override { shut_down_after = after; }

    struct Question {
        TestPeer* from;
        std::string hash;
        std::string given;
    };
    std::vector<std::unique_ptr<TestPeer>> peers_;
    std::deque<Question> questions_;
    Turn turn_{.worker = 0, .now = {}, .outbox = *this, .scratch = {}};
};

}  // namespace clacks::node
