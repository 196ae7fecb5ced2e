#include "client/session_protocol.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "protocol/credentials.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::detail {
namespace {

using protocol::Command;
using protocol::Verb;

/// Who greets us with more than this is no node.
constexpr std::size_t greeting_bytes = 4096;

bool is_name(std::string_view name) {
    using namespace std::string_view_literals;
    return !name.empty() && name.find_first_of(" =\r\n\0"sv) == std::string_view::npos;
}

bool is_step(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

/// The name as the CLACKS line can carry it.
std::string announced(std::string name) {
    for (char& c : name)
        if (c == ';' || c == '\r' || c == '\n' || c == '\0') c = '_';
    return name.empty() ? "clacks client" : name;
}

Failure refusal(std::string text) {
    const bool denied = text.starts_with("permission_denied");
    return {denied ? Errc::permission_denied : Errc::refused, std::move(text)};
}

/// A stranger's line, as far as a person wants to see it.
std::string clipped(std::string_view line) {
    constexpr std::size_t enough = 60;
    std::string text(line.substr(0, enough));
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = '?';
    return line.size() > enough ? text + "…" : text;
}

}  // namespace

SessionProtocol::SessionProtocol(const Options& options, std::string user)
    : options_(options),
      user_(std::move(user)),
      framer_(greeting_bytes),
      output_(options.line_bytes, options.output_bytes),
      inbox_(options.received_bytes) {}

// ---- the application

error_code SessionProtocol::listen(std::string_view name) {
    if (!is_name(name)) return Errc::invalid_name;
    if (listens_.contains(name)) return {};
    if (const auto error = interest({.verb = Verb::listen, .name = name})) return error;
    listens_.emplace(name);
    return {};
}

error_code SessionProtocol::unlisten(std::string_view name) {
    if (!is_name(name)) return Errc::invalid_name;
    const auto listen = listens_.find(name);
    if (listen == listens_.end()) return {};
    if (const auto error = interest({.verb = Verb::unlisten, .name = name})) return error;
    listens_.erase(listen);
    return {};
}

error_code SessionProtocol::monitor(bool on) {
    if (on == monitoring_) return {};
    if (const auto error = interest({.verb = on ? Verb::monitor : Verb::unmonitor})) return error;
    monitoring_ = on;
    return {};
}

// Without a connection the next login says it. But what was queued before the loss goes out after
// that login, and must not have the last word.
error_code SessionProtocol::interest(const Command& command) {
    if (offline() && last_interest_ <= output_.handed()) return {};
    if (const auto error = output_.append(command)) return error;
    last_interest_ = output_.queued();
    return {};
}

error_code SessionProtocol::command(Verb verb, std::string_view name, std::string_view value) {
    if (!is_name(name)) return Errc::invalid_name;
    const std::string encoded = protocol::encode_value(value);
    if (const auto error = output_.append({.verb = verb, .name = name, .value = encoded}))
        return error;
    last_command_ = output_.queued();
    return {};
}

error_code SessionProtocol::count(Verb verb, std::string_view name, const Step& step) {
    if (!is_name(name)) return Errc::invalid_name;
    if (!is_step(step.text())) return Errc::invalid_step;
    if (const auto error = output_.append({.verb = verb, .name = name, .value = step.text()}))
        return error;
    last_command_ = output_.queued();
    return {};
}

error_code SessionProtocol::clear_cache() {
    if (const auto error = output_.append({.verb = Verb::clear_cache})) return error;
    last_command_ = output_.queued();
    return {};
}

boost::system::result<RequestId> SessionProtocol::ask(RequestKind kind, std::string_view name,
                                                      MonoTime now) {
    if (kind == RequestKind::retrieve && !is_name(name)) return Errc::invalid_name;
    return requests_.add(kind, name, now + options_.reply_timeout, output_);
}

void SessionProtocol::close() {
    closing_ = true;
    output_.append_unbounded({.verb = Verb::quit});
}

// ---- the network

void SessionProtocol::connected(MonoTime now) {
    phase_ = Phase::greeting;
    framer_ = protocol::LineFramer(greeting_bytes);
    login_deadline_ = now + options_.login_timeout;
    heard_ = now;
    refusals_ = {};

    const std::string token = protocol::encode_token({user_, options_.password});
    output_.put_first({.verb = Verb::clacks, .value = announced(options_.client_name)});
    output_.put_first({.verb = Verb::overhead, .value = token, .flags = protocol::Flags("A")});
    for (const std::string& name : listens_)
        output_.put_first({.verb = Verb::listen, .name = name});
    if (monitoring_) output_.put_first({.verb = Verb::monitor});
    requests_.ask_again(output_);
}

void SessionProtocol::disconnected(const Failure& why) {
    const bool was_ready = std::exchange(phase_, Phase::offline) == Phase::ready;
    output_.drop_first();
    if (refusals_.count != 0 && !trouble_) trouble_ = refusal(refusals_.first);
    refusals_ = {};

    const Failure lost{Errc::disconnected, why.text};
    settled_ = std::max(settled_, requests_.lost(lost, output_.handed()));
    if (handed_command_ > settled_) {
        settled_ = handed_command_;
        if (!trouble_) trouble_ = lost;
    }
    if (was_ready) push({.kind = Message::Kind::disconnected, .value = why.text});
}

Failure SessionProtocol::receive(std::span<char> bytes, MonoTime now) {
    heard_ = now;
    Failure failure;
    framer_.feed(
        bytes,
        [&](std::string_view line) {
            failure = on_line(line, now);
            return !failure;
        },
        [&] {
            failure = on_oversize();
            return !failure;
        });
    return failure;
}

Failure SessionProtocol::end_of_stream() const {
    std::string text = "the node closed the connection";
    if (phase_ == Phase::greeting) text += " before its greeting";
    if (phase_ == Phase::logging_in) text += " before its welcome";
    if (refusals_.count != 0) text += ", having said: " + refusals_.last;
    return {Errc::disconnected, std::move(text)};
}

Failure SessionProtocol::tick(MonoTime now) {
    requests_.expire(now);
    if (offline()) return {};
    if (!ready()) {
        if (now < login_deadline_) return {};
        return {Errc::timeout, phase_ == Phase::greeting ? "connected, but no greeting came"
                                                         : "no answer to the login"};
    }
    if (!wants_input()) heard_ = now;
    if (options_.silence_timeout.count() > 0 && now >= heard_ + options_.silence_timeout)
        return {Errc::disconnected, "the node fell silent"};
    if (now >= next_ping_) {
        next_ping_ = now + options_.ping_interval;
        // One that still waits will do: the node is slow, and the queue has its bound.
        if (ping_ <= output_.handed()) {
            output_.append_unbounded({.verb = Verb::ping});
            ping_ = output_.queued();
        }
    }
    return {};
}

MonoTime SessionProtocol::deadline() const {
    MonoTime next = requests_.deadline();
    if (offline()) return next;
    if (!ready()) return std::min(next, login_deadline_);
    if (options_.silence_timeout.count() > 0)
        next = std::min(next, heard_ + options_.silence_timeout);
    return std::min(next, next_ping_);
}

// A pause must never hold up an answer: who awaits one may be the one who takes the messages.
bool SessionProtocol::wants_input() const {
    return !ready() || closing_ || requests_.waiting() || !inbox_.full();
}

void SessionProtocol::take_output(std::string& out) {
    output_.take(out, ready());
    if (ready()) handed_command_ = last_command_;
}

// ---- lines of the node

Failure SessionProtocol::on_line(std::string_view line, MonoTime now) {
    if (phase_ == Phase::greeting) return on_greeting(line);
    const auto command = protocol::parse(line);
    return command ? on_command(*command, now) : Failure();
}

Failure SessionProtocol::on_oversize() {
    if (phase_ == Phase::greeting)
        return {Errc::not_clacks, "the other side's first line has no end"};
    on_refusal("a line of more than " + std::to_string(options_.line_bytes) +
               " bytes was dropped (line_bytes)");
    return {};
}

Failure SessionProtocol::on_greeting(std::string_view line) {
    const auto command = protocol::parse(line);
    if (!command || command->verb != Verb::clacks)
        return {Errc::not_clacks, "the first line was '" + clipped(line) + "'"};
    phase_ = Phase::logging_in;
    framer_.set_limit(options_.line_bytes);
    return {};
}

Failure SessionProtocol::on_command(const Command& c, MonoTime now) {
    switch (c.verb) {
        case Verb::overhead:
            return on_overhead(c, now);
        case Verb::quit:
            return {Errc::disconnected, "the node said QUIT"};
        case Verb::timeout:
            return {Errc::disconnected, "the node said TIMEOUT"};
        case Verb::set:
        case Verb::notify:
        case Verb::debug:
        case Verb::retrieved:
        case Verb::not_retrieved:
        case Verb::key_list_start:
        case Verb::key:
        case Verb::key_list_end:
        case Verb::flushed:
            break;
        default:
            return {};  // NOP, PING, a second greeting, what newer nodes may say
    }
    // Before the login a node answers nothing, so this proves it: with Net::Clacks the welcome may
    // come late.
    if (!ready()) welcome(now);

    using Kind = Message::Kind;
    switch (c.verb) {
        case Verb::set:
            push({Kind::set, std::string(c.name), protocol::decode_value(c.value)});
            break;
        case Verb::notify:
            push({Kind::notify, std::string(c.name)});
            break;
        case Verb::debug:
            push({Kind::debug, std::string(c.name), std::string(c.value)});
            break;
        case Verb::retrieved:
            requests_.retrieved(c.name, protocol::decode_value(c.value));
            break;
        case Verb::not_retrieved:
            requests_.retrieved(c.name, std::nullopt);
            break;
        case Verb::key_list_start:
            requests_.key_list_start();
            break;
        case Verb::key:
            requests_.key(c.name);
            break;
        case Verb::key_list_end:
            requests_.key_list_end();
            break;
        default:
            on_flushed(c.value);
            break;
    }
    return {};
}

Failure SessionProtocol::on_overhead(const Command& c, MonoTime now) {
    if (c.flags.has('G')) return {};  // another client's, forwarded: not the node's word
    if (c.flags.has('F')) return {Errc::login_failed, std::string(c.value)};
    if (c.flags.has('O') && !ready()) welcome(now);
    // Not for us to mend, and over soon: tried again like a node that is not there.
    if (c.flags.has('E') && !ready() && c.value.starts_with("login_delayed"))
        return {Errc::disconnected, std::string(c.value)};
    if (c.flags.has('E')) on_refusal(c.value);
    return {};
}

void SessionProtocol::welcome(MonoTime now) {
    phase_ = Phase::ready;
    next_ping_ = now + options_.ping_interval;
    if (std::exchange(was_ready_, true)) push({.kind = Message::Kind::reconnected});
}

void SessionProtocol::on_refusal(std::string_view text) {
    if (refusals_.count++ == 0) refusals_.first = text;
    refusals_.last = text;
    push({.kind = Message::Kind::error, .value = std::string(text)});
}

void SessionProtocol::on_flushed(std::string_view text) {
    const auto passed = requests_.flushed(text);
    if (!passed) return;
    settled_ = std::max(settled_, passed->position);

    const bool refused = passed->waited_for && passed->kind != RequestKind::flush;
    if (refused) {
        const bool said = refusals_.count != 0;
        requests_.answer(passed->id, refusal(said ? std::move(refusals_.last)
                                                  : "no answer, and no reason given"));
        if (said) --refusals_.count;
    }
    // What the node refused besides was a command, and the next flush tells.
    if (refusals_.count != 0 && !trouble_) trouble_ = refusal(std::move(refusals_.first));
    refusals_ = {};
    if (passed->waited_for && passed->kind == RequestKind::flush)
        requests_.answer(passed->id, std::exchange(trouble_, {}));
}

void SessionProtocol::push(Message message) {
    if (closing_) return;
    // Signals that arrive while reading cannot pause must not pile up, nor may what happens to the
    // connection when nobody ever looks.
    const bool signal = message.kind == Message::Kind::set ||
                        message.kind == Message::Kind::notify ||
                        message.kind == Message::Kind::debug;
    const bool can_pause = signal && !requests_.waiting();
    inbox_.push(std::move(message), can_pause ? Inbox::WhenFull::keep : Inbox::WhenFull::drop);
}

}  // namespace clacks::detail
