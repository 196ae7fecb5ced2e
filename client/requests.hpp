#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "clacks/detail/question.hpp"
#include "client/answer.hpp"
#include "client/failure.hpp"
#include "client/output.hpp"
#include "protocol/time.hpp"

namespace clacks::detail {

/// The requests on their way, and which answer is whose.
///
/// Answers come in the order of the requests. A refusal (`OVERHEAD E`) names no request, so each
/// request is followed by a barrier of its own, `FLUSH <id>`: when `FLUSHED <id>` is there and the
/// answer is not, the request was refused. For a flush the barrier is the request.
/// A request nobody waits for any more stays until its barrier, or its late answer would be taken
/// for that of the next request for the same name.
class Requests {
public:
    /// `raw_values`: values in answers stay as they stand on the line.
    explicit Requests(bool raw_values = false) : raw_values_(raw_values) {}

    /// Queues the lines of a new request; an error leaves nothing behind. See Output::append.
    boost::system::result<RequestId> add(Question question, MonoTime deadline, Output& output);

    /// A line of the node that may be (part of) an answer. One that nobody asked for is nothing.
    void heard(const protocol::Command& line);

    /// A request whose barrier has passed.
    struct Passed {
        RequestId id;
        bool flush;
        Output::Position position;  ///< everything up to here was executed
        bool refused;               ///< the node gave no answer
        bool waited_for;            ///< by somebody whom the owner answers
    };
    /// `text` is that of FLUSHED. Nothing if it is none of ours.
    std::optional<Passed> flushed(std::string_view text);
    void answer(RequestId id, Failure failure) { answers_.push_back({id, std::move(failure)}); }

    /// Nobody waits for this one any more.
    void forget(RequestId id);

    /// Fails those whose deadline has come.
    void expire(MonoTime now);

    /// The connection is lost, with everything up to `handed` on the way. What was there and must
    /// not be done twice, a flush or a write, fails with `why`; the rest waits for ask_again.
    /// Returns the position of the last such flush: the loss of what stood before it is told.
    Output::Position lost(const Failure& why, Output::Position handed);
    /// Puts what was on the way when the connection was lost in front of all other output.
    void ask_again(Output& output);

    /// Fails everything that somebody waits for, or only that for which `why` has a reason.
    void fail_all(const Failure& why);
    void fail_some(const std::function<Failure(const Question&)>& why);

    /// The next call of expire that has something to do.
    MonoTime deadline() const;
    /// True while somebody waits for an answer.
    bool waiting() const { return waiting_count_ != 0; }

    /// What was answered since the last call.
    std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

private:
    struct Request {
        RequestId id;
        Question question;
        MonoTime deadline;
        Output::Position position;  ///< behind its barrier
        bool waited_for = true;     ///< the application has no answer yet
        bool answered = false;      ///< the node has answered
        std::vector<Reply> replies = {};
        std::size_t next_name = 0;  ///< of many: where in the value the next one begins
    };

    /// Whether `line` is part of the answer to `request`, which keeps what it needs of it.
    bool take(Request& request, const protocol::Command& line) const;
    bool take_one_of_many(Request& request, const protocol::Command& line) const;
    std::optional<Reply> single(protocol::Verb asked, std::string_view name,
                                const protocol::Command& line) const;
    std::string value_of(const protocol::Command& line) const;
    static void keep(Request& request, Reply reply);

    /// Stops waiting for `request`; true if somebody did.
    bool release(Request& request);
    void fail(Request& request, Failure failure);

    bool raw_values_;
    std::deque<Request> requests_;  // in the order of their ids, of their lines and their deadlines
    std::vector<Answer> answers_;
    RequestId last_id_ = 0;
    std::size_t waiting_count_ = 0;
};

}  // namespace clacks::detail
