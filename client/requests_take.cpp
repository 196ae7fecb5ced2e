// Which line answers which question: protocol.txt, "Commands", column "reply".
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "client/requests.hpp"
#include "protocol/value_encoding.hpp"

namespace clacks::detail {
namespace {

using protocol::Command;
using protocol::Verb;

/// What stands behind `name=` in the answers that have it in one piece; nothing for another name.
std::optional<std::string_view> figure(std::string_view text, std::string_view name) {
    const auto end = text.rfind('=');
    if (end == std::string_view::npos || text.substr(0, end) != name) return std::nullopt;
    return text.substr(end + 1);
}

bool is_lifetime(std::string_view text) {
    return text == "never" || protocol::parse_time(text).has_value();
}

bool is_flags(std::string_view text) {
    std::uint32_t flags = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), flags);
    return error == std::errc() && end == text.data() + text.size();
}

/// Whether its names stand in the value: one line answers each.
bool asks_for_many(const Question& question) {
    return question.name.empty() &&
           protocol::info(question.verb).arguments == protocol::Arguments::names;
}

/// An answer in lines between a start and an end, by the verb that asks for it.
struct List {
    Verb question, start, line, end;
};
constexpr List lists[] = {
    {Verb::key_list, Verb::key_list_start, Verb::key, Verb::key_list_end},
    {Verb::status, Verb::status_start, Verb::status, Verb::status_end},
    {Verb::tree, Verb::tree_start, Verb::tree, Verb::tree_end},
    {Verb::client_list, Verb::client_list_start, Verb::client, Verb::client_list_end},
};

}  // namespace

std::string Requests::value_of(const Command& line) const {
    return raw_values_ ? std::string(line.value) : protocol::decode_value(line.value);
}

/// The answer of one line to this question about this name, if that is what `c` is.
std::optional<Reply> Requests::single(Verb asked, std::string_view name, const Command& c) const {
    const bool named = c.name == name;
    const auto plain = [&](bool fits) {
        return fits && named ? std::optional(Reply{.verb = c.verb}) : std::nullopt;
    };
    const auto retrieved = [&]() -> std::optional<Reply> {
        if (c.verb != Verb::retrieved || !named) return std::nullopt;
        return Reply{.verb = c.verb, .text = value_of(c)};
    };
    const auto counted = [&]() -> std::optional<Reply> {
        const auto text = c.verb == asked ? figure(c.name, name) : std::nullopt;
        if (!text) return std::nullopt;
        return Reply{.verb = c.verb, .text = std::string(*text)};
    };
    switch (asked) {
        case Verb::retrieve:
        case Verb::retrieve_many:
        case Verb::listen_and_retrieve:
            return c.verb == Verb::retrieved ? retrieved() : plain(c.verb == Verb::not_retrieved);
        case Verb::increment_and_retrieve:
        case Verb::decrement_and_retrieve:
            return retrieved();
        case Verb::retrieve_version:
            if (c.verb != Verb::retrieved_version || !named)
                return plain(c.verb == Verb::not_retrieved);
            return Reply{.verb = c.verb, .text = value_of(c), .version = std::string(c.mode)};
        case Verb::store_if:
            if (c.verb != Verb::stored || !named) return plain(c.verb == Verb::not_stored);
            return Reply{.verb = c.verb, .version = std::string(c.mode)};
        case Verb::remove_if:
            return plain(c.verb == Verb::removed || c.verb == Verb::not_removed);
        case Verb::ttl: {
            auto reply = counted();
            if (reply) return is_lifetime(reply->text) ? reply : std::nullopt;
            return plain(c.verb == Verb::not_retrieved);
        }
        case Verb::flags: {
            auto reply = counted();
            if (reply) return is_flags(reply->text) ? reply : std::nullopt;
            return plain(c.verb == Verb::not_retrieved);
        }
        case Verb::exists:
            return counted();
        case Verb::save:
            if (c.verb != Verb::saving) return std::nullopt;
            return Reply{.verb = c.verb, .text = std::string(c.value)};
        default:
            return std::nullopt;
    }
}

// Of an answer that nobody waits for any more nothing is kept: it may be a million keys.
void Requests::keep(Request& request, Reply reply) {
    if (request.waited_for) request.replies.push_back(std::move(reply));
}

bool Requests::take(Request& request, const Command& line) const {
    const Verb asked = request.question.verb;
    if (asks_for_many(request.question)) return take_one_of_many(request, line);
    const auto list = std::find_if(std::begin(lists), std::end(lists),
                                   [&](const List& l) { return l.question == asked; });
    if (list != std::end(lists)) {
        const bool start = line.verb == list->start;
        if (!start && line.verb != list->line && line.verb != list->end) return false;
        if (start) request.replies.clear();
        if (!start)
            keep(request, {.verb = line.verb,
                           .text = std::string(line.verb == Verb::key ? line.name : line.value)});
        request.answered = line.verb == list->end;
        return true;
    }
    auto reply = single(asked, request.question.name, line);
    if (!reply) return false;
    request.answered = true;
    keep(request, *std::move(reply));
    return true;
}

bool Requests::take_one_of_many(Request& request, const Command& line) const {
    const std::string_view names = request.question.value;
    const auto end = std::min(names.find(' ', request.next_name), names.size());
    const auto name = names.substr(request.next_name, end - request.next_name);
    auto reply = single(request.question.verb, name, line);
    if (!reply) return false;
    request.next_name = end + 1;
    request.answered = end == names.size();
    keep(request, *std::move(reply));
    return true;
}

}  // namespace clacks::detail
