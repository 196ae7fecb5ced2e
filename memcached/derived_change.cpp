// The operations of Derived that write.
#include <string>
#include <utility>

#include "memcached/derived.hpp"
#include "memcached/plan.hpp"
#include "memcached/stored_number.hpp"

namespace clacks::memcached {

void Derived::perform(const JobPointer& job, const Store& store) {
    using Mode = Store::Mode;
    const bool joins = store.mode == Mode::append || store.mode == Mode::prepend;
    if (store.mode == Mode::set || !may_be_there(job->key)) {
        return store_over(job, store, std::nullopt);
    }
    if (joins) {
        return get(job, [this, job, &store](const Value& old) { store_over(job, store, old); });
    }
    find(job, [this, job, &store](bool is_there) {
        store_over(job, store, is_there ? Value("") : std::nullopt);
    });
}

/// `old`: what was asked for of the old value, if it is there.
void Derived::store_over(const JobPointer& job, const Store& store, const Value& old) {
    Item before = item(job->key, old ? std::string_view(*old) : std::string_view());
    if (options_.raw && store.compare) before.cas = *store.compare;
    const StorePlan plan = plan_store(store, old ? &before : nullptr);
    if (plan.outcome != Outcome::done) return finish(job, plan.outcome);
    if (plan.joins) {
        if (old->size() + store.value.size() > options_.item_bytes) {
            return finish(job, Outcome::not_stored);
        }
        job->value = join(store, *old);
    }
    NewValue value{.value = job->value};
    if (!plan.joins) {
        value.flags = plan.flags;
        value.expires = plan.expires;
    }
    set(job, value, [this, job, plan, new_cas = store.new_cas] {
        if (State* const state = kept(job->key)) {
            state->fetched = false;
            state->stale = plan.stale;
            state->token_sent = plan.token_sent;
            if (new_cas) state->cas = *new_cas;
        }
        finish(job, {.item = item(job->key, job->value)});
    });
}

void Derived::perform(const JobPointer& job, const Remove& remove) {
    if (!may_be_there(job->key)) return finish(job, missing(*job));
    const State* const state = kept(job->key);
    if (state && remove.compare && *remove.compare != state->cas) {
        return finish(job, Outcome::exists);
    }
    if (remove.remove_value) return empty_key(job, remove);
    // Without anything kept of it, nothing can be stale.
    if (!remove.invalidate || !state) return remove_key(job);
    find(job, [this, job, &remove](bool is_there) {
        State* const stale = kept(job->key);
        if (!is_there || !stale) return finish(job, missing(*job));
        if (remove.expires) stale->expires = *remove.expires;
        stale->stale = true;
        stale->token_sent = false;
        stale->cas = remove.new_cas.value_or(++last_cas_);
        finish(job, Outcome::done);
    });
}

void Derived::remove_key(const JobPointer& job) {
    if (!handlers_.remove) return finish(job, missing(*job));
    handlers_.remove(job->connection->client, job->key, [this, job](bool was_there) {
        states_.erase(job->key);
        if (was_there) return finish(job, Outcome::done);
        finish(job, missing(*job));
    });
}

void Derived::empty_key(const JobPointer& job, const Remove& remove) {
    find(job, [this, job, &remove](bool is_there) {
        if (!is_there) return finish(job, missing(*job));
        const NewValue empty{.flags = remove.flags, .expires = remove.expires.value_or(never)};
        set(job, empty, [this, job, &remove] {
            if (State* const empty_state = kept(job->key)) {
                empty_state->fetched = empty_state->token_sent = false;
                empty_state->stale = remove.invalidate;
                if (remove.new_cas) empty_state->cas = *remove.new_cas;
            }
            finish(job, Outcome::done);
        });
    });
}

void Derived::perform(const JobPointer& job, const Arithmetic& arithmetic) {
    if (!may_be_there(job->key)) return change_value(job, arithmetic, std::nullopt);
    get(job, [this, job, &arithmetic](const Value& old) { change_value(job, arithmetic, old); });
}

void Derived::change_value(const JobPointer& job, const Arithmetic& arithmetic, const Value& old) {
    NewValue value;
    if (old) {
        const State* const state = kept(job->key);
        if (state && arithmetic.compare && *arithmetic.compare != state->cas) {
            return finish(job, Outcome::exists);
        }
        const auto number = stored_number(*old);
        if (!number) return finish(job, Outcome::non_numeric);
        const Changed changed = change_number(*number, arithmetic.delta, arithmetic.subtract);
        job->value = std::to_string(changed.number);
    } else {
        if (!arithmetic.vivify) return finish(job, missing(*job));
        job->value = std::to_string(arithmetic.initial);
        value.flags = 0;
        value.expires = *arithmetic.vivify;
    }
    value.value = job->value;
    set(job, value, [this, job, &arithmetic, created = !old.has_value()] {
        Item answer = item(job->key, job->value);
        answer.created = created;
        if (created) answer.expired_before = never;
        if (State* const state = kept(job->key)) {
            if (arithmetic.new_cas) answer.cas = state->cas = *arithmetic.new_cas;
            if (arithmetic.expires) answer.expires = state->expires = *arithmetic.expires;
        }
        finish(job, {.item = answer});
    });
}

}  // namespace clacks::memcached
