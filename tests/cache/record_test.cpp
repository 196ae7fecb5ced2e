#include "cache/record.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace clacks::cache;

TEST_CASE("record: holds key, hash and value, whatever their bytes") {
    for (const std::string_view key : {std::string_view(""), std::string_view("k\0\xff", 3)}) {
        for (const std::string& value :
             {std::string(), std::string("\0\n=", 3), std::string(100'000, 'x')}) {
            CAPTURE(key.size());
            CAPTURE(value.size());
            const Record::Pointer record = Record::make(key, 0xfedcba98, value.size(), false);
            CHECK(record->value().empty());
            record->set_value(value);
            CHECK(record->key() == key);
            CHECK(record->hash() == 0xfedcba98);
            CHECK(record->value() == value);
            CHECK_FALSE(record->deleted());
        }
    }
}

TEST_CASE("record: a value suits that fits and does not waste") {
    const Record::Pointer record = Record::make("key", 0, 1000, false);
    struct Row {
        std::size_t size;
        bool suits;
    };
    for (const Row& row : {Row{0, false}, Row{400, false}, Row{500, true}, Row{1000, true},
                           Row{1100, false}, Row{5000, false}}) {
        CAPTURE(row.size);
        CHECK(record->suits(row.size) == row.suits);
    }
    CHECK(Record::make("key", 0, 20, false)->suits(0));
}

TEST_CASE("record: emptied keeps everything but the value and the extras") {
    const Record::Pointer record = Record::make("key", 7, 1000, true);
    record->set_value("value");
    record->set_deleted(true);
    record->set_fetched(true);
    record->changed = WallTime(std::chrono::microseconds(1));
    record->set_accessed(WallTime(std::chrono::microseconds(2'000'001)));
    record->set_extras({.expires = WallTime(std::chrono::microseconds(4)), .flags = 5});
    record->origin = 3;
    const Record::Pointer smaller = record->emptied(0, false);
    CHECK(smaller->suits(0));
    CHECK(smaller->key() == "key");
    CHECK(smaller->hash() == 7);
    CHECK(smaller->value().empty());
    CHECK(smaller->deleted());
    CHECK(smaller->fetched());
    CHECK(smaller->changed == record->changed);
    CHECK(smaller->accessed() == WallTime(std::chrono::microseconds(2'000'001)));
    CHECK(smaller->origin == 3);
}

TEST_CASE("record: extras lie beside key and value, where there is room for them") {
    const Record::Pointer plain = Record::make("key", 0, 5, false);
    CHECK(plain->expires() == never);
    CHECK(plain->flags() == 0);
    CHECK(plain->suits(5));
    CHECK_FALSE(plain->suits(5, true));
    const Record::Pointer extended = Record::make("key", 0, 5, true);
    CHECK(extended->suits(5, true));
    CHECK(extended->expires() == never);
    extended->set_value("value");
    extended->set_extras({.expires = WallTime(std::chrono::microseconds(4)), .flags = 0xffff'ffff});
    CHECK(extended->expires() == WallTime(std::chrono::microseconds(4)));
    CHECK(extended->flags() == 0xffff'ffff);
    CHECK(extended->key() == "key");
    CHECK(extended->value() == "value");
}

TEST_CASE("record: the access is kept to the second, never before the change, for a century") {
    const Record::Pointer record = Record::make("key", 0, 0, false);
    const WallTime changed(std::chrono::microseconds(1'700'000'000'123'456));
    record->changed = changed;
    struct Row {
        std::chrono::microseconds after;
        std::chrono::microseconds kept;
    };
    using namespace std::chrono_literals;
    for (const Row& row : {Row{-5s, 0s}, Row{0s, 0s}, Row{999'999us, 0s}, Row{2'500'000us, 2s},
                           Row{876'000h, 876'000h}, Row{2'000'000h, 4'294'967'295s}}) {
        CAPTURE(row.after.count());
        record->set_accessed(changed + row.after);
        CHECK(record->accessed() == changed + row.kept);
    }
}

TEST_CASE("record: two gigabytes are refused before any memory is taken") {
    CHECK_THROWS_AS(Record::make("key", 0, std::size_t{1} << 31, false), std::length_error);
}
