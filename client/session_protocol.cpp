#include "client/session_protocol.hpp"

#include <algorithm>
#include <utility>

#include "client/arguments.hpp"
#include "client/features.hpp"
#include "protocol/credentials.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::detail {
namespace {

using protocol::Command;
using protocol::Verb;

/// Who greets us with more than this is no node.
constexpr std::size_t greeting_bytes = 4096;

/// The name as the CLACKS line can carry it.
std::string announced(std::string name) {
    for (char& c : name)
        if (c == ';' || c == '\r' || c == '\n' || c == '\0') c = '_';
    return name.empty() ? "clacks client" : name;
}

}  // namespace

SessionProtocol::SessionProtocol(const Options& options, std::string user)
    : options_(options),
      user_(std::move(user)),
      framer_(greeting_bytes),
      output_(options.line_bytes, options.output_bytes),
      requests_(options.raw_values),
      inbox_(options.received_bytes) {}

// ---- the application

error_code SessionProtocol::listen(std::string_view name) {
    if (!is_name(name)) return Errc::invalid_name;
    if (listens_.contains(name)) return {};
    if (const auto error = interest({.verb = Verb::listen, .name = name})) return error;
    listens_.emplace(name);
    ask_for_gaps();
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

error_code SessionProtocol::monitor(const MonitorFilter& filter) {
    auto text = conditions(filter);
    if (!text) return text.error();
    if (monitor_ == *text) return {};
    if (const auto error = interest({.verb = Verb::monitor, .value = *text})) return error;
    monitor_ = *std::move(text);
    return {};
}

error_code SessionProtocol::unmonitor() {
    if (!monitor_) return {};
    if (const auto error = interest({.verb = Verb::unmonitor})) return error;
    monitor_.reset();
    return {};
}

// Without a connection the next login says it. But what was queued before the loss goes out after
// that login, and must not have the last word.
error_code SessionProtocol::interest(const Command& command) {
    if (offline() && last_interest_ <= output_.handed()) return {};
    if (lacks(needed_feature(command))) return Errc::not_supported;
    if (const auto error = output_.append(command)) return error;
    last_interest_ = output_.queued();
    return {};
}

error_code SessionProtocol::queue(const Command& command) {
    if (lacks(needed_feature(command))) return Errc::not_supported;
    if (const auto error = output_.append(command)) return error;
    last_command_ = output_.queued();
    return {};
}

error_code SessionProtocol::command(Verb verb, std::string_view name, std::string_view value) {
    if (!is_name(name)) return Errc::invalid_name;
    return queue({.verb = verb, .name = name, .value = encoded(value)});
}

std::string SessionProtocol::encoded(std::string_view value) const {
    if (options_.raw_values && protocol::fits_line(value)) return std::string(value);
    return protocol::encode_value(value);
}

error_code SessionProtocol::store_yaml(std::string_view name, std::string_view yaml) {
    if (!is_name(name)) return Errc::invalid_name;
    return queue({.verb = Verb::store, .name = name, .value = protocol::encode_yaml(yaml)});
}

error_code SessionProtocol::count(Verb verb, std::string_view name, const Step& step) {
    if (!is_name(name)) return Errc::invalid_name;
    if (!is_step(step.text())) return Errc::invalid_step;
    return queue({.verb = verb, .name = name, .value = step.text()});
}

error_code SessionProtocol::store_for(std::string_view name, std::string_view value,
                                      std::chrono::microseconds lifetime) {
    if (!is_name(name)) return Errc::invalid_name;
    if (lifetime.count() <= 0) return Errc::invalid_lifetime;
    return queue({.verb = Verb::store_for,
                  .name = name,
                  .value = encoded(value),
                  .mode = seconds(lifetime)});
}

error_code SessionProtocol::store_with_flags(std::string_view name, std::string_view value,
                                             std::uint32_t flags,
                                             std::chrono::microseconds lifetime) {
    if (!is_name(name)) return Errc::invalid_name;
    if (lifetime.count() < 0) return Errc::invalid_lifetime;
    const std::string span = lifetime.count() > 0 ? seconds(lifetime) : "never";
    return queue({.verb = Verb::store_for,
                  .name = name,
                  .value = encoded(value),
                  .mode = span + ",flags:" + std::to_string(flags)});
}

error_code SessionProtocol::expire(std::string_view name, std::chrono::microseconds lifetime) {
    if (!is_name(name)) return Errc::invalid_name;
    if (lifetime.count() < 0) return Errc::invalid_lifetime;
    return queue({.verb = Verb::expire, .name = name, .value = seconds(lifetime)});
}

error_code SessionProtocol::clear_cache() { return queue({.verb = Verb::clear_cache}); }

boost::system::result<RequestId> SessionProtocol::ask(Question question, MonoTime now) {
    if (question.error) return question.error;
    if (question.verb == Verb::store_if) question.value = encoded(question.value);
    if (question.verb == Verb::listen_and_retrieve) return listen_and_ask(std::move(question), now);
    const Command line{.verb = question.verb, .name = question.name, .value = question.value};
    if (lacks(needed_feature(line))) return Errc::not_supported;
    return requests_.add(std::move(question), now + options_.reply_timeout, output_);
}

/// LISTEN and RETRIEVE in one line, or where the node may not know that, in two: executed in this
/// order they miss nothing either.
boost::system::result<RequestId> SessionProtocol::listen_and_ask(Question question, MonoTime now) {
    std::string name = question.name;
    const bool in_one = features_ && !lacks(needed_feature({.verb = question.verb}));
    if (!in_one) {
        question.verb = Verb::retrieve;
        if (const auto error = listen(name)) return error;
    }
    const auto id = requests_.add(std::move(question), now + options_.reply_timeout, output_);
    if (id && in_one) {
        listens_.insert(std::move(name));
        last_interest_ = output_.queued();
        ask_for_gaps();
    }
    return id;
}

/// Who is too slow for what it listens to is told what it misses, instead of losing its connection.
void SessionProtocol::ask_for_gaps() {
    if (gaps_asked_ || listens_.empty() || !features_ || !features_->contains("gaps")) return;
    gaps_asked_ = true;
    output_.put_first({.verb = Verb::gaps, .value = "1"});
}

/// What is not known yet is tried.
bool SessionProtocol::lacks(std::string_view feature) const {
    return !feature.empty() && features_ && !features_->contains(feature);
}

void SessionProtocol::close() {
    closing_ = true;
    output_.append_unbounded({.verb = Verb::quit});
}

// ---- the network

void SessionProtocol::connected(MonoTime now, FirstFlight first_flight) {
    phase_ = Phase::greeting;
    first_flight_ = first_flight;
    turned_away_ = false;
    framer_ = protocol::LineFramer(greeting_bytes);
    login_deadline_ = now + options_.login_timeout;
    heard_ = now;
    refusals_ = {};
    features_.reset();
    gaps_asked_ = false;

    const std::string token = protocol::encode_token({user_, options_.password});
    output_.put_first({.verb = Verb::clacks, .value = announced(options_.client_name)});
    output_.put_first({.verb = Verb::overhead, .value = token, .flags = protocol::Flags("A")});
    output_.put_first({.verb = Verb::features});
    output_.put_first({.verb = Verb::flush, .value = features_barrier});
    for (const std::string& name : listens_)
        output_.put_first({.verb = Verb::listen, .name = name});
    if (monitor_) output_.put_first({.verb = Verb::monitor, .value = *monitor_});
    requests_.ask_again(output_);
}

void SessionProtocol::disconnected(const Failure& why) {
    const bool was_ready = std::exchange(phase_, Phase::offline) == Phase::ready;
    output_.drop_first();
    if (turned_away_)
        login_refused();
    else
        login_heard();
    if (refusals_.count != 0 && !trouble_) trouble_ = refusal(refusals_.first);
    refusals_ = {};
    features_.reset();

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
        if (phase_ == Phase::greeting)
            return {Errc::no_greeting, "connected, but no greeting came"};
        return {Errc::timeout, "no answer to the login"};
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
    using Queued = Output::Queued;
    if (!sending()) return output_.take(out, Queued::stay);
    output_.take(out, ready() ? Queued::go : Queued::go_with_login);
    (ready() ? handed_command_ : tried_command_) = last_command_;
}

void SessionProtocol::login_heard() {
    output_.login_heard();
    handed_command_ = std::max(handed_command_, std::exchange(tried_command_, 0));
}

void SessionProtocol::login_refused() {
    output_.login_refused();
    tried_command_ = 0;
}

}  // namespace clacks::detail
