#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/backoff.hpp"
#include "protocol/line_framer.hpp"
#include "server/node/node.hpp"
#include "tests/node/recording_log.hpp"
#include "tests/simulation/sim_disk.hpp"
#include "tests/simulation/sim_wire.hpp"

namespace clacks::simulation {

class SimNet;
class SimNode;

/// One end of a connection at a node: what server/net's Session is to a real one.
class SimSession final : public node::Peer, public WireEnd {
public:
    SimSession(SimNode& owner, std::uint64_t serial_number);

    void receive(std::string bytes) override;
    void hung_up() override;
    /// Sockets take everything at the end of a turn.
    std::size_t queued_bytes() const override { return output_.size(); }

private:
    friend class SimNode;

    SimNode& node_;
    std::shared_ptr<Wire> wire_;
    protocol::LineFramer framer_;
    std::string output_;                             ///< of this turn
    std::optional<node::CloseReason> close_reason_;  ///< it is going to end
    bool store_scheduled_ = false;
    MonoTime armed_ = MonoTime::max();  ///< when its timer comes
};

/// A real node::Node with one worker, in a simulated process: its sessions, its uplink, its clock.
class SimNode final : private node::Outbox {
public:
    SimNode(SimNet& net, std::string its_name, std::size_t its_index, SimTime error,
            node::Settings settings);
    ~SimNode();

    const std::string name;
    const std::size_t index;
    /// How far its wall clock is ahead of the true time. May be changed at any time.
    SimTime clock_error;

    /// One user, who may do everything: "sim", password "sim".
    static node::Settings default_settings();

    bool running() const { return node_ != nullptr; }
    /// The present on its clocks.
    Now now() const;
    node::Node& node() { return *node_; }
    const node::RecordingLog& log() const { return log_; }

    /// The value of a key, if it lives. Does not count as access.
    std::optional<std::string> retrieve(std::string_view key);
    /// All that lives: "a=1 b=2".
    std::string content();

    /// Dials `master`, and again whenever the link is lost. Null: never again.
    void set_master(SimNode* master);
    SimNode* master() const { return master_; }
    /// Opens a link to a master of another kind, to which `connect` makes the wire. It is not
    /// dialled again when the link is lost.
    void join(const std::function<std::shared_ptr<Wire>(WireEnd&)>& connect);
    /// The link to the master is up and both ends have exchanged their stores.
    bool in_sync() const;

    // --- for the net and its clients ---

    /// The process begins, with an empty store unless it has a disk.
    void start();
    /// The process ends without a word. Its connections are reset.
    void kill();
    /// The process ends in good order: with a last snapshot, if it has a disk.
    void stop();

    /// From the next start() on it has a database.
    void use_disk();
    bool has_disk() const { return disk_.has_value(); }
    /// A snapshot of what it has now. It must have a disk, and run.
    void save(bool ended = false);
    /// Somebody connects, over a wire with this delay.
    std::shared_ptr<Wire> accept(WireEnd& other, Delay delay);

private:
    friend class SimSession;

    // one turn of the worker
    template <class Work>
    void turn(Work&& work);
    void end_sessions();
    void flush();

    // sessions
    SimSession& add_session();
    SimSession* find(std::uint64_t serial) const;
    void receive(SimSession& from, std::string bytes);
    void schedule_store(SimSession& session);
    void arm(SimSession& session);
    void on_timer(std::uint64_t serial, MonoTime due);
    void schedule_cleaning(MonoTime when);
    void schedule_saving();

    // the uplink
    void dial_in(SimTime delay);
    void dial();
    void connect_to_master();
    void open_uplink(SimSession& session);
    void uplink_lost(bool was_synced);

    void append(node::Peer& to, std::string_view lines);
    void send(node::Peer& to, std::string_view lines) override;
    bool offer(node::Peer& to, std::string_view lines, std::size_t most_waiting) override;
    void close(node::Peer& peer, node::CloseReason reason) override;
    void work(node::Peer& peer) override;
    bool check_password(node::Peer& peer, std::string hash, std::string given) override;
    std::size_t waiting_bytes() const override { return 0; }
    void shut_down(std::chrono::seconds after) override;

    SimNet& net_;
    const node::Settings settings_;
    node::RecordingLog log_;
    std::optional<SimDisk> disk_;
    std::unique_ptr<node::Node> node_;
    /// In the order of their serials; the serials go on when the node is restarted.
    std::map<std::uint64_t, std::unique_ptr<SimSession>> sessions_;
    std::uint64_t last_serial_ = 0;
    std::uint64_t life_ = 0;  ///< counts starts; timers of an older one are void
    node::Turn turn_;
    std::vector<SimSession*> to_flush_;
    std::vector<SimSession*> to_end_;

    SimNode* master_ = nullptr;
    protocol::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(30)};
    std::uint64_t attempt_ = 0;   ///< counts dials; an older one is void
    std::uint64_t uplink_ = 0;    ///< the serial of its session, 0 if there is none
    std::uint64_t downlink_ = 0;  ///< the serial of the master's end of it
};

}  // namespace clacks::simulation
