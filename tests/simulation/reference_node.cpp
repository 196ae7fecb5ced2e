#include "tests/simulation/reference_node.hpp"

#include <utility>

#include "cache/number.hpp"
#include "tests/simulation/sim_net.hpp"

namespace clacks::simulation {

using protocol::Command;
using protocol::Verb;

namespace {

constexpr std::chrono::seconds ping_interval{20};

const std::string reference_token = protocol::encode_token({"sim", "sim"});

bool is_signal(Verb verb) {
    return verb == Verb::notify || verb == Verb::set || verb == Verb::set_and_store;
}

bool is_change(Verb verb) {
    return verb == Verb::store || verb == Verb::set_and_store || verb == Verb::remove ||
           verb == Verb::increment || verb == Verb::decrement || verb == Verb::clear_cache;
}

}  // namespace

/// One connection to another node.
struct ReferenceNode::Link final : WireEnd {
    Link(ReferenceNode& its_owner, bool is_to_master) : owner(its_owner), to_master(is_to_master) {}

    void say(std::string_view lines) {
        if (wire) wire->send(*this, std::string(lines) + "\r\n");
    }
    void receive(std::string bytes) override {
        framer.feed(
            bytes,
            [this](std::string_view line) {
                owner.on_line(*this, line);
                return true;
            },
            [] { return false; });
        // The welcome may come behind the answers to what stood in the same packet.
        if (std::exchange(welcome_due, false)) say("OVERHEAD O Welcome!");
    }
    void hung_up() override { wire.reset(); }

    ReferenceNode& owner;
    const bool to_master;
    bool live = to_master;  ///< a link, and not only a connection
    bool welcome_due = false;
    SimTime offset{0};
    std::shared_ptr<Wire> wire;
    protocol::LineFramer framer{1U << 20U};
};

ReferenceNode::ReferenceNode(SimNet& net, SimTime clock_error)
    : net_(net), clock_error_(clock_error) {}

ReferenceNode::~ReferenceNode() { leave(); }

WallTime ReferenceNode::now() const {
    return WallTime(std::chrono::seconds(1'700'000'000)) + net_.events().now() + clock_error_;
}

ReferenceNode::Link& ReferenceNode::add_link(bool to_master) {
    Link& link = *links_.emplace_back(std::make_shared<Link>(*this, to_master));
    ping_later(links_.back());
    return link;
}

void ReferenceNode::ping_later(const std::weak_ptr<Link>& weak) {
    net_.events().after(ping_interval, Events::Kind::timer, [this, weak] {
        const auto link = weak.lock();
        if (!link) return;
        if (link->live) link->say("PING");
        ping_later(weak);
    });
}

void ReferenceNode::join(SimNode& master) {
    Link& link = add_link(true);
    link.wire = master.accept(link, net_.options().delay);
    link.say("CLACKS reference\r\nOVERHEAD A " + reference_token + "\r\nOVERHEAD I 1");
}

void ReferenceNode::serve(SimNode& slave) {
    slave.join([this](WireEnd& end) {
        Link& link = add_link(false);
        auto& events = net_.events();
        link.wire = std::make_shared<Wire>(events, net_.random(), net_.options().delay, link, end,
                                           events.now());
        link.say("CLACKS reference\r\nOVERHEAD M Authentication required");
        return link.wire;
    });
}

void ReferenceNode::leave() {
    for (const auto& link : links_) {
        if (const auto wire = std::exchange(link->wire, nullptr)) wire->close(*link);
    }
    links_.clear();
    locked_ = false;
    for (const auto& line : std::exchange(postponed_, {})) client_sends(line);
}

void ReferenceNode::client_sends(std::string_view line) {
    if (locked_) {
        postponed_.emplace_back(line);
        return;
    }
    const Command command = protocol::parse(line).value();
    execute(command);
    hear(command);
    forward(nullptr, line);
}

void ReferenceNode::forward(const Link* from, std::string_view line) {
    for (const auto& link : links_) {
        if (link.get() != from && link->live) link->say(line);
    }
}

void ReferenceNode::on_line(Link& from, std::string_view line) {
    const auto parsed = protocol::parse(line);
    const auto surprise = [&] { surprises_.append(line).append(" | "); };
    if (!parsed) return surprise();
    const Command& command = *parsed;
    if (command.verb == Verb::overhead) return on_overhead(from, command);
    if (command.verb == Verb::clacks || command.verb == Verb::ping) return;
    if (!from.live) return surprise();
    if (command.verb == Verb::keysync) {
        merge(from, command);
    } else if (is_change(command.verb) || is_signal(command.verb)) {
        execute(command);
        hear(command);
    } else {
        return surprise();
    }
    forward(&from, line);
}

void ReferenceNode::on_overhead(Link& from, const Command& command) {
    const auto& flags = command.flags;
    if (flags.has('G')) {
        Command forwarded = command;
        forwarded.flags.drop('U');
        std::string line;
        protocol::format(forwarded, line);
        line.resize(line.size() - 2);
        heard_.push_back(line);
        return forward(&from, line);
    }
    if (flags.has('A')) {
        from.welcome_due = true;
    } else if (flags.has('I') && command.value == "1") {
        open_downlink(from);
    } else if (flags.has('T')) {
        from.offset = now() - protocol::parse_time(command.value).value();
    } else if (flags.has('L') && from.to_master) {
        on_lock(from, command.value == "1");
    } else if (flags.has('E')) {
        surprises_.append(command.value).append(" | ");
    }
}

void ReferenceNode::open_downlink(Link& to) {
    to.live = true;
    std::string time;
    protocol::format_time(now(), time);
    to.say("CLACKS reference in interclacks master mode\r\nOVERHEAD M Authentication required");
    to.say("OVERHEAD A " + reference_token + "\r\nOVERHEAD L 1\r\nOVERHEAD T " + time);
    to.say(store_lines() + "OVERHEAD L 0\r\nPING");
}

void ReferenceNode::on_lock(Link& from, bool locked) {
    locked_ = locked;
    if (locked) return;
    std::string time;
    protocol::format_time(now(), time);
    from.say("OVERHEAD T " + time + "\r\n" + store_lines() + "PING");
    for (const auto& line : std::exchange(postponed_, {})) client_sends(line);
}

void ReferenceNode::merge(Link& from, const Command& keysync) {
    Entry& entry = entries_[std::string(keysync.name)];
    const WallTime changed = keysync.changed + from.offset;
    if (changed <= entry.changed) return;
    entry = {std::string(keysync.value), changed, keysync.mode == "D"};
}

void ReferenceNode::execute(const Command& command) {
    const auto entry = [&]() -> Entry& { return entries_[std::string(command.name)]; };
    switch (command.verb) {
        case Verb::store:
        case Verb::set_and_store:
            entry() = {std::string(command.value), now(), false};
            return;
        case Verb::remove:
            entry() = {"REMOVED", now(), true};
            return;
        case Verb::increment:
        case Verb::decrement: {
            const std::string before = entry().deleted ? "" : entry().value;
            const bool down = command.verb == Verb::decrement;
            entry() = {cache::add(before, command.value, down), now(), false};
            return;
        }
        case Verb::clear_cache:
            return entries_.clear();
        default:
            return;
    }
}

void ReferenceNode::hear(const Command& command) {
    if (!is_signal(command.verb)) return;
    Command signal = command;
    if (command.verb == Verb::set_and_store) signal.verb = Verb::set;
    std::string line;
    protocol::format(signal, line);
    heard_.push_back(line.substr(0, line.size() - 2));
}

std::string ReferenceNode::store_lines() const {
    std::string lines;
    for (const auto& [key, entry] : entries_) {
        protocol::format({.verb = Verb::keysync,
                          .name = key,
                          .value = entry.value,
                          .changed = entry.changed,
                          .accessed = entry.deleted ? WallTime{} : entry.changed,
                          .mode = entry.deleted ? "D" : "U"},
                         lines);
    }
    return lines;
}

std::string ReferenceNode::content() const {
    std::string text;
    for (const auto& [key, entry] : entries_) {
        if (!entry.deleted) text += (text.empty() ? "" : " ") + key + '=' + entry.value;
    }
    return text;
}

std::string ReferenceNode::heard() {
    std::string text;
    for (const auto& line : std::exchange(heard_, {})) text += (text.empty() ? "" : " | ") + line;
    return text;
}

}  // namespace clacks::simulation
