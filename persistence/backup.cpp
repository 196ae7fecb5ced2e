#include "persistence/backup.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "persistence/checking.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {
namespace {

/// 1 MiB: a millisecond or so.
constexpr std::uint64_t bytes_a_step = 1U << 20U;

std::optional<Failure> begin_reading(Database& database) {
    if (auto failure = database.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"))
        return failure;
    // The moment that is copied: without a transaction every snapshot of the node would make the
    // copy begin anew.
    return database.run("BEGIN; SELECT 1 FROM sqlite_schema");
}

/// Opens the original for reading, also where nothing can be written beside it.
Result<Database> open_original(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return Failure{Failure::Kind::unusable, error ? error.message() : "there is no such file"};
    auto database = Database::open(path, Database::Mode::read);
    if (!database) return database;
    const auto failure = begin_reading(*database);
    if (!failure) return database;
    const auto log_bytes = std::filesystem::file_size(path + "-wal", error);
    const bool logged = !error && log_bytes > 0;
    if (failure->kind != Failure::Kind::unusable || logged) return *failure;
    database = Database::open(path, Database::Mode::immutable);
    if (!database) return database;
    if (auto still = begin_reading(*database)) return *still;
    return database;
}

/// A copy keeps its failures to itself.
Failure failure_of(int code) {
    const int kind = code & 0xff;
    return {kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ? Failure::Kind::damaged
                                                            : Failure::Kind::unusable,
            sqlite3_errstr(code)};
}

std::optional<Failure> copy_pages(Database& from, Database& to, const BackupProgress& progress) {
    struct Finish {
        void operator()(sqlite3_backup* copy) const { sqlite3_backup_finish(copy); }
    };
    const std::unique_ptr<sqlite3_backup, Finish> copy(
        sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
    if (!copy) return failure_of(sqlite3_errcode(to.handle()));
    auto size = from.prepare("PRAGMA page_size");
    if (size.step() != Statement::Step::row) return from.failure();
    const auto page_bytes = static_cast<std::uint64_t>(size.integer(0));
    size.reset();
    const auto pages_a_step =
        static_cast<int>(bytes_a_step / std::max<std::uint64_t>(page_bytes, 1));
    for (;;) {
        const int code = sqlite3_backup_step(copy.get(), pages_a_step);
        const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copy.get()));
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(copy.get()));
        if (code != SQLITE_OK && code != SQLITE_DONE) return failure_of(code);
        progress((all - left) * page_bytes, all * page_bytes);
        if (code == SQLITE_DONE) return std::nullopt;
    }
}

/// A copy is a file of its own: without a log beside it, and of no node.
std::optional<Failure> make_copy_of_nobody(StoreFile& file, const State& state) {
    Database& database = file.database();
    if (auto failure = database.run("PRAGMA journal_mode = OFF; BEGIN")) return failure;
    if (!file.write_copied_state(state)) return database.failure();
    return database.run("COMMIT");
}

}  // namespace

Result<BackupReport> backup(const BackupRequest& request, const BackupProgress& progress) {
    auto opened = open_original(request.database);
    if (!opened) return opened.error();
    auto original = StoreFile::take(request.database, std::move(*opened));
    if (!original) return original.error();
    const auto state = original->read_state();
    if (!state) return state.error();
    if (!*state) return Failure{Failure::Kind::unusable, "no node has saved anything to it yet"};
    if (!request.id.empty() && (*state)->id != request.id)
        return Failure{Failure::Kind::unusable, "it is another node's"};

    auto target = Database::open(request.file, Database::Mode::create);
    if (!target) return target.error();
    // Whatever becomes of it before it is complete, nobody will want it.
    auto failure = target->run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    if (!failure) failure = copy_pages(original->database(), *target, progress);
    if (failure) return *failure;
    auto copy = StoreFile::take(request.file, std::move(*target));
    if (!copy) return copy.error();
    failure = make_copy_of_nobody(*copy, **state);
    if (failure) return *failure;
    const auto entries = check_entries(copy->database(), (*state)->blocks);
    if (!entries) return entries.error();
    return BackupReport{.entries = *entries, .bytes = std::filesystem::file_size(request.file)};
}

}  // namespace clacks::persistence
