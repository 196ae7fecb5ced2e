// What Derived keeps of keys, and how it asks the handlers.
#include <utility>

#include "memcached/derived.hpp"

namespace clacks::memcached {

bool Derived::may_be_there(std::string_view key) const {
    return options_.raw || states_.contains(std::string(key));
}

Derived::State* Derived::kept(const std::string& key) {
    const auto found = states_.find(key);
    return found == states_.end() ? nullptr : &found->second;
}

Item Derived::item(const std::string& key, std::string_view value) const {
    Item item{.value = value};
    const auto found = states_.find(key);
    if (found == states_.end()) return item;
    const State& kept = found->second;
    item.flags = kept.flags;
    item.cas = kept.cas;
    item.expired_before = item.expires = kept.expires;
    item.accessed = kept.accessed;
    item.fetched = kept.fetched;
    item.stale = kept.stale;
    item.token_sent = kept.token_sent;
    return item;
}

Result Derived::missing(const Job& job) const {
    return {.outcome = Outcome::not_found, .expired = job.expired};
}

void Derived::get(const JobPointer& job, std::function<void(Value)> then) {
    if (!handlers_.get) return then(std::nullopt);
    handlers_.get(job->connection->client, job->key,
                  [this, job, then = std::move(then)](Value value) {
                      if (!value) states_.erase(job->key);  // the handler has lost it
                      then(std::move(value));
                  });
}

void Derived::find(const JobPointer& job, std::function<void(bool)> then) {
    if (!handlers_.find) {
        return get(job, [then = std::move(then)](const Value& value) { then(value.has_value()); });
    }
    handlers_.find(job->connection->client, job->key, [this, job, then = std::move(then)](bool is) {
        if (!is) states_.erase(job->key);
        then(is);
    });
}

void Derived::set(const JobPointer& job, const NewValue& value, std::function<void()> then) {
    if (!handlers_.set) {
        return finish(job, {.outcome = Outcome::rejected, .message = "nothing is stored here"});
    }
    const auto flags = value.flags;
    const auto expires = value.expires;
    handlers_.set(job->connection->client, job->key, value,
                  [this, job, flags, expires, then = std::move(then)](const Verdict& verdict) {
                      if (verdict.kind != Verdict::Kind::ok) {
                          const bool ends = verdict.kind == Verdict::Kind::fatal;
                          return finish(job, {.outcome = ends ? Outcome::failed : Outcome::rejected,
                                              .message = verdict.message});
                      }
                      if (!options_.raw) {
                          State& state = states_[job->key];
                          state.cas = ++last_cas_;
                          state.accessed = job->now;
                          if (flags) state.flags = *flags;
                          if (expires) state.expires = *expires;
                      }
                      then();
                  });
}

}  // namespace clacks::memcached
