#include "client/output.hpp"

#include <algorithm>
#include <utility>

namespace clacks::detail {
namespace {

constexpr std::size_t line_end_bytes = 2;  // CR LF

}  // namespace

error_code Output::append(const protocol::Command& command, std::size_t headroom) {
    const std::size_t before = lines_.size();
    protocol::format(command, lines_);
    const std::size_t added = lines_.size() - before;

    // A line that is taken alone, however long, leaves the headroom as it is.
    if (before == 0) bound_ = std::max(queue_bytes_, added);
    error_code refused;
    if (added > line_bytes_ + line_end_bytes)
        refused = Errc::value_too_large;
    else if (before != 0 && lines_.size() > bound_ + headroom)
        refused = Errc::queue_full;

    if (refused)
        lines_.resize(before);
    else
        queued_ += added;
    return refused;
}

void Output::append_unbounded(const protocol::Command& command) {
    const std::size_t before = lines_.size();
    protocol::format(command, lines_);
    queued_ += lines_.size() - before;
}

void Output::take(std::string& out, Queued queued) {
    out.clear();
    std::swap(out, first_);
    if (queued == Queued::stay) return;
    if (queued == Queued::go_with_login) with_login_ += lines_;
    if (out.empty()) return std::swap(out, lines_);
    out += lines_;
    lines_.clear();
}

void Output::login_refused() {
    with_login_ += lines_;
    lines_ = std::exchange(with_login_, {});
}

}  // namespace clacks::detail
