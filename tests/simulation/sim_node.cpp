#include "tests/simulation/sim_node.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/sim_net.hpp"

namespace clacks::simulation {

using node::CloseReason;
using Kind = Events::Kind;

namespace {

constexpr WallTime true_start{std::chrono::seconds(1'700'000'000)};
constexpr MonoTime mono_start{std::chrono::hours(1)};

/// As `persistence.interval`.
constexpr std::chrono::seconds save_interval{10};

/// When a node's monotonic clock shows `time`.
SimTime sim_time(MonoTime time) { return std::chrono::ceil<SimTime>(time - mono_start); }

}  // namespace

SimSession::SimSession(SimNode& owner, std::uint64_t serial_number)
    : Peer("sim", std::to_string(owner.index), serial_number),
      node_(owner),
      framer_(owner.node().line_limit(*this)) {}

void SimSession::receive(std::string bytes) { node_.receive(*this, std::move(bytes)); }

void SimSession::hung_up() {
    node_.turn([this](node::Turn&) { node_.close(*this, CloseReason::peer_closed); });
}

node::Settings SimNode::default_settings() {
    node::Settings settings;
    settings.users = {{.name = "sim", .password = "sim", .permissions = {}}};
    return settings;
}

SimNode::SimNode(SimNet& net, std::string its_name, std::size_t its_index, SimTime error,
                 node::Settings settings)
    : name(std::move(its_name)),
      index(its_index),
      clock_error(error),
      net_(net),
      settings_(std::move(settings)),
      turn_{.worker = 0, .now = {}, .outbox = *this, .scratch = {}} {
    start();
}

SimNode::~SimNode() { kill(); }

Now SimNode::now() const {
    const SimTime time = net_.events().now();
    return {.wall = true_start + time + clock_error, .mono = mono_start + time};
}

std::optional<std::string> SimNode::retrieve(std::string_view key) {
    const auto shard = node_->cache().lock(key);
    const auto entry = shard.find_living(key, node_->tree_time(now()));
    if (!entry) return std::nullopt;
    return std::string(entry->value);
}

std::string SimNode::content() {
    std::string text;
    for (const auto& key : node_->cache().keys(node_->tree_time(now()))) {
        text += (text.empty() ? "" : " ") + key + '=' + retrieve(key).value();
    }
    return text;
}

// --- the process ---

void SimNode::start() {
    const cache::HashKey hash_key{.low = index, .high = 0};
    ++life_;
    std::string id = std::to_string(index) + "." + std::to_string(life_);
    node::Past past;
    if (disk_) past = disk_->restore(now().wall, id);
    if (!master_) past.knowledge.time_root.clear();
    node_ = std::make_unique<node::Node>(
        settings_,
        node::Node::Identity{
            .software = "sim " + name, .id = id, .started = now(), .hash_key = hash_key},
        1, log_, std::move(past));
    if (disk_) {
        disk_->attach(*node_, [this] { return now(); });
        schedule_saving();
    }
    schedule_cleaning(now().mono);
    if (master_) dial();
}

void SimNode::kill() {
    for (const auto& entry : sessions_) entry.second->wire_->close(*entry.second);
    sessions_.clear();
    to_flush_.clear();
    to_end_.clear();
    uplink_ = 0;
    ++attempt_;
    if (disk_) disk_->detach();
    node_.reset();
}

void SimNode::stop() {
    if (disk_) save(/*ended=*/true);
    kill();
}

void SimNode::use_disk() {
    disk_.emplace([this] { return net_.random().number(); });
}

void SimNode::save(bool ended) { disk_->save(ended); }

void SimNode::schedule_cleaning(MonoTime when) {
    net_.events().at(sim_time(when), Kind::timer, [this, life = life_] {
        if (!node_ || life != life_) return;
        turn([this](node::Turn& turn) { schedule_cleaning(node_->clean(turn)); });
    });
}

void SimNode::schedule_saving() {
    net_.events().after(save_interval, Kind::timer, [this, life = life_] {
        if (!node_ || life != life_) return;
        save();
        schedule_saving();
    });
}

void SimNode::shut_down(std::chrono::seconds after) {
    net_.events().after(after, Kind::timer, [this, life = life_] {
        if (!node_ || life != life_) return;
        turn([this](node::Turn&) {
            for (const auto& entry : sessions_) close(*entry.second, CloseReason::shutting_down);
        });
        kill();
    });
}

// --- one turn of the worker ---

template <class Work>
void SimNode::turn(Work&& work) {
    turn_.now = now();
    work(turn_);
    node_->send_mirrored(turn_);
    end_sessions();
    node_->end_turn(turn_);
    flush();
}

void SimNode::end_sessions() {
    while (!to_end_.empty()) {
        for (SimSession* session : std::exchange(to_end_, {})) {
            const bool was_synced = session->link && session->link->synced();
            node_->disconnected(*session, *session->close_reason_, turn_);
            if (session->output_.empty()) to_flush_.push_back(session);
            session->output_ += node::last_words(*session->close_reason_);
            if (session->serial == uplink_) uplink_lost(was_synced);
        }
    }
}

void SimNode::flush() {
    for (SimSession* session : std::exchange(to_flush_, {})) {
        if (!session->output_.empty()) {
            session->last_output = turn_.now.mono;
            session->wire_->send(*session, std::exchange(session->output_, {}));
        }
        if (session->close_reason_) {
            session->wire_->close(*session);
            sessions_.erase(session->serial);
        } else {
            arm(*session);
        }
    }
}

void SimNode::send(node::Peer& to, std::string_view lines) {
    if (node::Node::is_mirrored_to(to, turn_)) node_->send_mirrored(turn_);
    append(to, lines);
}

void SimNode::append(node::Peer& to, std::string_view lines) {
    auto& session = static_cast<SimSession&>(to);
    if (session.output_.empty()) to_flush_.push_back(&session);
    session.output_ += lines;
}

bool SimNode::offer(node::Peer& to, std::string_view lines, std::size_t most_waiting) {
    const auto waiting = static_cast<SimSession&>(to).output_.size();
    if (waiting > 0 && waiting + lines.size() > most_waiting) return false;
    append(to, lines);
    return true;
}

void SimNode::close(node::Peer& peer, CloseReason reason) {
    auto& session = static_cast<SimSession&>(peer);
    if (session.close_reason_) return;
    session.close_reason_ = reason;
    to_end_.push_back(&session);
}

void SimNode::work(node::Peer& peer) { schedule_store(static_cast<SimSession&>(peer)); }

bool SimNode::check_password(node::Peer& peer, std::string hash, std::string given) {
    node_->password_checked(peer, hash == "hash:" + given, turn_);
    return true;
}

// --- sessions ---

SimSession& SimNode::add_session() {
    const std::uint64_t serial = ++last_serial_;
    return *sessions_.emplace(serial, std::make_unique<SimSession>(*this, serial)).first->second;
}

SimSession* SimNode::find(std::uint64_t serial) const {
    const auto found = sessions_.find(serial);
    return found == sessions_.end() ? nullptr : found->second.get();
}

std::shared_ptr<Wire> SimNode::accept(WireEnd& other, Delay delay) {
    SimSession& session = add_session();
    auto& events = net_.events();
    session.wire_ =
        std::make_shared<Wire>(events, net_.random(), delay, session, other, events.now());
    turn([&](node::Turn& turn) { node_->connected(session, turn); });
    return session.wire_;
}

void SimNode::receive(SimSession& from, std::string bytes) {
    const std::uint64_t serial = from.serial;
    turn([&](node::Turn& turn) {
        from.framer_.feed(
            bytes,
            [&](std::string_view line) {
                node_->line(from, line, turn);
                from.framer_.set_limit(node_->line_limit(from));
                return !from.closing;
            },
            [&] {
                node_->oversize(from, turn);
                return !from.closing;
            });
    });
    SimSession* const still_there = find(serial);
    if (!still_there) return;
    schedule_store(*still_there);
    arm(*still_there);
}

void SimNode::schedule_store(SimSession& session) {
    if (!session.has_work() || std::exchange(session.store_scheduled_, true)) return;
    const SimTime pause = net_.random().between(SimTime(0), net_.options().longest_store_pause);
    net_.events().after(pause, Kind::message, [this, serial = session.serial] {
        SimSession* const to = find(serial);
        if (!to) return;
        to->store_scheduled_ = false;
        turn([&](node::Turn& turn) { node_->work(*to, turn); });
        if (SimSession* const still_there = find(serial)) schedule_store(*still_there);
    });
}

/// One timer a session: it comes at the earliest deadline there was, and looks again.
void SimNode::arm(SimSession& session) {
    const MonoTime due = node_->deadline(session);
    if (due >= session.armed_) return;
    session.armed_ = due;
    net_.events().at(sim_time(due), Kind::timer,
                     [this, serial = session.serial, due] { on_timer(serial, due); });
}

void SimNode::on_timer(std::uint64_t serial, MonoTime due) {
    SimSession* const session = find(serial);
    if (!session || session->armed_ != due) return;
    session->armed_ = MonoTime::max();
    turn([&](node::Turn& turn) { node_->on_deadline(*session, turn); });
    if (SimSession* const still_there = find(serial)) arm(*still_there);
}

// --- the uplink ---

void SimNode::set_master(SimNode* new_master) {
    master_ = new_master;
    ++attempt_;
    if (SimSession* const session = find(uplink_)) {
        session->wire_->reset();  // when it is lost, the new one is dialled
    } else if (master_ && running()) {
        dial();
    }
}

bool SimNode::in_sync() const {
    const SimSession* const ours = find(uplink_);
    if (!ours || ours->wire_->silent() || !ours->link->synced()) return false;
    const SimSession* const theirs = master_->find(downlink_);
    return theirs && theirs->link && theirs->link->synced();
}

void SimNode::dial_in(SimTime delay) {
    net_.events().after(delay, Kind::timer, [this, attempt = attempt_] {
        if (attempt == attempt_ && node_) dial();
    });
}

void SimNode::dial() {
    const SimTime round_trip = 2 * net_.options().delay.shortest;
    net_.events().after(round_trip, Kind::message, [this, attempt = ++attempt_] {
        if (attempt == attempt_ && node_) connect_to_master();
    });
}

void SimNode::connect_to_master() {
    if (!master_->running() || net_.is_cut(*this, *master_)) return uplink_lost(false);
    SimSession& ours = add_session();
    SimSession& theirs = master_->add_session();
    uplink_ = ours.serial;
    downlink_ = theirs.serial;
    ours.wire_ = theirs.wire_ = net_.connect(*this, ours, *master_, theirs);
    master_->turn([&](node::Turn& turn) { master_->node_->connected(theirs, turn); });
    open_uplink(ours);
}

void SimNode::join(const std::function<std::shared_ptr<Wire>(WireEnd&)>& connect) {
    SimSession& session = add_session();
    session.wire_ = connect(session);
    open_uplink(session);
}

void SimNode::open_uplink(SimSession& session) {
    const auto& user = settings_.users.front();
    turn([&](node::Turn& turn) {
        node_->connected_to_master(session, {user.name, user.password}, turn);
    });
}

void SimNode::uplink_lost(bool was_synced) {
    uplink_ = 0;
    if (was_synced) backoff_.reset();
    if (master_) dial_in(backoff_.next(net_.random().unit()));
}

}  // namespace clacks::simulation
