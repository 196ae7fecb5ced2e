#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/failure.hpp"
#include "client/output.hpp"
#include "protocol/time.hpp"

namespace clacks::detail {

/// Names one request for the life of a client.
using RequestId = std::uint64_t;

enum class RequestKind : std::uint8_t { retrieve, keys, flush };

/// What became of a request.
struct Answer {
    RequestId request = 0;
    Failure failure = {};
    std::optional<std::string> value = {};  ///< retrieve
    std::vector<std::string> keys = {};     ///< keys
};

/// The requests on their way, and which answer is whose.
///
/// Answers come in the order of the requests. A refusal (`OVERHEAD E`) names no request, so each
/// request is followed by a barrier of its own, `FLUSH <id>`: when `FLUSHED <id>` is there and the
/// answer is not, the request was refused. For a flush the barrier is the request.
/// A request nobody waits for any more stays until its barrier, or its late answer would be taken
/// for that of the next request for the same name.
class Requests {
public:
    /// Queues the lines of a new request; an error leaves nothing behind. See Output::append.
    boost::system::result<RequestId> add(RequestKind kind, std::string_view name, MonoTime deadline,
                                         Output& output);

    // Answers of the node. One that nobody asked for is nothing.

    void retrieved(std::string_view name, std::optional<std::string> value);
    void key_list_start();
    void key(std::string_view name);
    void key_list_end();

    /// A request whose barrier has passed.
    struct Passed {
        RequestId id;
        RequestKind kind;
        Output::Position position;  ///< everything up to here was executed
        bool waited_for;            ///< and not answered: the owner answers it
    };
    /// `text` is that of FLUSHED. Nothing if it is none of ours.
    std::optional<Passed> flushed(std::string_view text);
    void answer(RequestId id, Failure failure) { answers_.push_back({id, std::move(failure)}); }

    /// Nobody waits for this one any more.
    void forget(RequestId id);

    /// Fails those whose deadline has come.
    void expire(MonoTime now);

    /// The connection is lost, with everything up to `handed` on the way. A flush that was there
    /// fails with `why`; the rest waits for ask_again. Returns the position of the last such flush:
    /// the loss of what stood before it is told.
    Output::Position lost(const Failure& why, Output::Position handed);
    /// Puts what was on the way when the connection was lost in front of all other output.
    void ask_again(Output& output);

    /// Fails everything that somebody waits for.
    void fail_all(const Failure& why);

    /// The next call of expire that has something to do.
    MonoTime deadline() const;
    /// True while somebody waits for an answer.
    bool waiting() const { return waiting_count_ != 0; }

    /// What was answered since the last call.
    std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

private:
    struct Request {
        RequestId id;
        RequestKind kind;
        std::string name;
        MonoTime deadline;
        Output::Position position;  ///< behind its barrier
        bool waited_for = true;     ///< the application has no answer yet
        bool answered = false;      ///< the node has answered
        std::vector<std::string> keys = {};
    };

    Request* unanswered(RequestKind kind, std::string_view name);
    /// Stops waiting for `request`; true if somebody did.
    bool release(Request& request);
    void fail(Request& request, Failure failure);

    std::deque<Request> requests_;  // in the order of their ids, of their lines and their deadlines
    std::vector<Answer> answers_;
    RequestId last_id_ = 0;
    std::size_t waiting_count_ = 0;
};

}  // namespace clacks::detail
