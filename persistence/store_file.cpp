#include "persistence/store_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "persistence/block_table.hpp"
#include "persistence/bytes.hpp"
#include "persistence/file_identity.hpp"
#include "persistence/obstacle.hpp"
#include "persistence/old_rows.hpp"

namespace clacks::persistence {
namespace {

/// "Clks", in the file's header: tells our databases from those of others.
constexpr std::int64_t application_id = 0x436c6b73;
constexpr std::int64_t schema_version = 4;
constexpr int page_bytes = 32 << 10;

std::optional<Failure> add_flags(Database& database) {
    return database.run("ALTER TABLE entry ADD COLUMN flags INTEGER NOT NULL DEFAULT 0");
}

/// What makes the format behind of the one with the number `index + 1`.
constexpr std::optional<Failure> (*migrations[])(Database&) = {add_flags, take_over_rows,
                                                               take_over_blocks};
static_assert(std::size(migrations) + 1 == schema_version);

/// Every column there is in the present format, sorted.
constexpr std::string_view columns =
    "block.bytes block.checksum block.id block.records meta.name meta.value position.node "
    "position.sequence";

const std::vector<std::string>& schema() {
    static const std::vector<std::string> tables{
        std::string(create_block_table),
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE position (node TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID",
    };
    return tables;
}

/// Where no file is: with the identity of one it has no likeness.
constexpr const char* nowhere = "copy";

Failure damaged(std::string what) { return {Failure::Kind::damaged, std::move(what)}; }

using Meta = std::map<std::string, std::string, std::less<>>;

template <class Number>
bool read_number(const Meta& meta, std::string_view name, Number& number) {
    const auto found = meta.find(name);
    if (found == meta.end()) return false;
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_time(const Meta& meta, std::string_view name, cache::WallTime& time) {
    std::int64_t number = 0;
    if (!read_number(meta, name, number)) return false;
    time = cache::WallTime(std::chrono::microseconds(number));
    return true;
}

std::string text_of(cache::WallTime time) {
    return std::to_string(time.time_since_epoch().count());
}

Meta to_meta(const State& state, const std::string& place) {
    return {{"id", state.id},
            {"writer", std::to_string(state.writer)},
            {"hash_key_low", std::to_string(state.hash_key.low)},
            {"hash_key_high", std::to_string(state.hash_key.high)},
            {"sequence", std::to_string(state.sequence)},
            {"last_forgotten", std::to_string(state.last_forgotten)},
            {"cleared", text_of(state.cleared)},
            {"entries", std::to_string(state.entries)},
            {"blocks", std::to_string(state.blocks)},
            {"ended", state.ended ? "1" : "0"},
            {"time", text_of(state.time)},
            {"ahead", std::to_string(state.ahead.count())},
            {"time_root", state.time_root},
            {"place", place}};
}

bool from_meta(const Meta& meta, State& state) {
    std::int64_t ahead = 0;
    int ended = 0;
    if (!meta.contains("id") || !meta.contains("time_root")) return false;
    state.id = meta.find("id")->second;
    state.time_root = meta.find("time_root")->second;
    const bool whole = read_number(meta, "writer", state.writer) &&
                       read_number(meta, "hash_key_low", state.hash_key.low) &&
                       read_number(meta, "hash_key_high", state.hash_key.high) &&
                       read_number(meta, "sequence", state.sequence) &&
                       read_number(meta, "last_forgotten", state.last_forgotten) &&
                       read_time(meta, "cleared", state.cleared) &&
                       read_number(meta, "entries", state.entries) &&
                       read_number(meta, "ended", ended) && read_time(meta, "time", state.time) &&
                       read_number(meta, "ahead", ahead);
    (void)read_number(meta, "blocks", state.blocks);  // which formats 1 and 2 did not have
    state.ended = ended != 0;
    state.ahead = std::chrono::microseconds(ahead);
    return whole && !state.id.empty();
}

std::string checksum(const Meta& meta, const State& state) {
    std::string bytes;
    for (const auto& [name, value] : meta) {
        if (name == "checksum") continue;
        put(bytes, name);
        put(bytes, value);
    }
    for (const auto& [node, sequence] : state.positions) {
        put(bytes, node);
        put(bytes, sequence);
    }
    return std::to_string(cache::hash(bytes, cache::HashKey{}));
}

/// (Database File Format, 1.3.1.)
bool begins_as_a_database(const std::string& path) {
    static constexpr std::string_view magic{"SQLite format 3\0", 16};
    std::array<char, magic.size()> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    return std::string_view(start.data(), start.size()) == magic;
}

/// SQLite takes what is missing of the last page for zeros. Whoever is killed while he takes the
/// log over leaves it beside the file, and it is taken over again.
bool ends_within_a_page(const std::string& path, std::uintmax_t size) {
    std::error_code none;
    const auto log_size = std::filesystem::file_size(path + "-wal", none);
    if (!none && log_size > 0) return false;
    std::array<char, 18> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    // Big endian, in units of 256 bytes (Database File Format, 1.3.2): no size is less than two.
    const auto bytes = static_cast<unsigned char>(start[16]) * 256U;
    return bytes > 0 && size % bytes != 0;
}

/// SQLite names what it tried last, which is not what kept it from writing.
Failure with_obstacle(const std::string& path, Failure failure) {
    if (failure.kind != Failure::Kind::unusable) return failure;
    if (auto why = obstacle_to_writing(path); !why.empty()) failure.what = std::move(why);
    return failure;
}

Result<std::int64_t> read_pragma(Database& database, const std::string& name) {
    auto statement = database.prepare("PRAGMA " + name);
    if (statement.step() != Statement::Step::row) return database.failure();
    return statement.integer(0);
}

}  // namespace

StoreFile::StoreFile(std::string path, Database database)
    : path_(std::move(path)), database_(std::move(database)) {
    identity_ = identity_of(path_).value_or("");
}

Result<StoreFile> StoreFile::open(const std::string& path, bool leaves_log) {
    // SQLite takes so little for nothing at all, and would write over it.
    constexpr std::uintmax_t smallest_page = 512;
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    if (!none && size > 0 && size < smallest_page) return damaged("it is too short");
    if (!none && ends_within_a_page(path, size))
        return damaged(begins_as_a_database(path) ? "it was cut off" : "it is not a database");
    // SQLite would let everybody read it. What it makes beside it gets the same rights.
    if (const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
        file >= 0) {
        ::close(file);
    }
    auto database = Database::open(path, Database::Mode::create);
    if (!database) return with_obstacle(path, database.error());
    StoreFile file(path, std::move(*database));
    file.leave_log(leaves_log);
    if (const auto failure = file.prepare()) return with_obstacle(path, *failure);
    return file;
}

Result<StoreFile> StoreFile::open_immutable(const std::string& path) {
    auto database = Database::open(path, Database::Mode::immutable);
    if (!database) return database.error();
    StoreFile file(path, std::move(*database));
    if (auto failure = file.check_format()) return *failure;
    return file;
}

Result<StoreFile> StoreFile::take(std::string path, Database database) {
    StoreFile file(std::move(path), std::move(database));
    if (auto failure = file.check_format()) return *failure;
    return file;
}

std::optional<Failure> StoreFile::prepare() {
    // A snapshot that is reported is on the disk: FULL. The log is taken over by checkpoint().
    auto failure = database_.run(
        "PRAGMA cache_size = -4096; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
        "PRAGMA journal_size_limit = 67108864; PRAGMA synchronous = FULL; PRAGMA secure_delete = "
        "OFF;");
    if (failure) return failure;
    const auto version = read_pragma(database_, "schema_version");
    if (!version) return version.error();
    if (*version == 0) return create();
    if ((failure = check_owner())) return failure;
    if ((failure = migrate())) return failure;
    if ((failure = check_schema())) return failure;
    return database_.run("PRAGMA journal_mode = WAL");
}

std::optional<Failure> StoreFile::create() {
    // Of the usual 4 KiB a large snapshot would have to read and write eight times as many.
    std::string sql = "PRAGMA page_size = " + std::to_string(page_bytes) +
                      "; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;";
    for (const auto& table : schema()) sql += table + ";";
    sql += "PRAGMA application_id = " + std::to_string(application_id) + ";";
    sql += "PRAGMA user_version = " + std::to_string(schema_version) + ";COMMIT;";
    auto failure = database_.run(sql);
    identity_ = identity_of(path_).value_or("");
    return failure;
}

/// Whether it is a database of ours, of a version that we know.
std::optional<Failure> StoreFile::check_owner() {
    const auto application = read_pragma(database_, "application_id");
    if (!application) return application.error();
    if (*application != application_id) return damaged("it is not a database of clacksd");
    const auto version = read_pragma(database_, "user_version");
    if (!version) return version.error();
    if (*version < 1) return damaged("it has no format");
    if (*version <= schema_version) return std::nullopt;
    return Failure{Failure::Kind::newer, "it was written by a newer clacksd (its format is " +
                                             std::to_string(*version) + ", this one knows up to " +
                                             std::to_string(schema_version) + ")"};
}

/// The same where nothing is migrated: an older one is as good as ever, but not for us.
std::optional<Failure> StoreFile::check_format() {
    if (auto failure = check_owner()) return failure;
    const auto version = read_pragma(database_, "user_version");
    if (!version) return version.error();
    if (*version == schema_version) return check_schema();
    return Failure{Failure::Kind::unusable, "its format is an older one (" +
                                                std::to_string(*version) +
                                                "), which a clacksd has to take over first"};
}

/// From whatever older format to the present one, or nothing at all.
std::optional<Failure> StoreFile::migrate() {
    const auto version = read_pragma(database_, "user_version");
    if (!version) return version.error();
    if (*version == schema_version) return std::nullopt;
    auto failure = database_.run("BEGIN IMMEDIATE");
    // What is missing from the old tables nobody finds in the new ones.
    if (!failure) failure = check(database_);
    for (auto from = *version; !failure && from < schema_version; ++from)
        failure = migrations[static_cast<std::size_t>(from - 1)](database_);
    if (!failure) failure = count_blocks();
    if (!failure) {
        failure =
            database_.run("PRAGMA user_version = " + std::to_string(schema_version) + ";COMMIT");
    }
    if (failure) (void)database_.run("ROLLBACK");
    return failure;
}

/// Of a file that did not know how many there are.
std::optional<Failure> StoreFile::count_blocks() {
    const auto table = BlockTable::open(database_);
    if (!table) return table.error();
    const auto found = read_state();
    if (!found) return found.error();
    if (!*found) return std::nullopt;
    State state = **found;
    state.blocks = table->count();
    if (copied_ ? write_copied_state(state) : write_state(state)) return std::nullopt;
    return database_.failure();
}

std::optional<Failure> StoreFile::check_schema() {
    std::string found;
    auto row = database_.prepare(
        "SELECT s.name || '.' || c.name FROM sqlite_schema s, pragma_table_info(s.name) c "
        "WHERE s.type = 'table' ORDER BY 1");
    auto step = row.step();
    for (; step == Statement::Step::row; step = row.step()) {
        found.append(found.empty() ? "" : " ").append(row.bytes(0));
    }
    if (step == Statement::Step::failed) return database_.failure();
    auto others = database_.prepare("SELECT count(*) FROM sqlite_schema WHERE type <> 'table'");
    if (others.step() != Statement::Step::row) return database_.failure();
    if (others.integer(0) == 0 && found == columns) return std::nullopt;
    return damaged("its tables are not those of clacksd");
}

Result<std::optional<State>> StoreFile::read_state() {
    State state;
    Meta meta;
    auto row = database_.prepare("SELECT name, value FROM meta");
    auto step = row.step();
    for (; step == Statement::Step::row; step = row.step()) {
        meta.emplace(row.bytes(0), row.bytes(1));
    }
    if (step == Statement::Step::failed) return database_.failure();
    row = database_.prepare("SELECT node, sequence FROM position");
    for (step = row.step(); step == Statement::Step::row; step = row.step()) {
        state.positions.emplace(row.bytes(0), static_cast<cache::Sequence>(row.integer(1)));
    }
    if (step == Statement::Step::failed) return database_.failure();

    if (meta.empty()) {
        const auto table = BlockTable::open(database_);
        if (!table) return table.error();
        if (table->count() == 0) return std::optional<State>();
    }
    if (!from_meta(meta, state) || meta["checksum"] != checksum(meta, state)) {
        return damaged("what it says about its node is not what was written");
    }
    copied_ = meta["place"] != identity_;
    return std::optional(std::move(state));
}

bool StoreFile::write_state(const State& state) {
    copied_ = false;
    return write_state(state, identity_);
}

bool StoreFile::write_copied_state(const State& state) {
    copied_ = true;
    return write_state(state, nowhere);
}

bool StoreFile::write_state(const State& state, const std::string& place) {
    Meta meta = to_meta(state, place);
    meta["checksum"] = checksum(meta, state);
    auto insert = database_.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
    for (const auto& [name, value] : meta) {
        insert.bind_text(0, name);
        insert.bind_text(1, value);
        if (!insert.run()) return false;
    }
    if (!database_.prepare("DELETE FROM position").run()) return false;
    insert = database_.prepare("INSERT INTO position VALUES (?, ?)");
    for (const auto& [node, sequence] : state.positions) {
        insert.bind_text(0, node);
        insert.bind(1, static_cast<std::int64_t>(sequence));
        if (!insert.run()) return false;
    }
    return true;
}

std::optional<Failure> StoreFile::check(Database& database) {
    auto statement = database.prepare("PRAGMA quick_check(1)");
    if (statement.step() != Statement::Step::row) return database.failure();
    if (statement.bytes(0) == "ok") return std::nullopt;
    return damaged(std::string(statement.bytes(0)));
}

}  // namespace clacks::persistence
