#include "client/requests.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace clacks::detail {
namespace {

using protocol::Command;
using protocol::Verb;

/// A request must be possible when commands fill the queue: a flush is how one waits for room.
constexpr std::size_t headroom_bytes = std::size_t{64} * 1024;

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

bool is_flush(const Question& question) { return question.verb == Verb::flush; }

/// Whether it may be asked again when nobody knows if it was executed.
bool may_repeat(const Question& question) {
    return !is_flush(question) &&
           protocol::info(question.verb).permission != protocol::Permission::write;
}

/// The request's own line, without the barrier. A flush has none.
Command line_of(const Question& question) {
    return {.verb = question.verb,
            .name = question.name,
            .value = question.value,
            .mode = question.mode};
}

/// As a person wants to see it: without its value.
std::string describe(const Question& question) {
    std::string text(protocol::info(question.verb).word);
    return question.name.empty() ? text : text + ' ' + question.name;
}

}  // namespace

boost::system::result<RequestId> Requests::add(Question question, MonoTime deadline,
                                               Output& output) {
    const std::string barrier = barrier_text(last_id_ + 1);
    const bool flush = is_flush(question);
    const Command first =
        flush ? Command{.verb = Verb::flush, .value = barrier} : line_of(question);
    if (const auto error = output.append(first, headroom_bytes)) return error;
    if (!flush) output.append_unbounded({.verb = Verb::flush, .value = barrier});
    requests_.push_back({.id = ++last_id_,
                         .question = std::move(question),
                         .deadline = deadline,
                         .position = output.queued()});
    ++waiting_count_;
    return last_id_;
}

// The first in line, as a rule: each answer is directly followed by its barrier.
void Requests::heard(const Command& line) {
    const auto request = std::find_if(requests_.begin(), requests_.end(),
                                      [&](Request& r) { return !r.answered && take(r, line); });
    if (request == requests_.end() || !request->answered || !release(*request)) return;
    answers_.push_back({.request = request->id, .replies = std::move(request->replies)});
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

std::optional<Requests::Passed> Requests::flushed(std::string_view text) {
    const auto id = barrier_id(text);
    if (!id) return std::nullopt;
    const auto request = std::find_if(requests_.begin(), requests_.end(),
                                      [&](const Request& r) { return r.id == *id; });
    if (request == requests_.end()) return std::nullopt;

    const bool flush = is_flush(request->question);
    const Passed passed{request->id, flush, request->position, !flush && !request->answered,
                        release(*request)};
    // The node keeps the order; what it skipped will not be answered.
    for (auto skipped = requests_.begin(); skipped != request; ++skipped)
        fail(*skipped, {Errc::refused, "no answer to " + describe(skipped->question)});
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
            fail(r, {Errc::timeout, "no answer to " + describe(r.question) + " in time"});
    }
}

Output::Position Requests::lost(const Failure& why, Output::Position handed) {
    Output::Position told = 0;
    for (Request& r : requests_) {
        if (r.position > handed) break;
        r.answered = false;
        r.replies.clear();
        r.next_name = 0;
        if (may_repeat(r.question) || !r.waited_for) continue;
        if (is_flush(r.question)) told = r.position;
        fail(r, why);
    }
    std::erase_if(requests_,
                  [&](const Request& r) { return r.position <= handed && !r.waited_for; });
    return told;
}

void Requests::ask_again(Output& output) {
    for (Request& r : requests_) {
        if (r.position > output.handed()) return;
        // The listen goes with the login, and this way a node without the extension answers, too.
        if (r.question.verb == Verb::listen_and_retrieve) r.question.verb = Verb::retrieve;
        if (!is_flush(r.question)) output.put_first(line_of(r.question));
        output.put_first({.verb = Verb::flush, .value = barrier_text(r.id)});
        r.position = 0;
    }
}

void Requests::fail_all(const Failure& why) {
    for (Request& r : requests_) fail(r, why);
}

void Requests::fail_some(const std::function<Failure(const Question&)>& why) {
    for (Request& r : requests_) {
        if (!r.waited_for) continue;
        if (Failure failure = why(r.question)) fail(r, std::move(failure));
    }
}

MonoTime Requests::deadline() const {
    for (const Request& r : requests_)
        if (r.waited_for) return r.deadline;
    return MonoTime::max();
}

}  // namespace clacks::detail
