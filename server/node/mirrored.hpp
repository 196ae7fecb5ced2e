#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/node/line_budget.hpp"

namespace clacks::node {

/// DEBUG lines on their way from one worker to a monitor, or to all without conditions: gathered
/// during a turn, since each by itself would cost the others too much.
class Mirrored {
public:
    /// What the limits of the node say; renewed with each call, since they may be reloaded.
    struct Limits {
        MonoTime now;
        std::size_t rate;    ///< limits.monitor
        std::size_t output;  ///< limits.output
    };

    /// A line that is left out if there is no budget for it. `send()` sends all that is here, and
    /// clears it: before a line that stands behind a gap, and when there is much.
    template <class Send>
    void add(std::string_view name, std::string_view value, Limits limits, Send&& send) {
        if (!budget_.admits(size_of(name, value), limits.now, limits.rate)) {
            ++left_out_;
        } else {
            append(name, value, limits, send);
        }
    }
    /// One that is not left out, but counts.
    template <class Send>
    void add_event(std::string_view name, std::string_view value, Limits limits, Send&& send) {
        budget_.charge(size_of(name, value), limits.now, limits.rate);
        append(name, value, limits, send);
    }

    const std::string& lines() const { return lines_; }
    std::uint64_t count() const { return count_; }        ///< of the lines
    std::uint64_t left_out() const { return left_out_; }  ///< lines behind them
    bool empty() const { return lines_.empty() && left_out_ == 0; }

    /// What was here has been sent. The budget stays, and memory for so many bytes.
    void clear(std::size_t most_kept) {
        if (lines_.capacity() > most_kept) lines_ = {};
        lines_.clear();
        count_ = 0;
        left_out_ = 0;
    }

private:
    static std::size_t size_of(std::string_view name, std::string_view value) {
        return std::string_view("DEBUG =\r\n").size() + name.size() + value.size();
    }

    template <class Send>
    void append(std::string_view name, std::string_view value, Limits limits, Send&& send) {
        constexpr std::size_t most = 32U << 10U;
        if (left_out_ > 0) send();
        lines_.append("DEBUG ").append(name).append("=").append(value).append("\r\n");
        ++count_;
        if (lines_.size() >= std::min(most, limits.output / 8)) send();
    }

    std::string lines_;
    std::uint64_t count_ = 0;
    std::uint64_t left_out_ = 0;
    LineBudget budget_;
};

}  // namespace clacks::node
