#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/command.hpp"
#include "protocol/name_pattern.hpp"

namespace clacks::node {

/// Which lines a monitor wants to see: the conditions behind MONITOR. Empty: all.
/// Source: protocol.txt, "MONITOR".
class MonitorFilter {
public:
    /// `name=pattern command=VERB,VERB client=cid sample=0.01`, each at most once, in any order.
    /// Errors: ParseError::malformed.
    static boost::system::result<MonitorFilter> make(std::string_view arguments);

    const std::optional<protocol::NamePattern>& name() const { return name_; }
    /// Empty: any.
    const std::string& client() const { return client_; }

    /// Whether a line passes. `command`: the line parsed, or null when it is none. `sequence`: a
    /// number that grows by one with each line, for the sample.
    bool passes(std::string_view client, const protocol::Command* command,
                std::uint64_t sequence) const;
    /// Whether an event of the node itself passes (CONNECTED, SERVERCACHE …).
    bool passes_events() const { return empty_; }

private:
    bool take(std::string_view word);

    bool empty_ = true;
    std::optional<protocol::NamePattern> name_;
    std::vector<protocol::Verb> verbs_;
    std::string client_;
    std::uint64_t every_ = 0;  ///< one line of so many; 0: all
};

}  // namespace clacks::node
