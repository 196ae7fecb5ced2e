#include "persistence/entry_row.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "persistence/store_file.hpp"
#include "tests/cache/state.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

using cache::at;

cache::Counter some_counter() {
    return {.base_changed = at(5),
            .base_deleted = false,
            .base = std::string("a\0b", 3),
            .expires_set = at(6),
            .expires = at(900),
            .contributions =
                {{.id = 7, .started = at(8), .changed = at(9), .count = 3, .sum = "-10"},
                 {.id = ~0ULL, .started = at(11), .changed = at(12), .count = 1, .sum = "1e3"}},
            .own = 7};
}

}  // namespace

TEST_CASE("entry row: the parts of a counter come back as they were") {
    for (const auto& parts : {cache::Counter{}, some_counter()}) {
        cache::Counter read = some_counter();
        REQUIRE(parse_counter(format_counter(parts), read));
        CHECK(read == parts);
        CHECK(read.own == parts.own);
    }
}

TEST_CASE("entry row: parts that are cut off anywhere are none") {
    const std::string whole = format_counter(some_counter());
    const std::string without = format_counter(cache::Counter{});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        cache::Counter read;
        const bool well = parse_counter(std::string_view(whole).substr(0, size), read);
        // Between two contributions there is an end like any other; the row's checksum sees it.
        if (well) CHECK(read.contributions.size() < 2);
        if (size < without.size()) CHECK_FALSE(well);
    }
}

TEST_CASE("entry row: one that is larger than SQLite takes is no damage of the file") {
    const Directory directory;
    auto file = StoreFile::open(directory.database());
    REQUIRE(file.has_value());
    Database& database = file->database();
    sqlite3_limit(database.handle(), SQLITE_LIMIT_LENGTH, 1000);
    auto insert = database.prepare("INSERT INTO entry (" + std::string(entry_columns) +
                                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    std::string scratch;
    const auto write = [&](std::size_t key_bytes, std::size_t value_bytes) {
        const std::string key(key_bytes, 'k');
        const std::string value(value_bytes, 'v');
        const SavedEntry entry({.key = key, .value = value});
        bind_entry(insert, 0, entry, scratch);
        return insert.run();
    };
    for (const auto& [key_bytes, value_bytes] : {std::pair(1, 1001), {1001, 1}, {600, 600}}) {
        CAPTURE(key_bytes);
        REQUIRE_FALSE(write(key_bytes, value_bytes));
        CHECK(database.failure().kind == Failure::Kind::unusable);
        CHECK(database.failure().what == "string or blob too big");
    }
    CHECK(write(400, 400));
}

}  // namespace clacks::persistence
