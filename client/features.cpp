#include "client/features.hpp"

#include <algorithm>

#include "protocol/name_pattern.hpp"

namespace clacks::detail {

Features parse_features(std::string_view text) {
    Features all;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end != 0) all.emplace(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

std::string_view needed_feature(const protocol::Command& command) {
    using protocol::Verb;
    switch (command.verb) {
        case Verb::listen:
            return protocol::is_listen_pattern(command.name) ? "patterns" : "";
        case Verb::listen_and_retrieve:
            return "listenandretrieve";
        case Verb::flags:
            return "flags";
        case Verb::store_for:
            return command.mode.find(",flags:") == command.mode.npos ? "expiry" : "flags";
        case Verb::expire:
        case Verb::ttl:
            return "expiry";
        case Verb::store_if:
        case Verb::remove_if:
        case Verb::retrieve_version:
            return "conditions";
        case Verb::increment_and_retrieve:
        case Verb::decrement_and_retrieve:
            return "increment_and_retrieve";
        case Verb::exists:
            return "exists";
        case Verb::retrieve_many:
            return "retrievemany";
        // A plain node takes KEYLIST and MONITOR with conditions for those without.
        case Verb::key_list:
            return command.value.empty() ? "" : "keylist_pages";
        case Verb::monitor:
            return command.value.empty() ? "" : "monitor_filter";
        case Verb::status:
            return "status";
        case Verb::tree:
            return "tree";
        case Verb::save:
            return "save";
        default:
            return "";
    }
}

}  // namespace clacks::detail
