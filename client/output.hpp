#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "clacks/error.hpp"
#include "protocol/command.hpp"

namespace clacks::detail {

/// What waits to be sent: whole lines, bounded in bytes. Positions count the bytes of all lines
/// ever queued, so that of any line one can tell whether it was handed to the network.
class Output {
public:
    using Position = std::uint64_t;

    Output(std::size_t line_bytes, std::size_t queue_bytes)
        : line_bytes_(line_bytes), queue_bytes_(queue_bytes) {}

    /// Queues the line of `command`, or nothing at all: Errc::value_too_large, Errc::queue_full.
    /// `headroom` bytes more than the bound may be used; an empty queue takes any line.
    error_code append(const protocol::Command& command, std::size_t headroom = 0);

    /// Queues a line that must not be refused and does not count: our own, and few.
    void append_unbounded(const protocol::Command& command);

    /// Lines of the present connection only, which go before all others. They have no position.
    void put_first(const protocol::Command& command) { protocol::format(command, first_); }
    void drop_first() { first_.clear(); }

    bool has_first() const { return !first_.empty(); }
    bool has_queued() const { return !lines_.empty(); }

    enum class Queued { stay, go_with_login, go };

    /// Replaces `out` by what is to be sent now: the first lines, and if they go the others too.
    void take(std::string& out, Queued queued);
    /// The login was heard, or who knows: what went with it is handed to the network.
    void login_heard() { with_login_.clear(); }
    /// The login was refused, so that what went with it was ignored: it is queued again.
    void login_refused();

    /// Behind the last queued line.
    Position queued() const { return queued_; }
    /// Behind the last line that was taken, and not only tried with a login.
    Position handed() const { return queued_ - lines_.size() - with_login_.size(); }

private:
    std::size_t line_bytes_;
    std::size_t queue_bytes_;
    std::size_t bound_ = queue_bytes_;  ///< or the one long line that was taken alone
    std::string first_;
    std::string lines_;
    std::string with_login_;  ///< a copy, until it is known what became of the login
    Position queued_ = 0;
};

}  // namespace clacks::detail
