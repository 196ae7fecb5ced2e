#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/connection.hpp"

namespace clacks::memcached {

/// What the connections of one thread say in a turn, one after the other in one buffer: so none of
/// them needs its own. What stands at the end, and is nobody's yet, is of the one that is at it.
class Replies {
public:
    /// To be appended to.
    std::string& text() { return text_; }

    /// What is nobody's yet.
    std::string_view fresh() const { return std::string_view(text_).substr(kept_bytes()); }
    void drop_fresh() {
        text_.resize(kept_bytes());
        shrink(text_);
    }
    /// It is of this connection, and is sent when the turn ends.
    void keep_for(Connection& connection) {
        kept_.push_back({ConnectionPtr(&connection), text_.size()});
    }
    std::size_t kept_bytes() const { return kept_.empty() ? 0 : kept_.back().end; }

    /// Sends what was kept, and then lets each of them look at what comes next. Nothing is fresh.
    void send_kept() {
        if (kept_.empty()) return;
        answer_kept();
        text_.clear();
        shrink(text_);
        answered_ = sent_ = 0;
        looking_.clear();
        looking_.swap(kept_);
        for (const auto& [connection, end] : looking_) connection->end_turn();
        looking_.clear();
    }

    /// Only sends it: somebody may be in the middle of saying more.
    void answer_kept() {
        while (answered_ < kept_.size()) {
            const auto& [connection, end] = kept_[answered_++];
            const auto replies = std::string_view(text_).substr(sent_, end - sent_);
            sent_ = end;
            connection->answer(replies);
        }
    }

private:
    struct Kept {
        ConnectionPtr connection;
        std::size_t end;  ///< in the text; it begins where that of the one before ends
    };

    /// What had to be larger than usual does not stay so large.
    static void shrink(std::string& text) {
        constexpr std::size_t most_kept = 512U << 10U;
        if (text.empty() && text.capacity() > most_kept) std::string().swap(text);
    }

    std::string text_;
    std::vector<Kept> kept_;
    std::size_t answered_ = 0;   ///< of those
    std::size_t sent_ = 0;       ///< of the text
    std::vector<Kept> looking_;  ///< at what comes next
};

}  // namespace clacks::memcached
