#include "cache/key_scan.hpp"

#include <algorithm>
#include <utility>

namespace clacks::cache {

KeyScan::KeyScan(Cache& cache, unsigned shard, std::string after, std::size_t limit)
    : cache_(cache), shard_(shard), after_(std::move(after)), limit_(limit) {
    auto locked = cache_.lock(shard_);
    ChangeList& changes = locked.entries().changes();
    ChangeList::insert(mark_, *changes.first());
}

KeyScan::~KeyScan() {
    const auto locked = cache_.lock(shard_);
    ChangeList::remove(mark_);
}

std::vector<std::string> KeyScan::take() { return std::move(found_); }

void KeyScan::keep_least() {
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    if (found_.size() > limit_) found_.resize(limit_);
    is_full_ = found_.size() == limit_;
    if (is_full_ && limit_ > 0) largest_ = found_.back();
}

}  // namespace clacks::cache
