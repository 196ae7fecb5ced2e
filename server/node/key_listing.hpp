#pragma once

#include <algorithm>
#include <boost/system/result.hpp>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/cache.hpp"
#include "protocol/name_pattern.hpp"

namespace clacks::node {

/// The answer to one KEYLIST, made in steps of about a millisecond, so that a store of millions of
/// keys holds up nobody. Source: protocol.txt, "KEYLIST".
///
/// Without a limit: all keys in sorted order. With one: a page of at most so many, shard after
/// shard, sorted within each, which finds the next page without looking through the whole store.
/// Either way a key that is there throughout is listed exactly once.
class KeyListing {
public:
    /// `arguments` is what follows KEYLIST: `[pattern] [limit=N] [after=key]`. Errors:
    /// ParseError::malformed.
    static boost::system::result<KeyListing> make(std::string_view arguments);

    /// Appends the next lines to `out`. `may_read(std::string_view key)` leaves out what the user
    /// may not see. Returns whether that was the end.
    template <class MayRead>
    bool step(cache::Cache& cache, cache::WallTime now, MayRead&& may_read, std::string& out);

private:
    static constexpr std::size_t keys_a_step = 1000;
    static constexpr std::size_t largest_limit = 100'000;

    bool is_page() const { return limit_.has_value(); }
    bool take(std::string_view word);
    void add_page(std::vector<std::string> keys, std::string& out);
    bool write_sorted(std::string& out);

    std::optional<protocol::NamePattern> pattern_;
    std::optional<std::size_t> limit_;  ///< what is still missing of the page
    std::string begin_;                 ///< `after=`
    std::string after_;                 ///< the last key that was taken from the present shard
    std::optional<unsigned> shard_;     ///< none: not begun
    bool started_ = false;
    std::vector<std::vector<std::string>> sorted_;  ///< a run for each shard
    std::vector<std::size_t> written_;              ///< how much of each run
};

template <class MayRead>
bool KeyListing::step(cache::Cache& cache, cache::WallTime now, MayRead&& may_read,
                      std::string& out) {
    if (!started_) {
        started_ = true;
        out += "KEYLISTSTART\r\n";
        shard_ = is_page() && !begin_.empty() ? cache.shard_of(begin_) : 0;
        after_ = begin_;
    }
    if (*shard_ == cache::Cache::shard_count) return write_sorted(out);
    const auto wanted = [&](std::string_view key) {
        return (!pattern_ || pattern_->matches(key)) && may_read(key);
    };
    const std::size_t most = is_page() ? std::min(*limit_, keys_a_step) : keys_a_step;
    auto keys = cache.lock(*shard_).keys_after(after_, most, wanted, now);
    const bool shard_done = keys.size() < most;
    if (!keys.empty()) after_ = keys.back();
    if (is_page()) {
        add_page(std::move(keys), out);
        if (*limit_ == 0) {
            out += "KEYLISTEND after=" + after_ + "\r\n";
            return true;
        }
    } else {
        sorted_.resize(*shard_ + 1);
        auto& run = sorted_.back();
        run.insert(run.end(), std::make_move_iterator(keys.begin()),
                   std::make_move_iterator(keys.end()));
    }
    if (shard_done) {
        after_ = is_page() ? std::string() : begin_;
        ++*shard_;
    }
    if (*shard_ < cache::Cache::shard_count) return false;
    return write_sorted(out);
}

}  // namespace clacks::node
