// The commands that are not about items, and the counting.
#include <algorithm>

#include "memcached/errors.hpp"
#include "memcached/session.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {

/// Returns whether that was all there is to the command.
bool Session::administer(const Command& command) {
    const auto answer = [&](std::string_view line) {
        if (!command.noreply) say(line);
        return true;
    };
    switch (command.verb) {
        case Verb::version:
            say("VERSION " + settings_.version);  // also with noreply
            return true;
        case Verb::verbosity:
            return answer("OK");
        case Verb::meta_noop:
            return answer("MN");
        case Verb::quit:
            end(Ending::closed, {});
            return true;
        case Verb::stats:
            stats(command);
            return true;
        case Verb::shutdown:
            shut_down(command);
            return true;
        case Verb::flush_all:
            counters_.add(Count::commands_flush);
            return !settings_.flush_all && answer(errors::flush_disabled);
        case Verb::memory_limit:
            if (command.number < 8) return answer(errors::memory_limit_too_small);
            return answer(
                host_.set_memory_limit(command.number << 20U) ? "OK" : errors::memory_limit_fixed);
        case Verb::watch:
            return answer(errors::watch_disabled);
        case Verb::crawl: {
            const std::string_view what = Words(command.arguments).next();
            return answer(what == "metadump" ? errors::dump_disabled
                          : what == "mgdump" ? errors::key_dump_disabled
                                             : errors::unknown_command);
        }
        default:
            return false;
    }
}

void Session::stats(const Command& command) {
    if (Words(command.arguments).next() != "conns") {
        return append_stats(command.arguments, settings_, host_, now_, *output_);
    }
    held_ = std::make_unique<Held>(partial_values_);
    held_->tour.emplace();
    list_connections();
}

/// As far as the client reads them, and others are not kept waiting.
void Session::list_connections() {
    const auto add = [&](const ConnectionInfo& connection) {
        append_connection(connection, *output_);
        if (keys_left_ > 0) --keys_left_;
    };
    while (output_->size() < settings_.output_bytes && keys_left_ > 0) {
        if (host_.next_connections(*held_->tour, add)) continue;
        held_.reset();
        return say("END");
    }
}

void Session::shut_down(const Command& command) {
    const std::string_view how = Words(command.arguments).next();
    if (!settings_.shutdown) return say(errors::shutdown_disabled);
    if (how.empty()) return end(Ending::shutdown, "shutdown");
    if (how == "graceful") return end(Ending::graceful_shutdown, "shutdown graceful");
    say(errors::bad_shutdown_mode);
}

void Session::count(const Command& command, const Result& result) {
    const bool done = result.outcome == Outcome::done;
    const bool missed = result.outcome == Outcome::not_found;
    const auto hit_or_miss = [&](Count hits, Count misses) {
        if (done) counters_.add(hits);
        if (missed) counters_.add(misses);
    };
    if (is_meta(command.verb)) counters_.add(Count::commands_meta);
    if (result.outcome == Outcome::too_large) counters_.add(Count::store_too_large);
    if (result.outcome == Outcome::out_of_memory) counters_.add(Count::store_no_memory);
    const bool subtracts =
        command.verb == Verb::decr || command.meta.mode == 'D' || command.meta.mode == '-';
    switch (command.verb) {
        case Verb::get:
        case Verb::gets:
        case Verb::gat:
        case Verb::gats:
        case Verb::touch:
        case Verb::meta_get:
            if (command.verb == Verb::get || command.verb == Verb::gets ||
                (command.verb == Verb::meta_get && !command.meta.ttl)) {
                hit_or_miss(Count::get_hits, Count::get_misses);
                if (result.expired) counters_.add(Count::get_expired);
            } else {
                hit_or_miss(Count::touch_hits, Count::touch_misses);
            }
            return;
        case Verb::remove:
        case Verb::meta_delete:
            return hit_or_miss(Count::delete_hits, Count::delete_misses);
        case Verb::incr:
        case Verb::decr:
        case Verb::meta_arithmetic:
            return subtracts ? hit_or_miss(Count::decr_hits, Count::decr_misses)
                             : hit_or_miss(Count::incr_hits, Count::incr_misses);
        case Verb::flush_all:
        case Verb::meta_debug:
            return;
        default:
            break;
    }
    if (done) counters_.add(Count::total_items);
    if (command.verb != Verb::cas && !command.meta.compare) return;
    hit_or_miss(Count::cas_hits, Count::cas_misses);
    if (result.outcome == Outcome::exists) counters_.add(Count::cas_badval);
}

}  // namespace clacks::memcached
