#include "server/net/worker.hpp"

#include <pthread.h>
#include <sys/prctl.h>

#include <exception>
#include <utility>

namespace clacks::net {

namespace {

/// One read of a busy connection. Measured: from 64 KiB on the system call is lost in the noise.
constexpr std::size_t read_bytes = 128U << 10U;

/// So many ready handlers make a turn, at most: nobody's output waits for ever.
constexpr int most_handlers_a_turn = 64;

/// A turn that has taken in or given out so much is over when its present line is: some
/// milliseconds. Without it a flood to thousands of listeners is held in memory, and nobody is
/// served, until all that has come in has been executed.
constexpr std::uint64_t most_received_a_turn = 1U << 20U;
constexpr std::uint64_t most_sent_a_turn = 4U << 20U;

/// What is not urgent waits no longer to be written together with what comes behind it.
constexpr std::chrono::milliseconds longest_soon{1};

thread_local Worker* worker_of_thread = nullptr;

/// Linux lets a thread sleep up to 50 us longer than asked, unless told that this is not wanted.
void make_sleep_exact() { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

}  // namespace

Worker::Worker(unsigned index, node::Node& node, Shared& shared, node::Log& log, Clock clock,
               std::chrono::microseconds gather,
               std::function<void(std::chrono::seconds)> shut_down)
    : index_(index),
      node_(node),
      shared_(shared),
      log_(log),
      clock_(clock),
      gathering_(gather),
      shut_down_(std::move(shut_down)),
      work_(boost::asio::make_work_guard(context_)),
      errand_(context_),
      timer_(context_),
      turn_{.worker = index, .now = clock.now(), .outbox = *this, .scratch = {}},
      network_bytes_(read_bytes),
      plain_bytes_(read_bytes),
      soon_timer_(context_) {}

Worker::~Worker() {
    stop();
    join();
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() { context_.stop(); }

void Worker::join() {
    if (thread_.joinable()) thread_.join();
}

Worker& Worker::current() { return *worker_of_thread; }

void Worker::run() {
    worker_of_thread = this;
    ::pthread_setname_np(::pthread_self(), ("worker " + std::to_string(index_)).c_str());
    make_sleep_exact();
    while (!context_.stopped()) {
        if (context_.run_one() == 0) break;
        run_ready();
        gather();
        end_turn();
    }
    to_flush_soon_.clear();  // some may belong to workers that end before this one is destroyed
}

void Worker::run_ready() {
    for (int i = 1; i < most_handlers_a_turn && !turn_is_full() && context_.poll_one() > 0; ++i) {
    }
}

/// The thread sleeps while it waits: what comes meanwhile gathers in the sockets, and is read at
/// once as well.
void Worker::gather() {
    if (to_flush_.empty()) return;
    const auto wait = gathering_.wait(clock_.now().mono, to_flush_.size(), sent_in_turn());
    if (wait == wait.zero()) return;
    std::this_thread::sleep_for(wait);
    turn_begun_ = false;  // what comes now has come later
    run_ready();
    gathering_.gathered(clock_.now().mono, sent_in_turn());
}

bool Worker::turn_is_full() const {
    return sent_in_turn() >= most_sent_a_turn || received_in_turn_ >= most_received_a_turn;
}

node::Turn& Worker::turn() {
    if (!std::exchange(turn_begun_, true)) turn_.now = clock_.now();
    return turn_;
}

void Worker::end_turn() {
    // Ending one may give output to another, and writing to one may end it.
    do {
        node_.send_mirrored(turn_);
        end_sessions();
        do_work();
        node_.end_turn(turn_);
        flush_those_of_soon();
        flush_sessions();
    } while (!to_end_.empty());
    const bool has_errand = errand_.go_on();  // nobody's answer waits for it
    // The next turn comes, whatever the others do.
    if (!working_.empty() || !to_flush_.empty() || has_errand) post([] {});
    if (const auto change = pool_.take_change(); change != 0) {
        shared_.waiting_bytes.fetch_add(change, std::memory_order_relaxed);
    }
    turn_begun_ = false;
    sent_before_turn_ = sent_bytes_;
    received_in_turn_ = 0;
}

void Worker::end_sessions() {
    while (!to_end_.empty()) {
        const auto ending = std::exchange(to_end_, {});
        for (const auto& session : ending) session->end();
    }
}

/// In turns, as far as this one still has room; one at least.
void Worker::do_work() {
    const auto working = std::exchange(working_, {});  // work may give work to another session
    std::vector<SessionPtr> again;
    std::size_t i = 0;
    for (; i < working.size() && (i == 0 || !turn_is_full()); ++i) {
        if (working[i]->work()) again.push_back(working[i]);
    }
    working_.insert(working_.begin(), working.begin() + static_cast<std::ptrdiff_t>(i),
                    working.end());
    working_.insert(working_.end(), again.begin(), again.end());
}

/// What gets output meanwhile is flushed in the next turn: this ends, however much that is.
void Worker::flush_sessions() {
    flushing_.swap(to_flush_);
    for (const auto& session : flushing_) session->flush(*this);
    flushing_.clear();
}

void Worker::send(node::Peer& to, std::string_view lines) {
    if (node::Node::is_mirrored_to(to, turn_)) node_.send_mirrored(turn_);
    auto& session = static_cast<Session&>(to);
    sent_bytes_ += lines.size();
    switch (session.output().append(lines, node_.settings().limits.output_bytes, pool_)) {
        case Output::Append::first:
            return flush_later(session);
        case Output::Append::full:
            return session.close(node::CloseReason::slow_consumer);
        case Output::Append::soon:
            return flush_soon(session);
        case Output::Append::queued:
        case Output::Append::closed:
            return;
    }
}

bool Worker::offer(node::Peer& to, std::string_view lines, std::size_t most_waiting) {
    auto& session = static_cast<Session&>(to);
    const auto appended = session.output().append_if_room(lines, most_waiting, pool_);
    if (appended) sent_bytes_ += lines.size();
    if (appended == Output::Append::first) flush_later(session);
    if (appended == Output::Append::soon) flush_soon(session);
    return appended.has_value();
}

void Worker::close(node::Peer& peer, node::CloseReason reason) {
    static_cast<Session&>(peer).close(reason);
}

void Worker::work(node::Peer& peer) {
    auto& session = static_cast<Session&>(peer);
    session.worker().post([session = SessionPtr(&session)] { session->ask_for_work(); });
}

bool Worker::check_password(node::Peer& peer, std::string hash, std::string given) {
    const SessionPtr session(&static_cast<Session&>(peer));
    return shared_.passwords.add(
        {.hash = std::move(hash),
         .given = std::move(given),
         .has_gone = [session] { return session->is_ending(); },
         .is_heard =
             [session, this] {
                 return session->is_uplink ||
                        node_.login_guard().is_heard(session->host, session->login_attempt,
                                                     clock_.now().mono);
             },
         .answer =
             [session](std::optional<bool> fits) {
                 session->worker().post([session, fits] { session->password_checked(fits); });
             }});
}

std::size_t Worker::waiting_bytes() const {
    const auto sum = shared_.waiting_bytes.load(std::memory_order_relaxed);
    return sum > 0 ? static_cast<std::size_t>(sum) : 0;  // who has written it may tell us first
}

void Worker::add(SessionPtr session) {
    session->place = sessions_.size();
    if (drained_) session->close(node::CloseReason::shutting_down);
    sessions_.push_back(std::move(session));
}

void Worker::remove(Session& session) {
    if (session.due_hook.is_linked()) by_due_.erase(by_due_.iterator_to(session));
    std::erase_if(working_, [&](const SessionPtr& other) { return other.get() == &session; });
    sessions_.back()->place = session.place;
    std::swap(sessions_[session.place], sessions_.back());
    const SessionPtr last_reference = std::move(sessions_.back());
    sessions_.pop_back();
    session_count_.fetch_sub(1, std::memory_order_relaxed);
    if (drained_ && sessions_.empty()) drained_();
}

void Worker::drain(std::function<void()> drained) {
    post([this, drained = std::move(drained)]() mutable {
        drained_ = std::move(drained);
        if (sessions_.empty()) return drained_();
        for (const auto& session : sessions_) session->close(node::CloseReason::shutting_down);
    });
}

void Worker::settings_changed() {
    for (const auto& session : sessions_) session->settings_changed();
}

void Worker::schedule(Session& session, MonoTime due) {
    if (session.due_hook.is_linked()) {
        if (session.due == due) return;
        by_due_.erase(by_due_.iterator_to(session));
    }
    session.due = due;
    if (due == MonoTime::max()) return;
    by_due_.insert(session);
    arm_timer();
}

void Worker::arm_timer() {
    if (by_due_.empty() || by_due_.begin()->due >= timer_due_) return;
    timer_due_ = by_due_.begin()->due;
    timer_.expires_at(timer_due_);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) on_timer();
    });
}

void Worker::on_timer() {
    timer_due_ = MonoTime::max();
    const MonoTime now = turn().now.mono;
    while (!by_due_.empty() && by_due_.begin()->due <= now) {
        const SessionPtr session(&*by_due_.begin());
        by_due_.erase(by_due_.begin());
        session->on_deadline();  // schedules itself again
    }
    arm_timer();
}

void Worker::flush_later(Session& session) { to_flush_.emplace_back(&session); }

void Worker::flush_soon(Session& session) { to_flush_soon_.emplace_back(&session); }

/// After silence nothing waits.
void Worker::flush_those_of_soon() {
    if (to_flush_soon_.empty()) return;
    const MonoTime now = turn().now.mono;
    const MonoTime due = flushed_soon_ + longest_soon;
    if (now >= due) {
        flushed_soon_ = now;
        std::move(to_flush_soon_.begin(), to_flush_soon_.end(), std::back_inserter(to_flush_));
        to_flush_soon_.clear();
    } else if (!std::exchange(soon_timer_runs_, true)) {
        soon_timer_.expires_at(due);
        soon_timer_.async_wait([this](boost::system::error_code) { soon_timer_runs_ = false; });
    }
}

void Worker::end_later(Session& session) { to_end_.emplace_back(&session); }

void Worker::work_later(Session& session) { working_.emplace_back(&session); }

}  // namespace clacks::net
