#include "persistence/loading.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "persistence/entry_row.hpp"
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
        // A search in a tree of which a byte has changed may pass by rows that are there.
        if (!failure_ && rows_found_ != rows_there_) return damaged("entries are out of order");
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
            const auto failure = job == 0 ? check(*database) : load_shard(*database, job - 1);
            if (failure) fail(*failure);
        }
    }

    std::optional<Failure> check(Database& database) {
        if (auto failure = StoreFile::check(database)) return failure;
        auto count = database.prepare("SELECT count(*) FROM entry");
        if (count.step() != Statement::Step::row) return database.failure();
        rows_there_ = count.integer(0);
        return std::nullopt;
    }

    std::optional<Failure> load_shard(Database& database, unsigned shard) {
        auto row = database.prepare("SELECT " + std::string(entry_columns) +
                                    " FROM entry WHERE shard = ?");
        row.bind(0, shard);
        EntryReader reader(settings_.goes_on);
        std::int64_t rows = 0;
        auto step = row.step();
        for (; step == Statement::Step::row; step = row.step()) {
            auto entry = reader.read(row);
            if (!entry || cache_.shard_of(entry->key) != shard) {
                return damaged("an entry is not what was written");
            }
            entry->accessed = settings_.now;
            // For those that come later, and perhaps for all: it may be more than fits.
            const auto room = cache_.make_room(*entry, settings_.now);
            if (room && !cache_.restore(*entry)) return damaged("an entry is there twice");
            ++rows;
        }
        rows_found_ += rows;
        if (step == Statement::Step::failed) return database.failure();
        return std::nullopt;
    }

    static Failure damaged(const char* what) { return {Failure::Kind::damaged, what}; }

    void fail(Failure failure) {
        const std::lock_guard lock(mutex_);
        if (!failed_.exchange(true)) failure_ = std::move(failure);
    }

    const LoadSettings& settings_;
    cache::Cache& cache_;
    std::atomic<unsigned> next_job_{0};
    std::atomic<bool> failed_{false};
    std::int64_t rows_there_ = 0;
    std::atomic<std::int64_t> rows_found_{0};
    std::mutex mutex_;
    std::optional<Failure> failure_;
};

}  // namespace

std::optional<Failure> load(const LoadSettings& settings, cache::Cache& cache) {
    return Loading(settings, cache).run();
}

}  // namespace clacks::persistence
