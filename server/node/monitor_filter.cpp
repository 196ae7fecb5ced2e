#include "server/node/monitor_filter.hpp"

#include <charconv>
#include <cmath>

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

constexpr std::uint64_t bit(Verb verb) {
    static_assert(static_cast<unsigned>(Verb::gap) < 64);
    return std::uint64_t{1} << static_cast<unsigned>(verb);
}

/// TTL and others may be about several names.
bool is_about(const Command& command, const protocol::NamePattern& pattern) {
    if (!command.name.empty()) return pattern.matches(command.name);
    if (protocol::info(command.verb).arguments != protocol::Arguments::names) return false;
    auto names = command.value;
    while (!names.empty()) {
        const auto end = names.find(' ');
        if (pattern.matches(names.substr(0, end))) return true;
        names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
    }
    return false;
}

}  // namespace

boost::system::result<MonitorFilter> MonitorFilter::make(std::string_view arguments) {
    MonitorFilter filter;
    filter.empty_ = arguments.empty();
    while (!arguments.empty()) {
        const auto end = arguments.find(' ');
        if (!filter.take(arguments.substr(0, end))) return protocol::ParseError::malformed;
        arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
    }
    return filter;
}

bool MonitorFilter::take(std::string_view word) {
    const auto at = word.find('=');
    if (at == std::string_view::npos || at + 1 == word.size()) return false;
    const auto key = word.substr(0, at);
    auto value = word.substr(at + 1);
    if (key == "name" && !name_) {
        const auto pattern = protocol::NamePattern::make(value);
        if (pattern) name_ = *pattern;
        return pattern.has_value();
    }
    if (key == "command" && verbs_ == 0) {
        for (;;) {
            const auto comma = value.find(',');
            const auto* verb = protocol::find_verb(value.substr(0, comma));
            if (!verb) return false;
            verbs_ |= bit(verb->verb);
            if (comma == std::string_view::npos) return true;
            value.remove_prefix(comma + 1);
        }
    }
    if (key == "client" && client_.empty()) {
        client_ = value;
        return true;
    }
    if (key == "sample" && !sampled_) {
        double share = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), share);
        constexpr double smallest = 1e-9;
        if (error != std::errc{} || end != value.data() + value.size()) return false;
        if (!(share >= smallest && share <= 1)) return false;
        sampled_ = true;
        one_in_ = static_cast<std::uint64_t>(std::llround(1 / share));
        return true;
    }
    return false;
}

/// The cheapest condition first: it is asked for every line of everybody.
bool MonitorFilter::passes(std::string_view client, const Command* command) const {
    if (empty_) return true;
    if (verbs_ != 0 && (!command || (verbs_ & bit(command->verb)) == 0)) return false;
    if (!client_.empty() && client != client_) return false;
    return !name_ || (command && is_about(*command, *name_));
}

}  // namespace clacks::node
