#include "client/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

// What any thread may call, and the handlers. The sockets: connection_run.cpp.
namespace clacks::detail {

namespace asio = boost::asio;

namespace {

std::string user_of(const Options& options, const boost::system::result<Url>& url) {
    return options.user.empty() && url ? url->user : options.user;
}

}  // namespace

Connection::Connection(asio::any_io_executor executor, Options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      url_(parse_url(options_.url)),
      strand_(asio::make_strand(executor_)),
      session_(options_, user_of(options_, url_)),
      output_ready_(strand_),
      input_wanted_(strand_),
      timer_(strand_),
      patience_(strand_),
      random_(std::random_device()()) {}

bool Connection::ready() const {
    const std::lock_guard lock(mutex_);
    return session_.ready();
}

std::string Connection::diagnostic() const {
    const std::lock_guard lock(mutex_);
    return diagnostic_;
}

Features Connection::features() const {
    const std::lock_guard lock(mutex_);
    return session_.features();
}

void Connection::connect(ConnectDone done) {
    const std::lock_guard lock(mutex_);
    if (closing_) return std::move(done)(Errc::closed);
    if (running_) return std::move(done)(Errc::already_connected);

    Failure unusable;
    if (!url_) {
        // What may hold a password is not repeated.
        const bool secret = options_.url.find('@') != std::string::npos;
        unusable = {url_.error(), (secret ? "" : options_.url + ": ") + url_.error().message()};
    } else if (url_->tls) {
        unusable = tls_.configure(options_);
    }
    if (unusable) {
        diagnostic_ = unusable.text;
        connecting_.emplace(std::move(done));
        return end(unusable);
    }

    running_ = true;
    abandoned_ = false;
    ended_ = {};
    done.on_cancel([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->cancel_connect();
    });
    connecting_.emplace(std::move(done));
    asio::post(strand_, [self = shared_from_this()] { self->start(); });
}

// The handler is called when run() has ended, so that a new connect finds the way free.
void Connection::cancel_connect() {
    asio::post(strand_, [self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            if (!self->connecting_) return;
            self->abandoned_ = true;
        }
        self->drop({asio::error::operation_aborted, "cancelled"});
    });
}

void Connection::close() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closing_, true)) return;
    session_.close();
    end({Errc::closed, "the client is closed"});
    asio::post(strand_, [self = shared_from_this()] { self->on_close(); });
}

/// Nothing is taken from here on: whatever waits is told why.
void Connection::end(const Failure& why) {
    ended_ = why;
    session_.fail_requests(why);
    deliver();
    if (connecting_) std::move (*connecting_)(why.error);
    connecting_.reset();
    for (auto& [id, done] : receivers_) std::move(done)(why.error, Message());
    receivers_.clear();
}

// ---- requests

void Connection::ask(Question question, std::unique_ptr<Waiting> waiting) {
    const std::lock_guard lock(mutex_);
    const auto fail = [&](const Failure& why) {
        diagnostic_ = why.text;
        Answer answer{.failure = why};
        waiting->answer(answer);
    };
    if (ended_) return fail(ended_);
    const auto id = session_.ask(std::move(question), std::chrono::steady_clock::now());
    if (!id) return fail({id.error(), id.error().message()});

    waiting->on_cancel([weak = weak_from_this(), id = *id] {
        if (const auto self = weak.lock()) self->cancel_request(id);
    });
    requests_.emplace(*id, std::move(waiting));
    wake();
}

void Connection::cancel_request(RequestId id) {
    const std::lock_guard lock(mutex_);
    session_.forget(id);
    auto request = requests_.extract(id);
    if (request.empty()) return;
    Answer cancelled{.request = id, .failure = {asio::error::operation_aborted, "cancelled"}};
    request.mapped()->answer(cancelled);
}

// ---- messages

void Connection::receive(ReceiveDone done) {
    const std::lock_guard lock(mutex_);
    if (!session_.inbox().empty()) return std::move(done)({}, take_message());
    if (ended_) return std::move(done)(ended_.error, {});
    done.on_cancel([weak = weak_from_this(), id = ++last_receiver_] {
        if (const auto self = weak.lock()) self->cancel_receive(id);
    });
    receivers_.emplace(last_receiver_, std::move(done));
}

std::optional<Message> Connection::try_receive() {
    const std::lock_guard lock(mutex_);
    if (session_.inbox().empty()) return std::nullopt;
    return take_message();
}

Message Connection::take_message() {
    Message message = session_.inbox().pop();
    wake();
    return message;
}

void Connection::cancel_receive(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    auto receiver = receivers_.extract(id);
    if (!receiver.empty()) std::move(receiver.mapped())(asio::error::operation_aborted, {});
}

// ---- between the session and its surroundings

/// Hands what the session has for the application to whoever waits for it.
void Connection::deliver() {
    for (Answer& answer : session_.take_answers()) {
        auto request = requests_.extract(answer.request);
        if (request.empty()) continue;
        if (answer.failure) diagnostic_ = answer.failure.text;
        request.mapped()->answer(answer);
    }
    while (!receivers_.empty() && !session_.inbox().empty()) {
        auto first = receivers_.extract(receivers_.begin());
        std::move(first.mapped())({}, take_message());
    }
}

/// Tells the strand when the session needs it: once for a burst of commands, and not at all while
/// a write is in progress, because its end looks for more.
void Connection::wake() {
    const bool needed = (writer_idle_ && session_.has_output()) ||
                        (reader_paused_ && session_.wants_input()) || session_.deadline() < armed_;
    if (!needed || std::exchange(wake_posted_, true)) return;
    asio::post(strand_, [self = shared_from_this()] { self->on_wake(); });
}

}  // namespace clacks::detail
