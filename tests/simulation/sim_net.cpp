#include "tests/simulation/sim_net.hpp"

#include <algorithm>
#include <stdexcept>

namespace clacks::simulation {

SimNet::SimNet(SimOptions options) : options_(options), random_(options.seed) {}

SimNet::~SimNet() = default;

SimNode& SimNet::add(SimTime clock_error) { return add(SimNode::default_settings(), clock_error); }

SimNode& SimNet::add(node::Settings settings, SimTime clock_error) {
    const std::size_t index = nodes_.size();
    return *nodes_.emplace_back(std::make_unique<SimNode>(*this, "node" + std::to_string(index),
                                                          index, clock_error, std::move(settings)));
}

void SimNet::link(SimNode& slave, SimNode& master) {
    slave.set_master(&master);
    settle();
}

SimClient& SimNet::client(SimNode& node) { return client(node, {"sim", "sim"}); }

SimClient& SimNet::client(SimNode& node, protocol::Credentials credentials) {
    return *clients_.emplace_back(std::make_unique<SimClient>(*this, node, std::move(credentials)));
}

void SimNet::send(SimNode& node, std::string_view line) {
    SimClient*& console = consoles_[&node];
    if (!console) {
        console = &client(node);
    } else if (!console->connected()) {
        console->reconnect();
    }
    console->send(line);
    console->lines();
}

void SimNet::store(SimNode& node, std::string_view key, std::string_view value) {
    send(node, std::string("STORE ").append(key).append("=").append(value));
}

void SimNet::remove(SimNode& node, std::string_view key) {
    send(node, std::string("REMOVE ").append(key));
}

void SimNet::advance(SimTime time) { events_.run_until(events_.now() + time); }

void SimNet::settle() {
    constexpr std::uint64_t most_events = 20'000'000;
    const SimTime latest = events_.now() + std::chrono::hours(1);
    const std::uint64_t last = events_.count() + most_events;
    while (events_.busy() || !in_sync()) {
        if (!events_.step() || events_.now() > latest || events_.count() > last) {
            throw std::runtime_error("the net does not settle");
        }
    }
}

bool SimNet::in_sync() const {
    return std::all_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
        const SimNode* const master = node->master();
        const bool can_reach =
            node->running() && master && master->running() && !is_cut(*node, *master);
        return !can_reach || node->in_sync();
    });
}

void SimNet::cut(SimNode& one, SimNode& other) {
    Path& path = paths_[pair_of(one, other)];
    path.cut = true;
    if (const auto wire = path.wire.lock()) wire->go_silent();
}

void SimNet::heal(SimNode& one, SimNode& other) { paths_[pair_of(one, other)].cut = false; }

void SimNet::reset(SimNode& one, SimNode& other) {
    if (const auto wire = paths_[pair_of(one, other)].wire.lock()) wire->reset();
    advance(SimTime(0));
}

void SimNet::kill(SimNode& node) {
    node.kill();
    advance(SimTime(0));
}

void SimNet::restart(SimNode& node) {
    kill(node);
    node.start();
}

bool SimNet::is_cut(const SimNode& one, const SimNode& other) const {
    const auto found = paths_.find(pair_of(one, other));
    return found != paths_.end() && found->second.cut;
}

std::shared_ptr<Wire> SimNet::connect(const SimNode& one, WireEnd& its_end, const SimNode& other,
                                      WireEnd& others_end) {
    // The TLS handshake goes before everything else.
    const SimTime opens = events_.now() + 2 * options_.delay.longest;
    auto wire =
        std::make_shared<Wire>(events_, random_, options_.delay, its_end, others_end, opens);
    paths_[pair_of(one, other)].wire = wire;
    return wire;
}

std::string SimNet::differences() {
    std::string text;
    const SimNode* first = nullptr;
    std::string expected;
    for (const auto& node : nodes_) {
        if (!node->running()) continue;
        const std::string content = node->content();
        if (!first) {
            first = node.get();
            expected = content;
        } else if (content != expected) {
            text += node->name + " has " + content + ", " + first->name + " has " + expected + "; ";
        }
    }
    return text;
}

}  // namespace clacks::simulation
