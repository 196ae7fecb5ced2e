#include "persistence/loading.hpp"

#include <algorithm>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "persistence/block_table.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {
namespace {

constexpr unsigned most_threads = 4;

/// The work of one load: the shards, and before them the check of the whole, each done once by
/// whoever is free.
class Loading {
public:
    Loading(const LoadSettings& settings, cache::Cache& cache)
        : settings_(settings), cache_(cache) {}

    std::optional<Failure> run() {
        const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
        std::vector<std::thread> helpers;
        helpers.reserve(count);
        try {
            for (unsigned i = 1; i < count; ++i) helpers.emplace_back([this] { take_part(); });
        } catch (const std::system_error&) {
            // No more threads are to be had: those that there are do the work.
        }
        take_part();
        for (auto& helper : helpers) helper.join();
        // A search in a tree of which a byte has changed may pass by blocks that are there.
        if (!failure_ && blocks_found_ != 2 * settings_.blocks)
            return damaged("entries are missing");
        return failure_;
    }

private:
    void take_part() {
        try {
            do_jobs();
        } catch (const std::bad_alloc&) {
            fail({Failure::Kind::unusable, "there is too little memory to read it"});
        }
    }

    void do_jobs() {
        auto database = Database::open(settings_.path, settings_.mode);
        if (!database) return fail(database.error());
        for (unsigned job = next_job_++; job <= cache::Cache::shard_count && !failed_;
             job = next_job_++) {
            const auto failure =
                job == 0 ? StoreFile::check(*database) : load_shard(*database, job - 1);
            if (failure) fail(*failure);
        }
    }

    /// Of each key only the last record counts. What was before it might not fit, with all the
    /// rest, into the memory that is enough for what is left at the end.
    std::optional<Failure> load_shard(Database& database, unsigned shard) {
        boost::unordered_flat_map<std::uint64_t, std::uint64_t> last;
        std::uint64_t number = 0;
        auto failure = for_each_record(database, shard, [&](const BlockReader::Record& record) {
            last[hash(record)] = ++number;
            return cache_.shard_of(record.entry.key) == shard;
        });
        if (failure) return failure;
        number = 0;
        return for_each_record(database, shard, [&](BlockReader::Record& record) {
            const bool counts = last[hash(record)] == ++number && !record.is_forgotten;
            return !counts || load_entry(record.entry);
        });
    }

    /// Of two keys with the same hash one would be lost: nobody finds them, as nobody knows the
    /// key.
    std::uint64_t hash(const BlockReader::Record& record) const {
        return cache::hash(record.entry.key, hash_key_);
    }

    /// `visit(record)` returns false if it is not what was written.
    template <class Visit>
    std::optional<Failure> for_each_record(Database& database, unsigned shard, Visit&& visit) {
        BlockRows rows(database, shard);
        auto step = rows.step();
        for (; step == BlockRows::Step::block; step = rows.step()) {
            if (!for_each_record(rows, visit)) return damaged("entries are not what was written");
            ++blocks_found_;
        }
        if (step == BlockRows::Step::done) return std::nullopt;
        if (step == BlockRows::Step::failed) return database.failure();
        return damaged("entries are not what was written");
    }

    template <class Visit>
    bool for_each_record(const BlockRows& block, Visit& visit) {
        BlockReader reader(block.bytes(), settings_.goes_on);
        std::uint64_t records = 0;
        for (auto record = reader.next(); record; record = reader.next(), ++records) {
            if (!visit(*record)) return false;
        }
        return !reader.failed() && records == block.records();
    }

    bool load_entry(cache::EntryView& entry) {
        entry.accessed = settings_.now;
        // For those that come later, and perhaps for all: it may be more than fits.
        const auto room = cache_.make_room(entry, settings_.now);
        if (room) return cache_.restore(entry);
        cache_.leave_out(entry.key);
        return true;
    }

    static Failure damaged(const char* what) { return {Failure::Kind::damaged, what}; }

    void fail(Failure failure) {
        const std::lock_guard lock(mutex_);
        if (!failed_.exchange(true)) failure_ = std::move(failure);
    }

    const LoadSettings& settings_;
    const cache::HashKey hash_key_ = cache::random_hash_key();
    cache::Cache& cache_;
    std::atomic<unsigned> next_job_{0};
    std::atomic<bool> failed_{false};
    std::atomic<std::uint64_t> blocks_found_{0};  ///< each twice
    std::mutex mutex_;
    std::optional<Failure> failure_;
};

}  // namespace

std::optional<Failure> load(const LoadSettings& settings, cache::Cache& cache) {
    return Loading(settings, cache).run();
}

}  // namespace clacks::persistence
