#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

    /// Whether a line passes. `command`: the line parsed, or null when it is none.
    bool passes(std::string_view client, const protocol::Command* command) const;
    /// Of the lines that pass, one in so many is wanted.
    std::uint64_t one_in() const { return one_in_; }
    /// No conditions: every line passes, and every event of the node itself (CONNECTED,
    /// SERVERCACHE …), which with conditions does not.
    bool passes_all() const { return empty_; }

private:
    bool take(std::string_view word);

    bool empty_ = true;
    std::optional<protocol::NamePattern> name_;
    std::uint64_t verbs_ = 0;  ///< a bit for each; none: all
    std::string client_;
    std::uint64_t one_in_ = 1;
    bool sampled_ = false;
};

}  // namespace clacks::node
