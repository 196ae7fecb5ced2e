#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

// The body of line_framer.hpp: a template, because the callbacks are on the way of every line.
namespace clacks::protocol {

/// [first, last) without its CRs, in place.
inline std::string_view LineFramer::squeeze(char* first, char* last) {
    const auto length = static_cast<std::size_t>(last - first);
    auto* const cr = static_cast<char*>(std::memchr(first, '\r', length));
    // Nearly always there is one, at the end: then std::remove moves nothing.
    if (cr != nullptr) last = std::remove(cr, last, '\r');
    return {first, static_cast<std::size_t>(last - first)};
}

template <class OnLine, class OnOversize>
std::span<char> LineFramer::feed(std::span<char> chunk, OnLine&& on_line,
                                 OnOversize&& on_oversize) {
    char* at = chunk.data();
    char* const end = at + chunk.size();
    while (at != end) {
        const auto left = static_cast<std::size_t>(end - at);
        auto* const lf = static_cast<char*>(std::memchr(at, '\n', left));
        char* const first = at;
        char* const last = lf != nullptr ? lf : end;
        at = lf != nullptr ? lf + 1 : end;

        if (skipping_) {
            skipping_ = lf == nullptr;
            continue;
        }
        const std::string_view piece = squeeze(first, last);
        if (pending_.size() + piece.size() > limit_bytes_) {
            std::string().swap(pending_);  // assigning would keep the memory
            skipping_ = lf == nullptr;
            if (!on_oversize()) return {at, end};
        } else if (lf == nullptr) {
            pending_ += piece;
        } else if (!pending_.empty()) {
            // Out of the member before the call, and freed after it: an idle session owns nothing.
            std::string line = std::exchange(pending_, std::string());
            line += piece;
            if (!on_line(std::string_view(line))) return {at, end};
        } else if (!piece.empty()) {
            if (!on_line(piece)) return {at, end};
        }
    }
    return {};
}

}  // namespace clacks::protocol
