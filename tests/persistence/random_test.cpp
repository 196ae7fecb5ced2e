// Whatever happens to a store, in whatever order: what was saved is there after a restart.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <csignal>
#include <limits>
#include <random>
#include <set>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

using cache::at;

constexpr std::size_t plenty = std::numeric_limits<std::size_t>::max() / 2;

/// Whether an entry that has expired is a tombstone yet makes no difference.
std::string text_of(const cache::EntryView& entry, cache::WallTime now) {
    const auto number = [](cache::WallTime time) {
        return std::to_string(time.time_since_epoch().count()) + ' ';
    };
    std::string text = number(entry.changed) + number(entry.expires) +
                       (entry.deleted ? "- " : "+ ") + std::to_string(entry.writer) + ' ' +
                       std::to_string(entry.flags) + ' ' + std::to_string(entry.sequence) + ' ' +
                       std::to_string(entry.value.size()) + ' ' +
                       std::string(entry.value.substr(0, 20));
    if (entry.expires <= now) return number(entry.changed) + number(entry.expires) + "over";
    if (!entry.counter) return text;
    text += " = " + entry.counter->base + ' ' + number(entry.counter->base_changed);
    for (const auto& one : entry.counter->contributions)
        text += " " + std::to_string(one.id) + "*" + std::to_string(one.count) + "=" + one.sum;
    return text;
}

using Content = std::map<std::string, std::string, std::less<>>;

/// All but what the watermark says.
Content content_of(cache::Cache& cache, cache::WallTime now) {
    Content all;
    const auto cleared = cache.cleared();
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        cache.lock(shard).for_each([&](const cache::EntryView& entry) {
            if (entry.changed > cleared) all.emplace(entry.key, text_of(entry, now));
        });
    }
    return all;
}

/// One node, and what happens to it.
class Life {
public:
    static inline int failures = 0;  ///< of all lives
    static inline int restarts = 0;
    explicit Life(unsigned seed) : random_(seed), keys_(5 + pick(60)), large_(pick(3) == 0) {
        start(plenty);
    }

    void go_on() {
        const unsigned what = pick(100);
        if (what < 70) {
            for (unsigned i = 1 + pick(40); i > 0; --i) change();
        } else if (what < 80) {
            save_quietly();
        } else if (what < 90) {
            save_among_changes();
        } else if (what < 95) {
            fail();
        } else {
            save_quietly();
            restart_and_compare(pick(4) == 0);
        }
    }

private:
    unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
    cache::Cache& cache() { return *restored_.cache; }
    Content content() { return content_of(cache(), at(now_)); }
    std::string any_key() { return "key" + std::to_string(pick(keys_)); }

    void start(std::size_t memory) {
        ++restarts;
        snapshots_.reset();
        Told told;
        auto restored =
            restore({.path = directory_.database(), .memory = memory}, some_time(), told.tell());
        REQUIRE(restored.has_value());
        if (!told.events.empty()) FAIL(told.events.front() << ' ' << told.whys.front());
        restored_ = std::move(*restored);
        cache().set_budget(plenty, true);
        snapshots_ = std::make_unique<Snapshots>(
            directory_.database(), cache(), restored_.state, restored_.found,
            [this](State& state) { state.time = at(now_); }, told_.tell());
    }

    void change() {
        now_ += 1 + pick(3);
        const std::string key = any_key();
        touched_.insert(key);
        switch (pick(24)) {
            case 0:
            case 1:
            case 2:
                return (void)cache().lock(key).remove(key, at(now_));
            case 3:
            case 4:
            case 5:
                return (void)cache().lock(key).add(key, "1", false, at(now_));
            case 6:
                return cache::store_until(cache(), key, "until", now_, now_ + pick(100));
            case 7: {
                auto entry = cache::living(key, "other", now_ + pick(1000), 3);
                entry.writer = 1 + pick(3);
                entry.flags = pick(2);
                return (void)cache::merge(cache(), entry);
            }
            case 8:
            case 9:
                return clean(at(now_ - pick(200)), at(0));
            case 10:
                return clean(at(0), at(now_ - pick(200)));
            case 11:
                if (pick(20) > 0) return;
                all_touched_ = true;
                return cache().clear(at(now_), [](auto) {});
            case 12:
                if (pick(20) > 0) return;
                all_touched_ = true;
                return cache().merge_clear(at(now_ - 100));
            case 13:
                if (pick(20) > 0) return;
                all_touched_ = true;
                return cache().shift(std::chrono::microseconds(pick(50)), [] {});
            case 14:
                if (pick(20) > 0) return;
                all_touched_ = true;
                return cache().correct(-std::chrono::microseconds(pick(100)),
                                       {.since = cache().last_sequence() - pick(20),
                                        .of_others = pick(2) == 0,
                                        .cleared = pick(2) == 0});
            case 15:
                return (void)cache().lock(key).tell_again(key);
            case 16:
                return (void)cache().lock(key).bury(key, at(now_));
            case 17:
                return (void)cache().lock(key).expire(key, at(now_ + pick(100)), at(now_));
            default:
                return cache::store(
                    cache(), key,
                    std::string(pick(large_ ? 20'000 : 300), 'v') + std::to_string(now_), now_);
        }
    }

    void clean(cache::WallTime deleted_before, cache::WallTime stale_before) {
        for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
            cache().lock(shard).clean(at(now_), deleted_before, stale_before,
                                      [&](auto key, auto) { touched_.emplace(key); });
        }
    }

    void save_quietly() {
        save([] {});
        if (pick(2) == 0) CHECK_FALSE(snapshots_->tidy().has_value());
    }

    /// Kills the node right after it: what did not change meanwhile has to be there.
    void save_among_changes() {
        touched_.clear();
        all_touched_ = false;
        const auto last_forgotten = cache().last_forgotten();
        save([&] {
            if (pick(3) > 0) return;
            for (unsigned i = pick(10); i > 0; --i) change();
        });
        if (pick(3) > 0) return;
        const Content before = content();
        start(plenty);
        CHECK(cache().last_forgotten() >= last_forgotten);
        if (all_touched_) return;
        compare(before, content(), true);
    }

    void compare(const Content& expected, const Content& found, bool but_touched) {
        for (const auto& [key, text] : expected) {
            if (but_touched && touched_.contains(key)) continue;
            CAPTURE(key);
            const auto at = found.find(key);
            REQUIRE(at != found.end());
            REQUIRE(at->second == text);
        }
        for (const auto& [key, text] : found) {
            if (but_touched && touched_.contains(key)) continue;
            CAPTURE(key);
            CAPTURE(text);
            REQUIRE(expected.contains(key));
        }
    }
    template <class Meanwhile>
    void save(Meanwhile meanwhile) {
        const auto perform = [&](const Snapshots::Piece& piece, auto, auto) {
            piece([](auto, auto) { return false; });
            meanwhile();
        };
        const auto copy = [&](const std::function<void()>& step) {
            if (pick(20) == 0) meanwhile();
            if (pick(20) == 0) return false;
            step();
            return true;
        };
        const auto report = snapshots_->save(false, some_time(), perform, copy);
        if (!report) FAIL(report.error().what);
    }

    /// As if the disk was full, from some place on.
    void fail() {
        const auto log_bytes = std::filesystem::exists(directory_.database() + "-wal")
                                   ? std::filesystem::file_size(directory_.database() + "-wal")
                                   : 0;
        const auto perform = [&](const Snapshots::Piece& piece, auto, auto) {
            piece([](auto, auto) { return false; });
            if (pick(5) == 0) change();
        };
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        const rlimit limit{.rlim_cur = log_bytes + pick(200'000), .rlim_max = before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto report = snapshots_->save(false, some_time(), perform);
        ::setrlimit(RLIMIT_FSIZE, &before);
        if (report.has_error()) {
            ++failures;
            CHECK(report.error().kind == Failure::Kind::unusable);
        }
    }

    void restart_and_compare(bool small) {
        const Content before = content();
        const auto last_forgotten = cache().last_forgotten();
        const auto cleared = cache().cleared();
        if (small) {
            start((32U << 10U) + pick(512U << 10U));
            for (const auto& [key, text] : content()) {
                CAPTURE(key);
                REQUIRE(before.contains(key));
                REQUIRE(before.find(key)->second == text);
            }
            const Content left = content();
            save_quietly();
            start(plenty);
            compare(left, content(), false);
        } else {
            start(plenty);
            compare(before, content(), false);
        }
        CHECK(cache().last_forgotten() >= last_forgotten);
        CHECK(cache().cleared() == cleared);
        CHECK(number(directory_.database(), "SELECT count(*) FROM block") < 4000);
    }

    std::mt19937_64 random_;
    const unsigned keys_;
    const bool large_;
    const Directory directory_;
    long now_ = 10'000'000;
    Restored restored_;
    Told told_;
    std::unique_ptr<Snapshots> snapshots_;
    std::set<std::string, std::less<>> touched_;
    bool all_touched_ = false;
};

}  // namespace

TEST_CASE("random: what was saved is there after a restart, whatever happened before and since") {
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    for (unsigned seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        for (int i = 0; i < 150; ++i) life.go_on();
    }
    std::signal(SIGXFSZ, before);
    // All of it has happened, or nothing was tried.
    CHECK(Life::failures > 10);
    CHECK(Life::restarts > 100);
}

}  // namespace clacks::persistence
