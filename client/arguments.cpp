#include "client/arguments.hpp"

#include <charconv>
#include <cmath>

#include "clacks/error.hpp"
#include "clacks/step.hpp"
#include "protocol/name_pattern.hpp"
#include "protocol/time.hpp"
#include "protocol/verb.hpp"

namespace clacks::detail {

bool is_name(std::string_view text) {
    using namespace std::string_view_literals;
    return !text.empty() && text.find_first_of(" =\r\n\0"sv) == std::string_view::npos;
}

bool is_version(std::string_view text) {
    return is_name(text) && text.find(',') == std::string_view::npos;
}

bool is_step(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

bool is_pattern(std::string_view text) {
    return is_name(text) && protocol::NamePattern::make(text).has_value();
}

boost::system::result<std::string> conditions(const MonitorFilter& filter) {
    std::string text;
    const auto add = [&](std::string_view key, std::string_view value) {
        text.append(text.empty() ? "" : " ").append(key).append("=").append(value);
    };
    if (!filter.name.empty()) {
        if (!is_pattern(filter.name)) return Errc::invalid_query;
        add("name", filter.name);
    }
    std::string verbs;
    for (const std::string& verb : filter.commands) {
        if (!protocol::find_verb(verb)) return Errc::invalid_query;
        verbs += (verbs.empty() ? "" : ",") + verb;
    }
    if (!verbs.empty()) add("command", verbs);
    if (!filter.client.empty()) {
        if (!is_name(filter.client)) return Errc::invalid_name;
        add("client", filter.client);
    }
    if (filter.share) {
        constexpr double least = 1e-9;
        if (!(*filter.share >= least && *filter.share <= 1)) return Errc::invalid_query;
        add("sample", Step(*filter.share).text());
    }
    return text;
}

std::string seconds(std::chrono::microseconds span) {
    std::string text;
    protocol::format_time(WallTime(span), text);
    return text;
}

}  // namespace clacks::detail
