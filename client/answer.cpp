#include "client/answer.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include "protocol/time.hpp"

namespace clacks::detail {

using protocol::Verb;

namespace {

void add_field(std::string_view text, Fields& fields) {
    const auto end = text.find('=');
    if (end == std::string_view::npos) return;
    fields.emplace_back(text.substr(0, end), text.substr(end + 1));
}

/// Takes `key=value;key=value;` apart.
Fields fields_of(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const auto end = text.find(';');
        add_field(text.substr(0, end), fields);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return fields;
}

std::optional<std::string> value_of(Reply& reply) {
    if (reply.verb == Verb::retrieved) return std::move(reply.text);
    if (reply.verb == Verb::stored) return std::move(reply.version);
    return std::nullopt;
}

std::optional<Lifetime> lifetime_of(const Reply& reply) {
    if (reply.verb != Verb::ttl) return std::nullopt;
    Lifetime lifetime;
    if (const auto left = protocol::parse_time(reply.text))
        lifetime.left = left->time_since_epoch();
    return lifetime;
}

std::optional<std::uint32_t> flags_of(const Reply& reply) {
    if (reply.verb != Verb::flags) return std::nullopt;
    std::uint32_t flags = 0;
    std::from_chars(reply.text.data(), reply.text.data() + reply.text.size(), flags);
    return flags;
}

}  // namespace

void read(std::vector<Reply>& replies, std::optional<std::string>& value_or_version) {
    value_or_version = value_of(replies.front());
}

void read(std::vector<Reply>& replies, std::vector<std::optional<std::string>>& values) {
    for (Reply& reply : replies) values.push_back(value_of(reply));
}

void read(std::vector<Reply>& replies, std::string& value) {
    value = std::move(replies.front().text);
}

void read(std::vector<Reply>& replies, bool& yes) {
    const Reply& reply = replies.front();
    yes = reply.verb == Verb::removed || (reply.verb == Verb::exists && reply.text == "1");
}

void read(std::vector<Reply>& replies, std::optional<Versioned>& value) {
    Reply& reply = replies.front();
    if (reply.verb == Verb::retrieved_version)
        value = Versioned{std::move(reply.text), std::move(reply.version)};
}

void read(std::vector<Reply>& replies, std::optional<Lifetime>& lifetime) {
    lifetime = lifetime_of(replies.front());
}

void read(std::vector<Reply>& replies, std::vector<std::optional<Lifetime>>& lifetimes) {
    for (const Reply& reply : replies) lifetimes.push_back(lifetime_of(reply));
}

void read(std::vector<Reply>& replies, std::optional<std::uint32_t>& flags) {
    flags = flags_of(replies.front());
}

void read(std::vector<Reply>& replies, std::vector<std::optional<std::uint32_t>>& flags) {
    for (const Reply& reply : replies) flags.push_back(flags_of(reply));
}

void read(std::vector<Reply>& replies, std::vector<std::string>& keys) {
    for (Reply& reply : replies)
        if (reply.verb == Verb::key) keys.push_back(std::move(reply.text));
}

void read(std::vector<Reply>& replies, KeyPage& page) {
    constexpr std::string_view more = "after=";
    read(replies, page.keys);
    const std::string& end = replies.back().text;
    if (end.starts_with(more)) page.after = end.substr(more.size());
}

void read(std::vector<Reply>& replies, Fields& figures) {
    for (const Reply& reply : replies) add_field(reply.text, figures);
}

void read(std::vector<Reply>& replies, std::vector<Fields>& rows) {
    replies.pop_back();  // the end of the list
    for (const Reply& reply : replies) rows.push_back(fields_of(reply.text));
}

}  // namespace clacks::detail
