#include "peers.hpp"

namespace clacks::cache {

EntryCopy::EntryCopy(const EntryView& entry, Origin origin)
    : entry_(entry), key_(entry.key), value_(entry.value) {
    entry_.origin = origin;
    if (entry.counter) counter_ = *entry.counter;
}

EntryView EntryCopy::view() const {
    EntryView entry = entry_;
    entry.key = key_;
    entry.value = value_;
    entry.counter = counter_ ? &*counter_ : nullptr;
    return entry;
}

std::deque<Peer> make_peers(int count) {
    std::deque<Peer> peers;
    for (int i = 1; i <= count; ++i) peers.emplace_back(static_cast<NodeId>(i) << 32U);
    return peers;
}

void tell_all(Peer& from, Peer& to) {
    to.cache.merge_clear(from.cache.cleared());
    std::vector<EntryCopy> entries;  // a thread holds one shard at a time
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        from.cache.lock(shard).for_each(
            [&](const EntryView& entry) { entries.emplace_back(entry, static_cast<Origin>(1)); });
    }
    for (const EntryCopy& entry : entries) {
        const EntryView view = entry.view();
        to.cache.lock(view.key).merge(view);
    }
}

void meet_all(std::deque<Peer>& peers) {
    for (int round = 0; round < 2; ++round) {
        for (Peer& from : peers) {
            for (Peer& to : peers) {
                if (&from != &to) tell_all(from, to);
            }
        }
    }
}

}  // namespace clacks::cache
