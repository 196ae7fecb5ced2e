#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "peers.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

/// How many random histories: CLACKS_HISTORIES, else a short form.
unsigned history_count() {
    const char* const wanted = std::getenv("CLACKS_HISTORIES");
    return wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 300;
}

/// What a node has, as it counts at `look`. Tombstones from before the last clear say nothing.
std::string known(Cache& cache, long look) {
    const WallTime cleared = cache.cleared();
    std::map<std::string, std::string> lines;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        cache.lock(shard).for_each([&](const EntryView& stored) {
            const EntryView entry = as_of(stored, at(look));
            if (entry.deleted && entry.changed <= cleared) return;
            lines[std::string(entry.key)] =
                std::to_string(entry.changed.time_since_epoch().count()) +
                (entry.deleted
                     ? " deleted"
                     : "." + std::to_string(entry.flags) + "=" + std::string(entry.value));
        });
    }
    std::string text;
    for (const auto& [key, line] : lines) text.append(key).append(" ").append(line) += '\n';
    return text;
}

/// Two to five nodes, each with a clock of its own, that write, meet in pairs and go apart again.
class History {
public:
    explicit History(unsigned seed)
        : random_(seed), peers_(make_peers(2 + static_cast<int>(random_() % 4))) {
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            skew_.push_back(static_cast<long>(random_() % 2000) - 1000);
        }
    }

    void run(int steps, bool only_counting) {
        for (int i = 0; i < steps; ++i) {
            now_ += static_cast<long>(random_() % 20);
            const auto index = random_() % peers_.size();
            if (random_() % 10 == 0) {
                const auto other = random_() % peers_.size();
                if (other != index) tell_all(peers_[index], peers_[other]);
            } else if (only_counting) {
                if (random_() % 60 == 0) forget(index);
                if (random_() % 60 == 0) move_times();
                if (random_() % 10 == 0) prolong(index);
                count(index);
            } else {
                change(index);
            }
        }
        meet_all(peers_);
    }

    /// The same on all nodes, when all their clocks are past it and when everything has expired. ""
    /// or what is not.
    std::string difference() {
        for (const long look : {12'000 + now_, 1'000'000L}) {
            const std::string first = known(peers_.front().cache, look);
            for (Peer& peer : peers_) {
                const std::string other = known(peer.cache, look);
                if (other != first) return first + "--- and ---\n" + other;
                const auto keys = peer.cache.keys(at(look));
                if (keys != peers_.front().cache.keys(at(look))) return "other keys";
            }
        }
        return "";
    }

    /// What INCREMENTs have added to each key, if nothing else was done.
    const std::map<std::string, long>& counted() const { return counted_; }
    std::deque<Peer>& peers() { return peers_; }

private:
    std::string key() { return "key" + std::to_string(random_() % 6); }
    long clock(std::size_t index) const { return 10'000 + now_ + skew_[index]; }

    void count(std::size_t index) {
        const std::string name = key();
        const auto step = static_cast<long>(random_() % 9) - 4;
        peers_[index].cache.lock(name).add(name, std::to_string(step), false, at(clock(index)));
        counted_[name] += step;
    }

    /// What has been told to somebody makes room.
    void forget(std::size_t index) {
        tell_all(peers_[index], peers_[(index + 1) % peers_.size()]);
        clean(peers_[index].cache, 0, 0, forever);
    }

    /// The root of the tree is another one now: each node finds out by itself what time that has,
    /// and none exactly.
    void move_times() {
        for (Peer& peer : peers_) {
            peer.cache.shift(std::chrono::microseconds(500 + static_cast<long>(random_() % 40)),
                             [] {});
        }
        now_ += 500;
    }

    void prolong(std::size_t index) {
        const std::string name = key();
        const auto expires = random_() % 2 ? at(forever) : never;
        peers_[index].cache.lock(name).expire(name, expires, at(clock(index)));
    }

    void change(std::size_t index) {
        Cache& cache = peers_[index].cache;
        const std::string name = key();
        const auto time = at(clock(index));
        const auto expires = at(clock(index) + static_cast<long>(random_() % 300));
        switch (random_() % 12) {
            case 0:
            case 1:
                cache.lock(name).store(name, std::to_string(random_() % 100), time, local_origin,
                                       never, static_cast<std::uint32_t>(random_() % 3));
                break;
            case 2:
                cache.lock(name).store(name, "text", time, local_origin, expires);
                break;
            case 3:
                cache.lock(name).remove(name, time);
                break;
            case 4:
                cache.lock(name).expire(name, random_() % 3 ? expires : never, time);
                break;
            case 5:
                clean(cache, clock(index));
                break;
            case 6:
                if (random_() % 4 == 0) clear(cache, clock(index));
                break;
            default:
                count(index);
        }
    }

    static constexpr long forever = 1'000'000'000;

    std::mt19937 random_;
    std::deque<Peer> peers_;
    std::vector<long> skew_;
    long now_ = 0;
    std::map<std::string, long> counted_;
};

}  // namespace

TEST_CASE("histories: nodes that wrote apart from each other agree when they have met") {
    for (unsigned seed = 0; seed < history_count(); ++seed) {
        History history(seed);
        history.run(200, false);
        const std::string difference = history.difference();
        INFO("seed " << seed);
        REQUIRE(difference == "");
    }
}

TEST_CASE("histories: no increment is lost and none counts twice") {
    for (unsigned seed = 0; seed < history_count(); ++seed) {
        History history(seed);
        history.run(200, true);
        INFO("seed " << seed);
        REQUIRE(history.difference() == "");
        for (const auto& [name, sum] : history.counted()) {
            auto shard = history.peers().front().cache.lock(name);
            REQUIRE(shard.retrieve(name, at(1)) == std::to_string(sum));
        }
    }
}
