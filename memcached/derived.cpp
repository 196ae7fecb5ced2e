// How the operations of Derived take turns, and those that read.
#include "memcached/derived.hpp"

#include <utility>

#include "memcached/plan.hpp"

namespace clacks::memcached {
namespace {

Result result_of(const Verdict& verdict) {
    switch (verdict.kind) {
        case Verdict::Kind::reject:
            return {.outcome = Outcome::rejected, .message = verdict.message};
        case Verdict::Kind::fatal:
            return {.outcome = Outcome::failed, .message = verdict.message};
        default:
            return {};
    }
}

}  // namespace

Derived::Derived(Handlers handlers, Options options)
    : handlers_(std::move(handlers)), options_(options) {}

void Derived::begin(Receiver& to) {
    const auto connection = std::make_shared<Connection>();
    connection->receiver = &to;
    connections_[&to] = connection;
    if (!handlers_.begin) {
        connection->begun = true;
        return to.take({});
    }
    handlers_.begin(connection->client, [this, connection](const Verdict& verdict) {
        connection->begun = verdict.kind == Verdict::Kind::ok;
        const Outcome outcome = connection->begun ? Outcome::done : Outcome::failed;
        if (connection->receiver) return connection->receiver->take({.outcome = outcome});
        // It has left while it waited to be let in.
        if (connection->begun && handlers_.end) handlers_.end(connection->client);
    });
}

void Derived::forget(Receiver& to) noexcept {
    const auto found = connections_.find(&to);
    if (found == connections_.end()) return;
    const auto connection = std::move(found->second);
    connections_.erase(found);
    connection->receiver = nullptr;
    if (connection->begun && handlers_.end) handlers_.end(connection->client);
}

template <class Operation>
void Derived::submit(const Operation& operation, std::string_view value, WallTime now,
                     Receiver& to) {
    const auto job = std::make_shared<Job>(Job{.connection = connections_.at(&to),
                                               .key = std::string(operation.key),
                                               .value = std::string(value),
                                               .what = operation,
                                               .now = now});
    const auto go_on = [this, job] {
        const auto [place, is_free] = busy_.try_emplace(job->key);
        if (is_free) return start(job);
        place->second.push_back(job);
    };
    if (now < flush_at_) return go_on();
    flush_at_ = never;
    flush(job->connection, [go_on](const Verdict&) { go_on(); });
}

void Derived::fetch(const Fetch& fetch, WallTime now, Receiver& to) { submit(fetch, {}, now, to); }
void Derived::store(const Store& store, WallTime now, Receiver& to) {
    submit(store, store.value, now, to);
}
void Derived::remove(const Remove& remove, WallTime now, Receiver& to) {
    submit(remove, {}, now, to);
}
void Derived::change(const Arithmetic& arithmetic, WallTime now, Receiver& to) {
    submit(arithmetic, {}, now, to);
}

void Derived::flush_all(WallTime at, WallTime now, Receiver& to) {
    if (at > now) {
        flush_at_ = at;
        return to.take({});
    }
    flush_at_ = never;
    const auto connection = connections_.at(&to);
    flush(connection, [connection](const Verdict& verdict) {
        if (connection->receiver) connection->receiver->take(result_of(verdict));
    });
}

void Derived::flush(const std::shared_ptr<Connection>& connection,
                    std::function<void(Verdict)> then) {
    if (!handlers_.flush_all) return then(Verdict::reject("flush_all is not offered"));
    handlers_.flush_all(connection->client, [this, then = std::move(then)](Verdict verdict) {
        if (verdict.kind == Verdict::Kind::ok) states_.clear();
        then(std::move(verdict));
    });
}

/// The handler hears of what has expired when somebody comes by.
void Derived::start(const JobPointer& job) {
    const auto found = states_.find(job->key);
    if (found == states_.end() || job->now < found->second.expires) return run(job);
    states_.erase(found);
    job->expired = true;
    if (!handlers_.remove) return run(job);
    handlers_.remove(job->connection->client, job->key, [this, job](bool) { run(job); });
}

void Derived::run(const JobPointer& job) {
    if (auto* const store = std::get_if<Store>(&job->what)) store->value = job->value;
    std::visit([&](const auto& what) { perform(job, what); }, job->what);
}

void Derived::finish(const JobPointer& job, const Result& result) {
    // First the next: who is answered may ask, or go.
    const auto busy = busy_.find(job->key);
    JobPointer next;
    if (busy->second.empty()) {
        busy_.erase(busy);
    } else {
        next = std::move(busy->second.front());
        busy->second.pop_front();
    }
    if (job->connection->receiver) job->connection->receiver->take(result);
    if (next) start(next);
}

void Derived::perform(const JobPointer& job, const Fetch& fetch) {
    if (!may_be_there(job->key)) return found(job, fetch, std::nullopt);
    get(job, [this, job, &fetch](const Value& value) { found(job, fetch, value); });
}

void Derived::found(const JobPointer& job, const Fetch& fetch, const Value& value) {
    if (!value) {
        return fetch.vivify ? vivify(job, fetch) : finish(job, missing(*job));
    }
    Item answer = item(job->key, *value);
    if (State* const state = kept(job->key)) {
        if (fetch.expires) answer.expires = state->expires = *fetch.expires;
        answer.won = wins_token(fetch, answer);
        state->token_sent = state->token_sent || answer.won;
        if (fetch.counts_as_access) {
            state->accessed = job->now;
            state->fetched = true;
        }
    }
    finish(job, {.item = answer});
}

void Derived::vivify(const JobPointer& job, const Fetch& fetch) {
    set(job, {.value = {}, .flags = 0, .expires = *fetch.vivify}, [this, job, &fetch] {
        if (State* const state = kept(job->key)) {
            state->token_sent = true;
            if (fetch.new_cas) state->cas = *fetch.new_cas;
        }
        Item answer = item(job->key, {});
        answer.expired_before = never;
        answer.created = answer.won = true;
        answer.token_sent = false;
        finish(job, {.item = answer});
    });
}

}  // namespace clacks::memcached
