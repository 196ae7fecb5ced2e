#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace clacks::protocol {

/// Cuts a byte stream into lines, in whatever pieces it arrives. Owned by one connection; holds
/// only the unfinished last line, and no buffer at all between lines.
///
/// Lines end at LF. CR is dropped wherever it stands, empty lines are skipped. A line longer than
/// the limit is reported once, as soon as it is known to be, and dropped up to its LF; what follows
/// it is in step again. Source: protocol.txt, "Lines".
class LineFramer {
public:
    explicit LineFramer(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

    /// Calls `bool on_line(std::string_view)` for each complete line, and `bool on_oversize()` for
    /// each line that exceeds the limit, in the order of the stream. A line is valid only during
    /// its call; it points into `chunk` where it can, and `chunk` may be changed (CRs are squeezed
    /// out). A callback may call set_limit(), which holds from the next line on, but not feed().
    ///
    /// A callback that returns false is the last one. Returns what it left of the chunk: nothing,
    /// or what the next feed() must begin with.
    template <class OnLine, class OnOversize>
    std::span<char> feed(std::span<char> chunk, OnLine&& on_line, OnOversize&& on_oversize);

    /// The longest line allowed from now on, in bytes without CR and LF. What is held of an
    /// unfinished line is measured by it with the next feed().
    void set_limit(std::size_t limit_bytes) { limit_bytes_ = limit_bytes; }

    /// Bytes held of a line whose end has not come yet; never more than the limit that held then.
    std::size_t pending_bytes() const { return pending_.size(); }

private:
    static std::string_view squeeze(char* first, char* last);

    std::size_t limit_bytes_;
    std::string pending_;    ///< what has come of the unfinished line, without CR
    bool skipping_ = false;  ///< inside a line that was reported as oversize
};

}  // namespace clacks::protocol

#include "protocol/line_framer_impl.hpp"
