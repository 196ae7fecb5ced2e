// FEATURES and STATUS: protocol.txt, "STATUS".
#include "server/node/node.hpp"

namespace clacks::node {

namespace {

constexpr std::string_view feature_words =
    "patterns listenandretrieve expiry conditions increment_and_retrieve exists retrievemany "
    "keylist_pages status tree monitor_filter gaps save flags";

}  // namespace

void Node::features(Peer& from, Turn& turn) { reply(from, "FEATURES", feature_words, turn); }

void Node::status(Peer& from, Turn& turn) {
    std::string lines = "STATUSSTART\r\n";
    const auto add = [&](std::string_view key, std::string_view value) {
        lines.append("STATUS ").append(key).append("=").append(value).append("\r\n");
    };
    const auto sum = [&](Counters::Count Counters::*which) {
        std::uint64_t total = 0;
        for (unsigned i = 0; i < worker_count_; ++i) {
            total += (counters_[i].*which).load(std::memory_order_relaxed);
        }
        return std::to_string(total);
    };
    const auto uptime =
        std::chrono::duration_cast<std::chrono::seconds>(turn.now.mono - identity_.started.mono);
    std::string time;
    protocol::format_time(turn.now.wall, time);

    add("name", settings_.name);
    add("id", identity_.id);
    add("software", identity_.software);
    add("time", time);
    add("uptime_seconds", std::to_string(uptime.count()));
    add("workers", std::to_string(worker_count_));
    add("connections", std::to_string(registry_.size()));
    add("links", std::to_string(link_count_.load()));
    add("monitors", std::to_string(sees_all_count_.load() + filtered_count_.load()));
    add("listens", std::to_string(subscriptions_.size()));
    add("keys", std::to_string(cache_.size()));
    add("cache_memory_bytes", std::to_string(cache_.budget().memory()));
    add("cache_used_bytes", std::to_string(cache_.budget().used()));
    add("evicted", std::to_string(cache_.budget().evicted()));
    add("evicted_tombstones", std::to_string(cache_.budget().evicted_tombstones()));
    add("output_bytes_waiting", std::to_string(turn.outbox.waiting_bytes()));
    add("lines", sum(&Counters::lines));
    add("signals", sum(&Counters::signals));
    add("deliveries", sum(&Counters::deliveries));
    add("writes", sum(&Counters::writes));
    add("reads", sum(&Counters::reads));
    add("hits", sum(&Counters::hits));
    add("denied", sum(&Counters::denied));
    add("refused", sum(&Counters::refused));
    add("no_room", sum(&Counters::no_room));
    add("logins", sum(&Counters::logins));
    add("failed_logins", sum(&Counters::failed_logins));
    if (outside_) outside_->describe(add);
    if (storage_) storage_->describe(add);
    lines += "STATUSEND\r\n";
    turn.outbox.send(from, lines);
}

/// What is in the store now is safe when STATUS shows a persistence_saved_at that is not earlier.
void Node::save(Peer& from, Turn& turn) {
    if (!storage_ || !storage_->save_now()) {
        return turn.outbox.send(from, "OVERHEAD E not_saved no database (persistence.file)\r\n");
    }
    std::string time;
    protocol::format_time(tree_time(turn), time);
    reply(from, "SAVING", time, turn);
}

Knowledge Node::knowledge(const Now& now) const {
    const std::lock_guard lock(whole_store_);
    const WallTime time = tree_time(now);
    return {.time = time,
            .ahead = time - now.wall,
            .time_root = time_root_,
            .positions = positions_.all()};
}

}  // namespace clacks::node
