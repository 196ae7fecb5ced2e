#include "persistence/database.hpp"

#include <system_error>
#include <utility>

#include "persistence/sqlite_heap.hpp"

namespace clacks::persistence {
namespace {

/// How long to wait for somebody else's lock.
constexpr int patience_ms = 5000;

Failure::Kind kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // a table or column of ours is not there
        case SQLITE_MISMATCH:
        case SQLITE_CONSTRAINT:  // as we write it a row breaks none
            return Failure::Kind::damaged;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Failure::Kind::in_use;
        default:
            return Failure::Kind::unusable;
    }
}

/// As a URI, in which some characters have a meaning.
std::string uri_of(const std::string& path, std::string_view query) {
    // What follows two slashes is a machine: there is none.
    std::string uri = path.starts_with('/') ? "file://" : "file:";
    for (const char c : path) {
        if (c == '?' || c == '#' || c == '%') {
            constexpr char digits[] = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            uri.append({'%', digits[byte >> 4U], digits[byte & 15U]});
        } else {
            uri += c;
        }
    }
    return uri.append(query);
}

}  // namespace

Database::Database(sqlite3* handle) : handle_(handle) {
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, patience_ms);
    sqlite3_wal_hook(
        handle,
        [](void* shared, sqlite3*, const char*, int pages) {
            static_cast<Shared*>(shared)->log_pages = pages;
            return SQLITE_OK;
        },
        shared_.get());
}

Result<Database> Database::open(const std::string& path, Mode mode) {
    const int access =
        mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const std::string name =
        mode == Mode::immutable ? uri_of(path, "?immutable=1") : uri_of(path, "");
    give_sqlite_its_heap();
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle,
                                     access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
    if (!handle) return Failure{Failure::Kind::unusable, "out of memory"};
    Database database(handle);
    if (code != SQLITE_OK) return database.keep_failure();
    return database;
}

std::optional<Failure> Database::run(const std::string& sql) {
    if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return keep_failure();
}

Statement Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                       SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (!statement) keep_failure();
    return {statement, shared_->failure};
}

Failure Database::keep_failure() { return shared_->failure = failure_of(handle()); }

Failure Database::failure_of(sqlite3* handle) {
    const int code = sqlite3_extended_errcode(handle);
    std::string what = sqlite3_errmsg(handle);
    if (const int system = sqlite3_system_errno(handle);
        system != 0 && kind_of(code) == Failure::Kind::unusable) {
        what.append(" (").append(std::generic_category().message(system)).append(")");
    }
    return {kind_of(code), what};
}

bool Database::write_to_log() { return is_well(sqlite3_db_cacheflush(handle())); }

bool Database::sync_log() {
    sqlite3_file* log = nullptr;
    sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (!log || !log->pMethods) return true;
    return is_well(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

/// For what does not set the error of the connection.
bool Database::is_well(int code) {
    if (code == SQLITE_OK) return true;
    shared_->failure = {kind_of(code), sqlite3_errstr(code)};
    return false;
}

void Database::interrupt() {
    shared_->interrupted = true;
    sqlite3_interrupt(handle());
}

std::optional<Failure> Database::checkpoint() {
    const int code =
        sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code == SQLITE_OK) shared_->log_pages = 0;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || code == SQLITE_INTERRUPT) return {};
    return keep_failure();
}

void Database::leave_log(bool leave) {
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave ? 1 : 0, nullptr);
}

Statement::Step Statement::step() {
    if (!handle_ || incomplete_) return Step::failed;
    switch (sqlite3_step(handle_.get())) {
        case SQLITE_ROW:
            return Step::row;
        case SQLITE_DONE:
            return Step::done;
        default:
            // Now: the next statement's end would hide it.
            *failure_ = Database::failure_of(sqlite3_db_handle(handle_.get()));
            return Step::failed;
    }
}

bool Statement::run() {
    const bool done = step() == Step::done;
    reset();
    return done;
}

void Statement::reset() {
    sqlite3_reset(handle_.get());
    incomplete_ = false;
}

/// Without this a value that is too large would be NULL, and that would look like damage.
void Statement::bound(int code) {
    if (code == SQLITE_OK || !handle_ || incomplete_) return;
    incomplete_ = true;
    *failure_ = {Failure::Kind::unusable, sqlite3_errstr(code)};
}

void Statement::bind(int parameter, std::int64_t value) {
    bound(sqlite3_bind_int64(handle_.get(), parameter + 1, value));
}

void Statement::bind_null(int parameter) { bound(sqlite3_bind_null(handle_.get(), parameter + 1)); }

void Statement::bind_blob(int parameter, std::string_view value) {
    // Without an address it would be NULL.
    const char* const bytes = value.data() ? value.data() : "";
    bound(sqlite3_bind_blob64(handle_.get(), parameter + 1, bytes, value.size(), SQLITE_STATIC));
}

void Statement::bind_text(int parameter, std::string_view value) {
    const char* const bytes = value.data() ? value.data() : "";
    bound(sqlite3_bind_text64(handle_.get(), parameter + 1, bytes, value.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
}

void Statement::refuse(std::string why) {
    incomplete_ = true;
    *failure_ = {Failure::Kind::unusable, std::move(why)};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::bytes(int column) const {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return {bytes ? bytes : "", static_cast<std::size_t>(size)};
}

}  // namespace clacks::persistence
