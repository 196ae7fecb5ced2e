// SessionProtocol: what the node says.
#include <algorithm>
#include <charconv>
#include <utility>

#include "client/features.hpp"
#include "client/session_protocol.hpp"
#include "protocol/login_delay.hpp"
#include "protocol/name_pattern.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::detail {

using protocol::Command;
using protocol::Verb;

namespace {

constexpr std::string_view unknown = "unknown_command ";
constexpr std::string_view denied = "permission_denied";

/// A stranger's line, as far as a person wants to see it.
std::string clipped(std::string_view line) {
    constexpr std::size_t enough = 60;
    std::string text(line.substr(0, enough));
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = '?';
    return line.size() > enough ? text + "…" : text;
}

/// What a node says only to who has logged in, so that it proves the login: signals and answers.
/// Not NOP, PING, a second greeting, or what newer nodes may say.
bool follows_login(Verb verb) {
    switch (verb) {
        case Verb::set:
        case Verb::notify:
        case Verb::features:
        case Verb::ttl:
        case Verb::flags:
        case Verb::exists:
        case Verb::status:
        case Verb::tree:
            return true;
        default:
            return !protocol::info(verb).to_node;
    }
}

Failure not_supported(std::string_view feature) {
    return {Errc::not_supported,
            "the node has no '" + std::string(feature) + "': it is no clacksd, or an older one"};
}

}  // namespace

Failure SessionProtocol::on_line(std::string_view line, MonoTime now) {
    if (phase_ == Phase::greeting) return on_greeting(line);
    const auto command = protocol::parse(line);
    return command ? on_command(*command, now) : Failure();
}

Failure SessionProtocol::on_oversize() {
    if (phase_ == Phase::greeting)
        return turned_away(Errc::not_clacks, "the other side's first line has no end");
    on_refusal("a line of more than " + std::to_string(options_.line_bytes) +
               " bytes was dropped (line_bytes)");
    return {};
}

Failure SessionProtocol::on_greeting(std::string_view line) {
    const auto command = protocol::parse(line);
    // A node that is full says so, and does not greet.
    if (command && command->verb == Verb::overhead && command->flags.has('E'))
        return turned_away(Errc::disconnected, std::string(command->value));
    if (!command || command->verb != Verb::clacks)
        return turned_away(Errc::not_clacks, "the first line was '" + clipped(line) + "'");
    phase_ = Phase::logging_in;
    framer_.set_limit(options_.line_bytes);
    return {};
}

Failure SessionProtocol::on_command(const Command& c, MonoTime now) {
    if (c.verb == Verb::overhead) return on_overhead(c, now);
    if (c.verb == Verb::quit) return {Errc::disconnected, "the node said QUIT"};
    if (c.verb == Verb::timeout) return {Errc::disconnected, "the node said TIMEOUT"};
    if (!follows_login(c.verb)) return {};
    // With Net::Clacks the welcome may come late.
    if (!ready()) welcome(now);

    using Kind = Message::Kind;
    switch (c.verb) {
        case Verb::features:
            on_features(parse_features(c.value));
            break;
        case Verb::set:
            push({Kind::set, std::string(c.name),
                  options_.raw_values ? std::string(c.value) : protocol::decode_value(c.value)});
            break;
        case Verb::notify:
            push({Kind::notify, std::string(c.name)});
            break;
        case Verb::gap:
            on_gap(c.value);
            break;
        case Verb::debug:
            on_debug(c);
            break;
        case Verb::flushed:
            on_flushed(c.value);
            break;
        default:
            requests_.heard(c);
            break;
    }
    return {};
}

Failure SessionProtocol::on_overhead(const Command& c, MonoTime now) {
    if (c.flags.has('G')) return {};  // another client's, forwarded: not the node's word
    if (c.flags.has('F')) return turned_away(Errc::login_failed, std::string(c.value));
    if (!c.flags.has('E')) return {};  // O, too: the answer to FEATURES says more than the welcome
    const auto wait = protocol::parse_login_delay(c.value);
    if (!ready() && wait) {
        auto failure = turned_away(Errc::login_delayed, std::string(c.value));
        failure.wait = *wait;
        return failure;
    }
    const bool plain = c.value.starts_with(unknown) && c.value.substr(unknown.size()) == "FEATURES";
    if (!plain) {
        on_refusal(c.value);
        return {};
    }
    if (!ready()) welcome(now);
    if (!features_) on_features({});
    return {};
}

/// Before the welcome: what came with the login was not executed either.
Failure SessionProtocol::turned_away(Errc error, std::string text) {
    turned_away_ = !ready();
    return {error, std::move(text)};
}

void SessionProtocol::welcome(MonoTime now) {
    phase_ = Phase::ready;
    login_heard();
    next_ping_ = now + options_.ping_interval;
    if (std::exchange(was_ready_, true)) push({.kind = Message::Kind::reconnected});
}

/// What was sent before this was known, and means something else to this node or nothing, is told.
void SessionProtocol::on_features(Features features) {
    features_ = std::move(features);
    requests_.fail_some([this](const Question& q) {
        const auto needed = needed_feature({.verb = q.verb, .name = q.name, .value = q.value});
        return lacks(needed) ? not_supported(needed) : Failure();
    });
    ask_for_gaps();
    const auto needed = needed_feature({.verb = Verb::listen, .name = "*"});
    const auto is_pattern = [](const std::string& n) { return protocol::is_listen_pattern(n); };
    if (lacks(needed) && std::any_of(listens_.begin(), listens_.end(), is_pattern))
        complain(not_supported(needed));
    if (!monitor_) return;
    const auto filtering = needed_feature({.verb = Verb::monitor, .value = *monitor_});
    if (!lacks(filtering)) return;
    output_.append_unbounded({.verb = Verb::unmonitor});  // to it, this was a wish for everything
    complain(not_supported(filtering));
}

/// What a monitor sees, or how much of it is missing here.
void SessionProtocol::on_debug(const Command& c) {
    constexpr std::string_view missed = "MISSED=";
    if (c.name == "MONITOR" && c.value.starts_with(missed)) {
        return push_gap("", c.value.substr(missed.size()));
    }
    push({Message::Kind::debug, std::string(c.name), std::string(c.value)});
}

/// GAP name count
void SessionProtocol::on_gap(std::string_view text) {
    const auto end = std::min(text.find(' '), text.size());
    push_gap(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
}

void SessionProtocol::push_gap(std::string_view name, std::string_view digits) {
    Message message{.kind = Message::Kind::gap, .name = std::string(name)};
    std::from_chars(digits.data(), digits.data() + digits.size(), message.count);
    if (message.count != 0) push(std::move(message));
}

Failure SessionProtocol::refusal(std::string text) const {
    if (text.starts_with(denied)) return {Errc::permission_denied, std::move(text)};
    if (text.starts_with(unknown)) {
        const auto line = protocol::parse(std::string_view(text).substr(unknown.size()));
        if (line && lacks(needed_feature(*line))) return not_supported(needed_feature(*line));
    }
    return {Errc::refused, std::move(text)};
}

void SessionProtocol::on_refusal(std::string_view text) {
    push({.kind = Message::Kind::error, .value = std::string(text)});
    if (text == denied && refusals_.late != 0) {
        --refusals_.late;
        return;
    }
    if (refusals_.count++ == 0) refusals_.first = text;
    refusals_.last = text;
}

/// Why a request has no answer when its barrier is there. The denials of Net::Clacks may come
/// before the answers to earlier requests, where they were taken for a command's, or behind the
/// barrier; everything else keeps its place.
Failure SessionProtocol::reason() {
    if (refusals_.count != 0) {
        --refusals_.count;
        return refusal(std::move(refusals_.last));
    }
    const bool plain = features_ && features_->empty();
    if (!plain) return {Errc::refused, "no answer, and no reason given"};
    if (trouble_.error == Errc::permission_denied) return std::exchange(trouble_, {});
    ++refusals_.late;
    return {Errc::permission_denied, std::string(denied)};
}

void SessionProtocol::complain(Failure failure) {
    push({.kind = Message::Kind::error, .value = failure.text});
    if (!trouble_) trouble_ = std::move(failure);
}

void SessionProtocol::on_flushed(std::string_view text) {
    if (text == features_barrier && !features_) return on_features({});
    const auto passed = requests_.flushed(text);
    if (!passed) return;
    settled_ = std::max(settled_, passed->position);

    if (passed->refused) {
        Failure why = reason();
        if (passed->waited_for) requests_.answer(passed->id, std::move(why));
    }
    // What the node refused besides was a command, and the next flush tells.
    if (refusals_.count != 0 && !trouble_) trouble_ = refusal(std::move(refusals_.first));
    refusals_ = {.late = refusals_.late};
    if (passed->waited_for && passed->flush)
        requests_.answer(passed->id, std::exchange(trouble_, {}));
}

void SessionProtocol::push(Message message) {
    if (closing_) return;
    // Signals that arrive while reading cannot pause must not pile up, nor may what happens to the
    // connection when nobody ever looks.
    const bool signal = message.kind == Message::Kind::set ||
                        message.kind == Message::Kind::notify ||
                        message.kind == Message::Kind::gap || message.kind == Message::Kind::debug;
    const bool can_pause = signal && !requests_.waiting();
    inbox_.push(std::move(message), can_pause ? Inbox::WhenFull::keep : Inbox::WhenFull::drop);
}

}  // namespace clacks::detail
