#include "clacks/detail/question.hpp"

#include "client/arguments.hpp"
#include "protocol/verb.hpp"

namespace clacks::detail {

using protocol::Verb;

namespace {

error_code unless(bool fits, Errc otherwise) { return fits ? error_code() : otherwise; }

Question about(Verb verb, std::string_view name) {
    return {.error = unless(is_name(name), Errc::invalid_name),
            .verb = verb,
            .name = std::string(name)};
}

Question about_each(Verb verb, const std::vector<std::string>& names) {
    Question q{.error = unless(!names.empty(), Errc::invalid_name), .verb = verb};
    for (const std::string& each : names) {
        if (!is_name(each)) q.error = Errc::invalid_name;
        q.value += (q.value.empty() ? "" : " ") + each;
    }
    return q;
}

Question count(Verb verb, std::string_view name, const Step& step) {
    Question q = about(verb, name);
    q.value = step.text();
    if (!q.error) q.error = unless(is_step(q.value), Errc::invalid_step);
    return q;
}

}  // namespace

Question Question::retrieve(std::string_view name) { return about(Verb::retrieve, name); }

Question Question::retrieve_many(const std::vector<std::string>& names) {
    return about_each(Verb::retrieve_many, names);
}

Question Question::retrieve_version(std::string_view name) {
    return about(Verb::retrieve_version, name);
}

Question Question::listen_and_retrieve(std::string_view name) {
    return about(Verb::listen_and_retrieve, name);
}

Question Question::increment_and_retrieve(std::string_view name, const Step& step) {
    return count(Verb::increment_and_retrieve, name, step);
}

Question Question::decrement_and_retrieve(std::string_view name, const Step& step) {
    return count(Verb::decrement_and_retrieve, name, step);
}

Question Question::exists(std::string_view name) { return about(Verb::exists, name); }

Question Question::time_to_live(std::string_view name) { return about(Verb::ttl, name); }

Question Question::time_to_live_many(const std::vector<std::string>& names) {
    return about_each(Verb::ttl, names);
}

Question Question::flags(std::string_view name) { return about(Verb::flags, name); }

Question Question::flags_many(const std::vector<std::string>& names) {
    return about_each(Verb::flags, names);
}

Question Question::store_if(const Condition& condition, std::string_view name,
                            std::string_view value, std::chrono::microseconds lifetime) {
    Question q = about(Verb::store_if, name);
    q.value = value;
    q.mode = condition.text();
    if (!q.error)
        q.error = unless(is_version(q.mode) && q.mode != "version:", Errc::invalid_version);
    if (!q.error) q.error = unless(lifetime.count() >= 0, Errc::invalid_lifetime);
    if (lifetime.count() > 0) q.mode += ",for:" + seconds(lifetime);
    return q;
}

Question Question::remove_if(std::string_view version, std::string_view name) {
    Question q = about(Verb::remove_if, name);
    q.mode = "version:" + std::string(version);
    if (!q.error) q.error = unless(is_version(version), Errc::invalid_version);
    return q;
}

Question Question::keys() { return {.verb = Verb::key_list}; }

Question Question::keys(const KeyQuery& query) {
    const bool fits = query.limit > 0 && query.limit <= KeyQuery::most && is_pattern(query.pattern);
    Question q{.error = unless(fits, Errc::invalid_query), .verb = Verb::key_list};
    q.value = query.pattern + " limit=" + std::to_string(query.limit);
    if (query.after.empty()) return q;
    if (query.after.find_first_of(" \r\n") != std::string::npos) q.error = Errc::invalid_query;
    q.value += " after=" + query.after;
    return q;
}

Question Question::status() { return {.verb = Verb::status}; }
Question Question::tree() { return {.verb = Verb::tree}; }
Question Question::save() { return {.verb = Verb::save}; }
Question Question::clients() { return {.verb = Verb::client_list}; }
Question Question::flush() { return {.verb = Verb::flush}; }

}  // namespace clacks::detail
