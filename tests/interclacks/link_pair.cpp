#include "tests/interclacks/link_pair.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace clacks::interclacks {

using protocol::Command;
using protocol::Verb;

namespace {

/// So that times are readable on the wire: 1700000000 and something.
constexpr WallTime first_moment{std::chrono::seconds(1'700'000'000)};

std::string joined(std::vector<std::string> lines) {
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : " | ") + line;
    return text;
}

}  // namespace

std::optional<std::string> LinkEnd::value(std::string_view key) {
    const auto shard = cache.lock(key);
    const auto entry = shard.find(key);
    if (!entry || entry->deleted) return std::nullopt;
    return std::string(entry->value);
}

std::string LinkEnd::content() {
    std::string text;
    for (const auto& key : cache.keys(WallTime{})) {
        text += (text.empty() ? "" : " ") + key + '=' + value(key).value();
    }
    return text;
}

std::string LinkEnd::heard() { return joined(std::exchange(heard_, {})); }

std::string LinkEnd::executed() { return joined(std::exchange(executed_, {})); }

Now LinkPair::now(const LinkEnd& end) const {
    return {.wall = first_moment + time_ + end.clock_error,
            .mono = MonoTime(std::chrono::hours(1)) + time_};
}

void LinkPair::disconnect() {
    on_the_way_.clear();
    for (LinkEnd* end : {&slave, &master}) {
        end->link.reset();
        end->ended_by.reset();
        end->sending_store_ = false;
        end->framer_ = protocol::LineFramer(1U << 20U);
    }
}

void LinkPair::connect() {
    disconnect();
    give_link(slave);
    if (!master.played) send(master, "CLACKS M 1\r\nOVERHEAD M Authentication required\r\n");
}

void LinkPair::give_link(LinkEnd& end) {
    end.link.emplace(end.role, ++end.last_origin_,
                     Link::Settings{.software = end.role == Link::Role::uplink ? "S 1" : "M 1",
                                    .identity = end.identity,
                                    .ping_timeout = ping_timeout},
                     now(end));
    std::string lines;
    end.link->open(now(end), lines);
    send(end, lines);
}

void LinkPair::join() {
    connect();
    settle();
}

void LinkPair::settle() {
    while (!on_the_way_.empty()) advance(on_the_way_.front().arrives - time_);
}

void LinkPair::advance(std::chrono::microseconds time) {
    const auto until = time_ + time;
    while (!on_the_way_.empty() && on_the_way_.front().arrives <= until) {
        Piece piece = std::move(on_the_way_.front());
        on_the_way_.pop_front();
        time_ = piece.arrives;
        deliver(*piece.to, std::move(piece.bytes));
    }
    time_ = until;
}

void LinkPair::deliver(LinkEnd& to, std::string bytes) {
    if (to.ended_by) return;
    to.framer_.feed(
        bytes,
        [&](std::string_view line) {
            hear(to, line);
            return !to.ended_by;
        },
        []() -> bool { throw std::logic_error("a link said a line of more than 1 MiB"); });
    if (to.ended_by) return;
    for (unsigned part = 0; part < to.parts_at_once && send_part(to); ++part) {
    }
}

void LinkPair::hear(LinkEnd& end, std::string_view line) {
    end.heard_.emplace_back(line);
    if (end.played) return;
    const Command command = protocol::parse(line).value();
    if (!end.link) return hear_login(command);
    std::string answer;
    const auto next = end.link->on(command, now(end), answer);
    send(end, answer);
    switch (next) {
        case Link::Next::nothing:
        case Link::Next::announced:
            return;
        case Link::Next::execute:
            end.executed_.emplace_back(line);
            return apply(end, command, end.link->origin());
        case Link::Next::merge:
            end.cache.lock(command.name).merge_plain(end.link->on_our_clock(command));
            return;
        case Link::Next::check_login:
            answer.clear();
            end.link->login_checked(command.value == protocol::encode_token(end.known), answer);
            return send(end, answer);
        case Link::Next::send_store:
            end.sending_store_ = true;
            return;
        case Link::Next::peer_error:
            return;
        case Link::Next::login_refused:
        case Link::Next::not_clacks:
            end.ended_by = next;
            return;
    }
}

/// What a node does with a connection before it is a link.
void LinkPair::hear_login(const Command& command) {
    if (command.verb != Verb::overhead) return;
    constexpr std::string_view welcome = "OVERHEAD O Welcome!\r\n";
    if (command.flags.has('A')) {
        const bool known = command.value == protocol::encode_token(master.known);
        if (known && master.welcome_late) return;
        send(master, known ? welcome : "OVERHEAD F Login failed!\r\n");
        if (!known) master.ended_by = Link::Next::login_refused;
    } else if (command.flags.has('I')) {
        give_link(master);
        if (master.welcome_late) send(master, welcome);
        master.sending_store_ = true;
    }
}

void LinkPair::apply(LinkEnd& end, const Command& command, cache::Origin origin) {
    auto shard = end.cache.lock(command.name);
    if (command.verb == Verb::store) {
        shard.store(command.name, command.value, now(end).wall, origin);
    } else if (command.verb == Verb::remove) {
        shard.remove(command.name, now(end).wall, origin);
    }
}

void LinkPair::change(LinkEnd& end, std::string_view line) {
    const Command command = protocol::parse(line).value();
    apply(end, command, cache::local_origin);
    if (end.link && end.link->carries(end.cache.shard_of(command.name))) {
        send(end, std::string(line) + "\r\n");
    }
}

bool LinkPair::send_part(LinkEnd& end) {
    if (!end.sending_store_) return false;
    std::string scratch;
    end.sending_store_ = end.link->send_some(end.cache, now(end), scratch,
                                             [&](std::string_view lines) { send(end, lines); });
    return end.sending_store_;
}

void LinkPair::say(LinkEnd& end, std::string_view lines) { send(end, lines); }

void LinkPair::on_deadline(LinkEnd& end) {
    std::string lines;
    if (!end.link->on_deadline(now(end), lines)) throw std::runtime_error("the peer is silent");
    send(end, lines);
}

void LinkPair::send(LinkEnd& from, std::string_view bytes) {
    if (bytes.empty()) return;
    LinkEnd& to = &from == &slave ? master : slave;
    const auto arrives = time_ + from.delay;
    const auto place =
        std::upper_bound(on_the_way_.begin(), on_the_way_.end(), arrives,
                         [](auto time, const Piece& piece) { return time < piece.arrives; });
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += from.piece_bytes) {
        pieces.push_back({arrives, &to, std::string(bytes.substr(at, from.piece_bytes))});
    }
    on_the_way_.insert(place, pieces.begin(), pieces.end());
}

}  // namespace clacks::interclacks
