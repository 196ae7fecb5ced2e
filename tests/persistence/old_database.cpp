#include "tests/persistence/old_database.hpp"

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

// As a clacksd of format 2 has written it.
constexpr const char* format_2 =
    "CREATE TABLE entry (shard INTEGER NOT NULL, key BLOB NOT NULL, sequence INTEGER NOT NULL, "
    "changed INTEGER NOT NULL, writer INTEGER NOT NULL, expires INTEGER, "
    "deleted INTEGER NOT NULL, value BLOB NOT NULL, counter BLOB, checksum INTEGER NOT NULL, "
    "flags INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (shard, key)) WITHOUT ROWID;"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE position (node TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1131178867; PRAGMA user_version = 2;"
    "INSERT INTO entry VALUES "
    "(0, x'636f756e746564', 7, 1795247501372932, 293345902, NULL, 0, x'3132', x'036e9aa1c4600"
    "6000000000000000000010000000000000037036e9aa1c4600600ffffffffffffff7f070000006e1a7c11070"
    "000006e1a7c11046e9aa1c4600600046e9aa1c46006000100000000000000010000000000000035', 600407"
    "096, 0)"
    ","
    "(7, x'6c61746572', 4, 1795247501372931, 293345902, 2000000000000000, 0, x'736f6f6e', NUL"
    "L, 3610691987, 0)"
    ","
    "(12, x'656d707479', 5, 1795247501372931, 293345902, NULL, 0, x'', NULL, 128561447, 0)"
    ","
    "(14, x'676f6e65', 3, 1795247501372932, 293345902, NULL, 1, x'', NULL, 2624643435, 0)"
    ","
    "(28, x'666c6167676564', 1, 1795247501372931, 293345902, NULL, 0, x'68656c6c6f', NULL, 32"
    "34008053, 4242)"
    ";"
    "INSERT INTO meta VALUES "
    "('ahead', '-1')"
    ","
    "('checksum', '6164085329889898316')"
    ","
    "('cleared', '-9223372036854775808')"
    ","
    "('ended', '1')"
    ","
    "('entries', '6')"
    ","
    "('hash_key_high', '8366598511164133394')"
    ","
    "('hash_key_low', '7028543713965094252')"
    ","
    "('id', '8f544f5a5fd424ab')"
    ","
    "('last_forgotten', '0')"
    ","
    "('place', '3d1219c7c4c5404aaa1f6d2a48adfda4:10953702')"
    ","
    "('sequence', '8')"
    ","
    "('time', '1795247501886076')"
    ","
    "('time_root', '8f544f5a5fd424ab')"
    ","
    "('writer', '1259911055747023483')"
    ";";

}  // namespace

void make_old_database(const std::string& database, int format) {
    alter(database, format_2);
    if (format > 1) return;
    alter(database,
          "DELETE FROM entry WHERE flags <> 0; ALTER TABLE entry DROP COLUMN flags;"
          "PRAGMA user_version = 1");
}

}  // namespace clacks::persistence
