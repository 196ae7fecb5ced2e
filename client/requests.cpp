#include "client/requests.hpp"

#include <algorithm>
#include <charconv>

namespace clacks::detail {
namespace {

using protocol::Command;
using protocol::Verb;

/// A request must be possible when commands fill the queue: a flush is how one waits for room.
constexpr std::size_t headroom_bytes = 64 * 1024;

std::string barrier_text(RequestId id) { return 'c' + std::to_string(id); }

/// The inverse; nothing for what somebody else flushed.
std::optional<RequestId> barrier_id(std::string_view text) {
    if (!text.starts_with('c')) return std::nullopt;
    text.remove_prefix(1);
    RequestId id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return id;
}

/// The request's own line, without the barrier; a flush has none.
std::optional<Command> question(RequestKind kind, std::string_view name) {
    switch (kind) {
        case RequestKind::retrieve:
            return Command{.verb = Verb::retrieve, .name = name};
        case RequestKind::keys:
            return Command{.verb = Verb::key_list};
        case RequestKind::flush:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string describe(RequestKind kind, const std::string& name) {
    switch (kind) {
        case RequestKind::retrieve:
            return "RETRIEVE " + name;
        case RequestKind::keys:
            return "KEYLIST";
        case RequestKind::flush:
            return "FLUSH";
    }
    return {};
}

}  // namespace

boost::system::result<RequestId> Requests::add(RequestKind kind, std::string_view name,
                                               MonoTime deadline, Output& output) {
    const std::string barrier = barrier_text(last_id_ + 1);
    const auto asked = question(kind, name);
    if (asked) {
        if (const auto error = output.append(*asked, headroom_bytes)) return error;
        output.append_unbounded({.verb = Verb::flush, .value = barrier});
    } else if (const auto error =
                   output.append({.verb = Verb::flush, .value = barrier}, headroom_bytes)) {
        return error;
    }
    requests_.push_back({.id = ++last_id_,
                         .kind = kind,
                         .name = std::string(name),
                         .deadline = deadline,
                         .position = output.queued()});
    ++waiting_count_;
    return last_id_;
}

// The first in line, as a rule: each answer is directly followed by its barrier.
Requests::Request* Requests::unanswered(RequestKind kind, std::string_view name) {
    for (Request& r : requests_)
        if (!r.answered && r.kind == kind && r.name == name) return &r;
    return nullptr;
}

bool Requests::release(Request& request) {
    if (!request.waited_for) return false;
    request.waited_for = false;
    --waiting_count_;
    return true;
}

void Requests::fail(Request& request, Failure failure) {
    if (release(request)) answer(request.id, std::move(failure));
}

void Requests::retrieved(std::string_view name, std::optional<std::string> value) {
    Request* request = unanswered(RequestKind::retrieve, name);
    if (request == nullptr) return;
    request->answered = true;
    if (release(*request)) answers_.push_back({.request = request->id, .value = std::move(value)});
}

void Requests::key_list_start() {
    if (Request* request = unanswered(RequestKind::keys, {})) request->keys.clear();
}

void Requests::key(std::string_view name) {
    Request* request = unanswered(RequestKind::keys, {});
    if (request != nullptr && request->waited_for) request->keys.emplace_back(name);
}

void Requests::key_list_end() {
    Request* request = unanswered(RequestKind::keys, {});
    if (request == nullptr) return;
    request->answered = true;
    std::vector<std::string> keys = std::move(request->keys);
    if (release(*request)) answers_.push_back({.request = request->id, .keys = std::move(keys)});
}

std::optional<Requests::Passed> Requests::flushed(std::string_view text) {
    const auto id = barrier_id(text);
    if (!id) return std::nullopt;
    const auto request = std::find_if(requests_.begin(), requests_.end(),
                                      [&](const Request& r) { return r.id == *id; });
    if (request == requests_.end()) return std::nullopt;

    const Passed passed{request->id, request->kind, request->position, release(*request)};
    // The node keeps the order; what it skipped will not be answered.
    for (auto skipped = requests_.begin(); skipped != request; ++skipped)
        fail(*skipped, {Errc::refused, "no answer to " + describe(skipped->kind, skipped->name)});
    requests_.erase(requests_.begin(), request + 1);
    return passed;
}

void Requests::forget(RequestId id) {
    for (Request& r : requests_)
        if (r.id == id) release(r);
}

void Requests::expire(MonoTime now) {
    for (Request& r : requests_) {
        if (r.deadline > now) return;
        if (r.waited_for)
            fail(r, {Errc::timeout, "no answer to " + describe(r.kind, r.name) + " in time"});
    }
}

Output::Position Requests::lost(const Failure& why, Output::Position handed) {
    Output::Position told = 0;
    for (Request& r : requests_) {
        if (r.position > handed) break;
        r.answered = false;
        r.keys.clear();
        if (r.kind != RequestKind::flush || !r.waited_for) continue;
        told = r.position;
        fail(r, why);
    }
    std::erase_if(requests_,
                  [&](const Request& r) { return r.position <= handed && !r.waited_for; });
    return told;
}

void Requests::ask_again(Output& output) {
    for (Request& r : requests_) {
        if (r.position > output.handed()) return;
        if (const auto asked = question(r.kind, r.name)) output.put_first(*asked);
        output.put_first({.verb = Verb::flush, .value = barrier_text(r.id)});
        r.position = 0;
    }
}

void Requests::fail_all(const Failure& why) {
    for (Request& r : requests_) fail(r, why);
}

MonoTime Requests::deadline() const {
    for (const Request& r : requests_)
        if (r.waited_for) return r.deadline;
    return MonoTime::max();
}

}  // namespace clacks::detail
