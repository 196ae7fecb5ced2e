#include "tests/node/test_node.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace clacks::node {

using protocol::Permission;

TestPeer::TestPeer(TestNode& node, std::string host_name, std::string port_text,
                   std::uint64_t serial_number)
    : Peer(std::move(host_name), std::move(port_text), serial_number),
      node_(node),
      framer_(node.node.line_limit(*this)) {}

void TestPeer::says_bytes(std::string bytes) { node_.receive(*this, std::move(bytes)); }

std::optional<std::string> TestPeer::hears_line() {
    const auto end = arrived_.find("\r\n");
    if (end == std::string::npos) {
        if (!arrived_.empty()) throw std::logic_error("half a line: " + arrived_);
        return std::nullopt;
    }
    std::string line = arrived_.substr(0, end);
    arrived_.erase(0, end + 2);
    return line;
}

std::string TestPeer::hears() {
    std::string text;
    while (const auto line = hears_line()) {
        text += (text.empty() ? "" : " | ") + (line->empty() ? "(empty line)" : *line);
    }
    return text;
}

TestPeer& TestPeer::forget() {
    hears();
    return *this;
}

std::string TestPeer::asks(std::string_view line) {
    says(line);
    return hears();
}

Settings TestNode::default_settings() {
    Settings settings;
    settings.name = "test";
    settings.users = {{.name = "exampleuser", .password = "unsafepassword", .permissions = {}},
                      {.name = "reader", .password = "r", .permissions = {}},
                      {.name = "writer", .password = "w", .permissions = {}},
                      {.name = "manager", .password = "m", .permissions = {}},
                      {.name = "nobody", .password = "n", .permissions = {}}};
    settings.users[1].permissions.add(Permission::read);
    settings.users[2].permissions.add(Permission::write);
    settings.users[3].permissions.add(Permission::manage);
    return settings;
}

TestNode::TestNode(Settings settings, Past past)
    : node(std::move(settings),
           {.software = "clacksd 1", .id = "testnode", .started = now, .hash_key = {}}, 1, log,
           std::move(past)) {}

std::string TestNode::login(std::string_view user, std::string_view password) const {
    return "OVERHEAD A " + protocol::encode_token({std::string(user), std::string(password)});
}

TestPeer& TestNode::add(std::string port) {
    const auto serial = peers_.size() + 1;
    return *peers_.emplace_back(
        std::make_unique<TestPeer>(*this, "127.0.0.1", std::move(port), serial));
}

TestPeer& TestNode::connect() {
    TestPeer& peer = add(std::to_string(50'000 + peers_.size()));
    node.connected(peer, turn());
    end_turn();
    return peer;
}

TestPeer& TestNode::client(std::string_view user) {
    const bool main_user = user == "exampleuser";
    TestPeer& peer = connect();
    peer.says("CLACKS test");
    peer.says(login(user, main_user ? "unsafepassword" : user.substr(0, 1)));
    if (!peer.logged_in) throw std::logic_error("no such user");
    return peer.forget();
}

TestPeer& TestNode::connect_to_master() {
    TestPeer& peer = add("49888");
    node.connected_to_master(peer, {"exampleuser", "unsafepassword"}, turn());
    end_turn();
    return peer;
}

TestPeer& TestNode::slave() {
    TestPeer& peer = client();
    peer.says("OVERHEAD I 1");
    peer.says("OVERHEAD O Welcome!");
    return peer.forget();
}

TestPeer& TestNode::master() {
    TestPeer& peer = connect_to_master();
    peer.says("CLACKS Master 1");
    peer.says("OVERHEAD O Welcome!");
    peer.says(login("exampleuser", "unsafepassword"));
    peer.says("OVERHEAD L 1");
    peer.says("OVERHEAD L 0");
    return peer.forget();
}

void TestNode::hangs_up(TestPeer& peer, CloseReason reason) {
    close(peer, reason);
    end_turn();
}

void TestNode::receive(TestPeer& from, std::string bytes) {
    if (from.closed) return;
    from.deferred_ += bytes;
    execute(from);
}

void TestNode::execute(TestPeer& from) {
    while (!from.deferred_.empty() && !from.is_busy() && !from.closed) {
        std::string bytes = std::exchange(from.deferred_, {});
        const auto goes_on = [&] { return !from.closing && !from.is_busy(); };
        const auto rest = from.framer_.feed(
            bytes,
            [&](std::string_view line) {
                node.line(from, line, turn());
                from.framer_.set_limit(node.line_limit(from));
                return goes_on();
            },
            [&] {
                node.oversize(from, turn());
                return goes_on();
            });
        from.deferred_.assign(rest.data(), rest.size());
        end_turn();
    }
}

bool TestNode::check_password(Peer& peer, std::string hash, std::string given) {
    if (questions_.size() >= most_to_verify) return false;
    questions_.push_back({&static_cast<TestPeer&>(peer), std::move(hash), std::move(given)});
    if (verifies_at_once) verify_next();
    return true;
}

std::size_t TestNode::waiting_bytes() const {
    std::size_t sum = 0;
    for (const auto& peer : peers_) sum += peer->queued_bytes();
    return sum;
}

bool TestNode::verify_next() {
    if (questions_.empty()) return false;
    const Question question = std::move(questions_.front());
    questions_.pop_front();
    TestPeer& from = *question.from;
    if (from.closed) return true;
    std::optional<bool> fits;
    if (can_verify && node.login_guard().is_heard(from.host, from.login_attempt, now.mono))
        fits = question.hash == "hash:" + question.given;
    node.password_checked(from, fits, turn());
    if (verifies_at_once) return true;  // in the middle of a line
    end_turn();
    execute(from);
    return true;
}

void TestNode::end_turn() {
    for (const auto& peer : peers_) {
        while (peer->has_work() && !peer->closing) node.work(*peer, turn());
    }
    node.end_turn(turn());
    for (const auto& peer : peers_) {
        if (!std::exchange(peer->close_pending_, false)) continue;
        node.disconnected(*peer, *peer->closed, turn());
        peer->arrived_ += last_words(*peer->closed);
    }
    const bool more = std::any_of(peers_.begin(), peers_.end(),
                                  [](const auto& peer) { return peer->close_pending_; });
    node.send_mirrored(turn());
    if (more) end_turn();
}

void TestNode::advance(std::chrono::microseconds time) {
    const MonoTime until = now.mono + time;
    for (;;) {
        TestPeer* next = nullptr;
        for (const auto& peer : peers_) {
            if (peer->closed || node.deadline(*peer) > until) continue;
            if (!next || node.deadline(*peer) < node.deadline(*next)) next = peer.get();
        }
        const MonoTime then = next ? std::max(node.deadline(*next), now.mono) : until;
        now.wall += std::chrono::duration_cast<std::chrono::microseconds>(then - now.mono);
        now.mono = then;
        if (!next) return;
        node.on_deadline(*next, turn());
        end_turn();
        if (!next->closed && node.deadline(*next) <= now.mono) {
            throw std::logic_error("a deadline that does not move");
        }
    }
}

void TestNode::reload(Settings settings) {
    node.reload(std::move(settings), turn());
    end_turn();
}

void TestNode::changes(const OutsideChange& change) {
    node.changed_outside(change, turn());
    end_turn();
}

void TestNode::clears(std::string_view client) {
    node.clear_outside(client, turn());
    end_turn();
}

void TestNode::clean() {
    for (unsigned i = 0; i < cache::Cache::shard_count; ++i) node.clean(turn());
    end_turn();
}

void TestNode::send(Peer& to, std::string_view lines) {
    if (Node::is_mirrored_to(to, turn_)) node.send_mirrored(turn_);
    append(to, lines);
}

void TestNode::append(Peer& to, std::string_view lines) {
    auto& peer = static_cast<TestPeer&>(to);
    if (peer.closed && !peer.close_pending_) throw std::logic_error("output for a closed peer");
    peer.arrived_ += lines;
    peer.last_output = now.mono;
}

bool TestNode::offer(Peer& to, std::string_view lines, std::size_t most_waiting) {
    const auto waiting = to.queued_bytes();
    if (waiting > 0 && waiting + lines.size() > most_waiting) return false;
    append(to, lines);
    return true;
}

void TestNode::close(Peer& peer, CloseReason reason) {
    auto& closed = static_cast<TestPeer&>(peer);
    if (closed.closed) return;
    closed.closed = reason;
    closed.close_pending_ = true;
}

}  // namespace clacks::node
