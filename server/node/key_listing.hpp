#pragma once

#include <algorithm>
#include <boost/system/result.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/cache.hpp"
#include "cache/key_scan.hpp"
#include "protocol/name_pattern.hpp"

namespace clacks::node {

/// The answer to one KEYLIST, made in steps of less than a millisecond, so that a store of any size
/// holds up nobody. Source: protocol.txt, "KEYLIST".
///
/// Without a limit: all keys in sorted order, merged from a run of each shard, of which a part is
/// held at a time. With one: a page of at most so many, shard after shard, sorted within each,
/// which finds the next page without looking through the whole store. Either way a key that is
/// there throughout is listed exactly once.
class KeyListing {
public:
    /// How many keys of each shard a list without a limit holds: more need more memory, fewer more
    /// looks through the shard.
    static constexpr std::size_t keys_a_run = 500;

    /// `arguments` is what follows KEYLIST: `[pattern] [limit=N] [after=key]`. Errors:
    /// ParseError::malformed.
    static boost::system::result<KeyListing> make(std::string_view arguments);

    /// Appends the next lines to `out`. `may_read(std::string_view key)` leaves out what the user
    /// may not see. Returns whether that was the end.
    template <class MayRead>
    bool step(cache::Cache& cache, cache::WallTime now, MayRead&& may_read, std::string& out);

    const std::optional<protocol::NamePattern>& pattern() const { return pattern_; }
    /// Empty: from the beginning.
    const std::string& after() const { return begin_; }

private:
    static constexpr std::size_t keys_a_step = 1000;
    static constexpr std::size_t largest_limit = 100'000;

    /// The next keys of one shard, in their order.
    struct Run {
        std::vector<std::string> keys{};
        std::size_t written = 0;
        std::string after{};   ///< the last of the keys, when they have been taken
        bool is_last = false;  ///< the shard has no further ones

        bool is_written() const { return written == keys.size(); }
    };

    void start(const cache::Cache& cache, std::string& out);
    template <class Wanted>
    std::optional<std::vector<std::string>> scan(cache::Cache& cache, cache::WallTime now,
                                                 unsigned shard, const std::string& after,
                                                 std::size_t most, Wanted&& wanted);
    template <class Wanted>
    bool step_page(cache::Cache& cache, cache::WallTime now, Wanted&& wanted, std::string& out);
    template <class Wanted>
    bool step_sorted(cache::Cache& cache, cache::WallTime now, Wanted&& wanted, std::string& out);
    bool take(std::string_view word);
    bool write_page(const std::vector<std::string>& keys, std::string& out);
    bool write_sorted(std::string& out);
    Run* empty_run();

    std::optional<protocol::NamePattern> pattern_;
    std::optional<std::size_t> limit_;  ///< what is still missing of the page
    std::string begin_;                 ///< `after=`
    bool started_ = false;
    std::unique_ptr<cache::KeyScan> scan_;  ///< of the shard that is being looked through

    // A page:
    std::string after_;   ///< the last key that was taken from the present shard
    unsigned shard_ = 0;  ///< the present one

    std::vector<Run> runs_;  ///< without a limit: one for each shard
};

template <class MayRead>
bool KeyListing::step(cache::Cache& cache, cache::WallTime now, MayRead&& may_read,
                      std::string& out) {
    if (!started_) start(cache, out);
    const auto wanted = [&](std::string_view key) {
        return (!pattern_ || pattern_->matches(key)) && may_read(key);
    };
    return limit_ ? step_page(cache, now, wanted, out) : step_sorted(cache, now, wanted, out);
}

/// The next step through a shard. Nothing yet, or up to `most` keys after `after`.
template <class Wanted>
std::optional<std::vector<std::string>> KeyListing::scan(cache::Cache& cache, cache::WallTime now,
                                                         unsigned shard, const std::string& after,
                                                         std::size_t most, Wanted&& wanted) {
    if (!scan_) scan_ = std::make_unique<cache::KeyScan>(cache, shard, after, most);
    if (!scan_->step(wanted, now)) return std::nullopt;
    auto keys = scan_->take();
    scan_.reset();
    return keys;
}

template <class Wanted>
bool KeyListing::step_page(cache::Cache& cache, cache::WallTime now, Wanted&& wanted,
                           std::string& out) {
    const std::size_t most = std::min(*limit_, keys_a_step);
    const auto keys = scan(cache, now, shard_, after_, most, wanted);
    if (!keys) return false;
    if (write_page(*keys, out)) return true;
    if (keys->size() == most) return false;
    after_.clear();
    if (++shard_ < cache::Cache::shard_count) return false;
    out += "KEYLISTEND\r\n";
    return true;
}

template <class Wanted>
bool KeyListing::step_sorted(cache::Cache& cache, cache::WallTime now, Wanted&& wanted,
                             std::string& out) {
    if (Run* const run = empty_run()) {
        const auto index = static_cast<unsigned>(run - runs_.data());
        auto keys = scan(cache, now, index, run->after, keys_a_run, wanted);
        if (!keys) return false;
        run->keys = std::move(*keys);
        run->written = 0;
        run->is_last = run->keys.size() < keys_a_run;
        if (!run->is_last) run->after = run->keys.back();
    }
    return !empty_run() && write_sorted(out);
}

}  // namespace clacks::node
