#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/failure.hpp"

// SQLite, as far as it is used here: the only place that knows its functions.
namespace clacks::persistence {

class Statement;

/// A connection to a database file. Used by one thread at a time.
class Database {
public:
    enum class Mode : std::uint8_t {
        create,     ///< read and write; made if it is not there
        read,       ///< read only
        immutable,  ///< read only, where nothing can be written beside it and nobody writes
    };
    static Result<Database> open(const std::string& path, Mode mode);

    /// Runs statements that return nothing, separated by `;`.
    std::optional<Failure> run(const std::string& sql);
    /// Compiles one statement. A mistake in it is one of ours, or the file's: the failure comes
    /// with its first step.
    Statement prepare(std::string_view sql);

    /// What went wrong last.
    const Failure& failure() const { return shared_->failure; }

    /// Writes what the open transaction has changed so far to the file's log, as far as it is not
    /// going to change again.
    bool write_to_log();
    /// Has the disk take what is in the log. Both leave less for COMMIT to do; false: failure().
    bool sync_log();

    /// How much the transactions since the last checkpoint() take up in the file's log, in pages.
    int log_pages() const { return shared_->log_pages; }
    /// Takes what is in the log over into the file, as far as nobody is reading that.
    std::optional<Failure> checkpoint();
    /// Whether what is in the log stays there when the database is closed, in place of being taken
    /// over. Not at first.
    void leave_log(bool leave);
    /// Ends a checkpoint() or a statement under way early. From any thread.
    void interrupt();
    /// Since forget_interruption().
    bool was_interrupted() const { return shared_->interrupted; }
    void forget_interruption() { shared_->interrupted = false; }

    sqlite3* handle() const { return handle_.get(); }

private:
    friend class Statement;

    /// What SQLite's callbacks and the statements refer to.
    struct Shared {
        int log_pages = 0;
        std::atomic<bool> interrupted{false};
        Failure failure{};
    };
    static Failure failure_of(sqlite3* handle);
    Failure keep_failure();
    bool is_well(int code);

    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };
    explicit Database(sqlite3* handle);

    std::unique_ptr<Shared> shared_ = std::make_unique<Shared>();
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A compiled statement. Parameters and columns are counted from 0. Must not outlive its database.
class Statement {
public:
    enum class Step : std::uint8_t { row, done, failed };

    Step step();
    /// Steps a statement that returns nothing, and makes it ready for the next time.
    bool run();
    /// Ready for the next time.
    void reset();

    /// What SQLite does not take makes the next step fail.
    void bind(int parameter, std::int64_t value);
    void bind_null(int parameter);
    /// The bytes must stay as they are until the statement has been run.
    void bind_blob(int parameter, std::string_view value);
    void bind_text(int parameter, std::string_view value);
    /// Makes the next step fail.
    void refuse(std::string why);

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    /// A blob or a text; valid until the next step.
    std::string_view bytes(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    Statement(sqlite3_stmt* handle, Failure& failure) : handle_(handle), failure_(&failure) {}

    void bound(int code);

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    Failure* failure_;         ///< the database's
    bool incomplete_ = false;  ///< a parameter could not be bound; *failure_ says why
};

}  // namespace clacks::persistence
