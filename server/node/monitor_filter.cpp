#include "server/node/monitor_filter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace clacks::node {

using protocol::Command;

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
    if (key == "command" && verbs_.empty()) {
        for (;;) {
            const auto comma = value.find(',');
            const auto* verb = protocol::find_verb(value.substr(0, comma));
            if (!verb) return false;
            const bool again = std::find(verbs_.begin(), verbs_.end(), verb->verb) != verbs_.end();
            if (!again) verbs_.push_back(verb->verb);
            if (comma == std::string_view::npos) return true;
            value.remove_prefix(comma + 1);
        }
    }
    if (key == "client" && client_.empty()) {
        client_ = value;
        return true;
    }
    if (key == "sample" && every_ == 0) {
        double share = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), share);
        constexpr double smallest = 1e-9;
        if (error != std::errc{} || end != value.data() + value.size()) return false;
        if (!(share >= smallest && share <= 1)) return false;
        every_ = static_cast<std::uint64_t>(std::llround(1 / share));
        return true;
    }
    return false;
}

bool MonitorFilter::passes(std::string_view client, const Command* command,
                           std::uint64_t sequence) const {
    if (empty_) return true;
    if (!client_.empty() && client != client_) return false;
    if (name_ && (!command || command->name.empty() || !name_->matches(command->name)))
        return false;
    if (!verbs_.empty() &&
        (!command || std::find(verbs_.begin(), verbs_.end(), command->verb) == verbs_.end())) {
        return false;
    }
    return every_ <= 1 || sequence % every_ == 0;
}

}  // namespace clacks::node
