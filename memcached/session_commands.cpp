// What a session makes of commands and of the answers to them.
#include <utility>

#include "memcached/errors.hpp"
#include "memcached/reply.hpp"
#include "memcached/session.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

bool is_classic_get(Verb verb) { return verb <= Verb::gats; }

Store::Mode mode_of(Verb verb) {
    switch (verb) {
        case Verb::add:
            return Store::Mode::add;
        case Verb::replace:
            return Store::Mode::replace;
        case Verb::append:
            return Store::Mode::append;
        case Verb::prepend:
            return Store::Mode::prepend;
        case Verb::cas:
            return Store::Mode::cas;
        default:
            return Store::Mode::set;
    }
}

/// With a cas unique to compare with, set and replace are cas.
Store::Mode mode_of(const MetaFlags& meta) {
    switch (meta.mode) {
        case 'E':
            return Store::Mode::add;
        case 'A':
            return Store::Mode::append;
        case 'P':
            return Store::Mode::prepend;
        case 'R':
            return meta.compare ? Store::Mode::cas : Store::Mode::replace;
        default:
            return meta.compare ? Store::Mode::cas : Store::Mode::set;
    }
}

std::optional<WallTime> time_of(const std::optional<std::int64_t>& exptime, WallTime now) {
    return exptime ? std::optional(expires_at(*exptime, now)) : std::nullopt;
}

}  // namespace

bool Session::may_run(const Command& command) const {
    if (rights_ == &all_rights()) return true;
    const MetaFlags& meta = command.meta;
    switch (command.verb) {
        case Verb::get:
        case Verb::gets:
        case Verb::gat:
        case Verb::gats:
            return true;  // may_get()
        case Verb::meta_get:
            return rights_->may_read(command.key) &&
                   (!(meta.ttl || meta.vivify) || rights_->may_write(command.key));
        case Verb::meta_debug:
            return rights_->may_read(command.key);
        case Verb::incr:
        case Verb::decr:
        case Verb::meta_arithmetic:  // their answer is the value
            return rights_->may_read(command.key) && rights_->may_write(command.key);
        case Verb::flush_all:
        case Verb::shutdown:
        case Verb::memory_limit:
            return rights_->may_manage();
        case Verb::stats: {
            const std::string_view kind = Words(command.arguments).next();
            const bool is_about_others = kind == "reset" || kind == "conns";
            return !is_about_others || rights_->may_manage();
        }
        default:
            return command.key.empty() || rights_->may_write(command.key);
    }
}

void Session::run(const Command& command, std::string_view line, std::string_view value) {
    if (is_classic_get(command.verb)) {
        if (may_get(command, line, command.key)) get(command, line, command.key);
        return;
    }
    if (administer(command)) return;
    asked_ = &command;
    answer_is_there_ = false;
    ask(command, value);
    if (answer_is_there_) return;
    hold(line);
    waits_ = true;
}

void Session::ask(const Command& command, std::string_view value) {
    switch (command.verb) {
        case Verb::touch:
        case Verb::meta_get:
        case Verb::meta_debug:
            return fetch(command);
        case Verb::remove:
        case Verb::meta_delete:
            return remove(command);
        case Verb::incr:
        case Verb::decr:
        case Verb::meta_arithmetic:
            return change(command);
        case Verb::flush_all:
            return flush_all(command);
        case Verb::meta_set:
            return meta_store(command, value);
        default:
            return store(command, value);
    }
}

/// All keys of the line, from `key` on.
/// All keys from `key` on, before the first answer; others have their turns meanwhile, as in get().
/// False: one is refused, or it goes on later.
bool Session::may_get(const Command& command, std::string_view line, std::string_view key) {
    if (rights_ == &all_rights()) return true;
    const bool touches = command.verb == Verb::gat || command.verb == Verb::gats;
    while (!key.empty()) {
        if (keys_left_ == 0) {
            hold_key(line, key);
            held_->checks = true;
            return false;
        }
        --keys_left_;
        if (!rights_->may_read(key) || (touches && !rights_->may_write(key))) {
            say(errors::denied);
            held_.reset();
            return false;
        }
        key = Words({key.data() + key.size(), line.data() + line.size()}).next();
    }
    if (held_) held_->checks = false;
    return true;
}

void Session::get(const Command& command, std::string_view line, std::string_view key) {
    const bool touches = command.verb == Verb::gat || command.verb == Verb::gats;
    Fetch fetch;
    if (touches) fetch.expires = expires_at(command.exptime, now_);
    asked_ = &command;
    while (!key.empty()) {
        if (output_->size() >= settings_.output_bytes || keys_left_ == 0) {
            return hold_key(line, key);
        }
        --keys_left_;
        fetch.key = key;
        asked_key_ = key;
        answer_is_there_ = false;
        operations_.fetch(fetch, now_, *this);
        if (!answer_is_there_) {
            waits_ = true;
            return hold_key(line, key);
        }
        if (ending_ != Ending::none) return;
        key = Words({key.data() + key.size(), line.data() + line.size()}).next();
    }
    say("END");
    held_.reset();
}

void Session::fetch(const Command& command) {
    const MetaFlags& meta = command.meta;
    Fetch fetch{.key = command.key};
    if (command.verb == Verb::touch) {
        fetch.expires = expires_at(command.exptime, now_);
    } else {
        fetch.counts_as_access = command.verb == Verb::meta_get && !meta.no_bump;
        fetch.recaches = command.verb == Verb::meta_get;
        fetch.new_cas = meta.new_cas;
    }
    if (fetch.recaches) {
        fetch.expires = time_of(meta.ttl, now_);
        fetch.vivify = time_of(meta.ttl_after_vivify ? meta.ttl : meta.vivify, now_);
        if (meta.recache && *meta.recache != 0) fetch.recache = time_of(meta.recache, now_);
    }
    operations_.fetch(fetch, now_, *this);
}

void Session::store(const Command& command, std::string_view value) {
    counters_.add(Count::commands_set);
    Store store{.mode = mode_of(command.verb),
                .key = command.key,
                .value = value,
                .flags = command.client_flags,
                .expires = expires_at(command.exptime, now_)};
    if (command.verb == Verb::cas) store.compare = command.number;
    operations_.store(store, now_, *this);
}

void Session::meta_store(const Command& command, std::string_view value) {
    counters_.add(Count::commands_set);
    const MetaFlags& meta = command.meta;
    operations_.store({.mode = mode_of(meta),
                       .key = command.key,
                       .value = value,
                       .flags = meta.client_flags,
                       .expires = expires_at(meta.ttl.value_or(0), now_),
                       .compare = meta.compare,
                       .accepts_older = meta.invalidate,
                       .vivify = time_of(meta.vivify, now_),
                       .new_cas = meta.new_cas},
                      now_, *this);
}

void Session::remove(const Command& command) {
    const MetaFlags& meta = command.meta;
    operations_.remove({.key = command.key,
                        .compare = meta.compare,
                        .invalidate = meta.invalidate,
                        .remove_value = meta.remove_value,
                        .expires = time_of(meta.ttl, now_),
                        .flags = meta.client_flags,
                        .new_cas = meta.new_cas},
                       now_, *this);
}

void Session::change(const Command& command) {
    const MetaFlags& meta = command.meta;
    const bool is_classic = !is_meta(command.verb);
    operations_.change(
        {.key = command.key,
         .subtract = command.verb == Verb::decr || meta.mode == 'D' || meta.mode == '-',
         .delta = is_classic ? command.number : meta.delta,
         .compare = meta.compare,
         .vivify = time_of(meta.vivify, now_),
         .initial = meta.initial,
         .expires = time_of(meta.ttl, now_),
         .new_cas = meta.new_cas},
        now_, *this);
}

void Session::flush_all(const Command& command) {
    const WallTime at = command.exptime > 0 ? expires_at(command.exptime, now_) : now_;
    operations_.flush_all(at, now_, *this);
}

void Session::take(const Result& result) {
    answer_is_there_ = true;
    if (!begun_) {
        begun_ = true;
        if (result.outcome == Outcome::failed) end(Ending::closed, "a handler failed");
        if (std::exchange(waits_, false)) answered_();
        return;
    }
    std::string& out = output_ ? *output_ : late_;
    const Command& command = waits_ ? held_->command : *asked_;
    if (!std::exchange(mutes_answer_, false)) {
        count(command, result);
        if (result.outcome == Outcome::failed) end(Ending::closed, "a handler failed");
        if (is_classic_get(command.verb)) {
            const bool with_cas = command.verb == Verb::gets || command.verb == Verb::gats;
            append_value(out, waits_ ? held_->key : asked_key_, result, with_cas);
        } else if (is_meta(command.verb)) {
            append_meta(out, command, result, now_);
        } else if (!command.noreply) {
            append_classic(out, command, result);
        }
    }
    if (!waits_) return;
    waits_ = false;
    if (held_->gets) {
        const std::string_view line = held_->line;
        held_->key =
            Words({held_->key.data() + held_->key.size(), line.data() + line.size()}).next();
    } else {
        held_.reset();
    }
    if (!output_) answered_();
}

}  // namespace clacks::memcached
