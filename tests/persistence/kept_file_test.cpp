// What others do to the database of a node that runs.
#include "persistence/kept_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <optional>
#include <utility>

#include "tests/persistence/kept_node.hpp"

namespace clacks::persistence {

TEST_CASE("kept file: one that is taken away is made again, with everything in it") {
    KeptNode node;
    fs::remove(node.database);
    CHECK(node.run.save().written == 2);
    CHECK(node.events() == Events{"warning foreign_log", "warning database_gone"});
    node.check_saved();
}

TEST_CASE("kept file: one that is taken away from a node without changes is that node's again") {
    const Directory directory;
    std::string id;
    {
        NodeRun run(directory.database());
        id = run.begun().id;
        run.save();
        fs::remove(directory.database());
        run.save();
    }
    CHECK(NodeRun(directory.database()).begun().id == id);
}

TEST_CASE("kept file: what is overwritten is moved aside as it is, and all is saved") {
    for (const std::streamoff at : {0, 5000}) {
        CAPTURE(at);
        KeptNode node;
        node.take_log_over();
        node.overwrite(at);
        const std::string overwritten = read_file(node.database);
        CHECK(node.run.save().written == 2);
        CHECK(node.events() == Events{"error database_damaged"});
        CHECK(node.run.told().whys.back().starts_with("it was written to while the node runs: "));
        CHECK(read_file(node.database + damaged) == overwritten);
        CHECK_FALSE(fs::exists(node.database + damaged + "-wal"));
        node.check_saved();
    }
}

TEST_CASE("kept file: the last snapshot of a node finds what was overwritten, too") {
    KeptNode node;
    node.overwrite();
    const std::string content = node.run.content();
    node.run.end();
    CHECK(node.events() == Events{"error database_damaged"});
    CHECK(NodeRun(node.database).content() == content);
}

TEST_CASE("kept file: what is overwritten after the last snapshot is left as it is") {
    std::string overwritten;
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store_keys(1000);
        run.save();
        std::ofstream(directory.database()) << std::string(200'000, 'x');
        overwritten = read_file(directory.database());
    }
    CHECK(read_file(directory.database()) == overwritten);
}

TEST_CASE("kept file: what is overwritten before the first snapshot, or exchanged, is found") {
    const Directory elsewhere;
    const std::string backup_file = elsewhere.path() / "backup";
    {
        NodeRun run(elsewhere.database());
        run.store("a", "1");
        run.save();
        REQUIRE(backup({elsewhere.database(), backup_file}, [](auto, auto) {}).has_value());
        run.end();
    }
    for (const bool exchanged : {true, false}) {
        CAPTURE(exchanged);
        NodeRun run(elsewhere.database());
        run.store("b", "1");
        if (exchanged) {
            fs::copy_file(backup_file, backup_file + "2", fs::copy_options::overwrite_existing);
            fs::rename(backup_file + "2", elsewhere.database());
        } else {
            fs::copy_file(backup_file, elsewhere.database(), fs::copy_options::overwrite_existing);
        }
        run.save();
        CHECK(run.told().events.back() ==
              (exchanged ? "warning database_replaced" : "error database_damaged"));
        CHECK(read_file(elsewhere.database() + (exchanged ? foreign : damaged)) ==
              read_file(backup_file));
        const std::string content = run.content();
        run.end();
        CHECK(NodeRun(elsewhere.database()).content() == content);
    }
}

TEST_CASE("kept file: one that was put in its place is moved aside as it is, without our log") {
    KeptNode node;
    const std::string replacement = read_file(node.backup_with_a);
    const auto log_bytes = fs::file_size(node.database + "-wal");
    fs::rename(node.backup_with_a, node.database);
    CHECK(node.run.save().written == 2);
    CHECK(node.events() == Events{"warning database_replaced"});
    CHECK(read_file(node.database + foreign) == replacement);
    CHECK_FALSE(fs::exists(node.database + foreign + "-wal"));
    CHECK(fs::file_size(node.database + log_aside) == log_bytes);
    node.check_saved();
}

TEST_CASE("kept file: one that was put in its place with a log of its own keeps that") {
    KeptNode node;
    const Directory elsewhere;
    std::string content;
    {
        NodeRun other(elsewhere.database());
        other.store("other", "1");
        other.save();
        content = other.content();
        for (const char* part : {"", "-wal"})
            fs::copy_file(elsewhere.database() + part,
                          elsewhere.path() / (std::string("copy") + part));
    }
    for (const char* part : {"", "-wal"})
        fs::rename(elsewhere.path() / (std::string("copy") + part), node.database + part);
    node.run.save();
    CHECK(node.events() == Events{"warning database_replaced"});
    CHECK(NodeRun(node.database + foreign).content() == content);
    node.check_saved();
}

TEST_CASE("kept file: of what is put in its place nothing is lost, and no disk is filled with it") {
    KeptNode node;
    const auto put_in_place = [&](const char* text) {
        const auto other = node.directory.path() / "other";
        std::ofstream(other) << text;
        fs::rename(other, node.database);
    };
    for (const char* text : {"no database", "", "something else"}) {
        put_in_place(text);
        node.run.save();
    }
    CHECK(read_file(node.database + foreign) == "no database");
    CHECK(read_file(node.database + foreign + "-1").empty());
    CHECK(read_file(node.database + foreign + "-2") == "something else");
    put_in_place("the fourth within an hour");
    CHECK(node.run.try_save().has_error());
    CHECK(read_file(node.database) == "the fourth within an hour");
    fs::remove(node.database);
    node.check_saved();
}

TEST_CASE("kept file: a backup that is copied over it is moved aside, and all is saved") {
    for (const bool has_log : {true, false}) {
        CAPTURE(has_log);
        KeptNode node;
        if (!has_log) node.take_log_over();
        if (!has_log) node.take_log_over();
        node.copy_backup();
        CHECK(node.run.save().written == 2);
        CHECK(node.events().back() == "error database_damaged");
        CHECK(read_file(node.database + damaged) == read_file(node.backup_with_a));
        node.check_saved();
    }
}

TEST_CASE("kept file: a database of a newer version that is copied over it is moved aside, too") {
    KeptNode node;
    alter(node.backup_with_a, "PRAGMA user_version = 999; PRAGMA journal_mode = WAL");
    node.copy_backup();
    CHECK(node.run.save().written == 2);
    CHECK(node.events().back() == "error database_damaged");
    CHECK(number(node.database + damaged, "PRAGMA user_version") == 999);
    node.check_saved();
}

TEST_CASE("kept file: one in which nothing was left is moved aside, too") {
    KeptNode node;
    fs::resize_file(node.database, 0);
    CHECK(node.run.save().written == 2);
    CHECK(node.events() == Events{"warning foreign_log", "error database_damaged"});
    CHECK(fs::file_size(node.database + log_aside) > 0);
    node.check_saved();
}

TEST_CASE("kept file: one that was touched, and is what was written, goes on as it is") {
    KeptNode node;
    node.mark_as_written();
    CHECK(node.run.save().written == 1);
    alter(node.database, "PRAGMA wal_checkpoint(TRUNCATE)");  // as SQLite's own program may
    node.run.store("c", "1");
    CHECK(node.run.save().written == 1);
    CHECK(node.events().empty());
    const std::string content = node.run.content();
    node.run.end();
    CHECK(node.directory.files() == "backup clacks.db");  // the log was taken over at the end
    CHECK(NodeRun(node.database).content() == content);
}

TEST_CASE("kept file: to see that nobody has written to it it is not read") {
    KeptNode node;
    node.run.store("large", std::string(1'000'000, 'v'));
    node.run.save();
    node.take_log_over();
    // What a disk does is not seen before the next start: the time is as before.
    const auto modified = fs::last_write_time(node.database);
    node.overwrite(500'000);
    fs::last_write_time(node.database, modified);
    for (int i = 0; i < 3; ++i) {
        node.run.store("c", std::to_string(i));
        CHECK(node.run.save().written == 1);
        node.run.tidy();
    }
    CHECK(node.events().empty());
    NodeRun again(node.database);
    CHECK(again.told().events == Events{"error database_damaged"});
}

TEST_CASE("kept file: what is done to it after a snapshot has failed is found, too") {
    for (const char* how : {"exchanged", "overwritten", "a backup copied over it"}) {
        CAPTURE(std::string(how));
        KeptNode node;
        node.fail_to_save();
        if (how[0] == 'e') fs::rename(node.backup_with_a, node.database);
        if (how[0] == 'o') node.overwrite();
        if (how[0] == 'a') node.copy_backup();
        CHECK(node.run.save().written == 2);
        CHECK(node.events().back() ==
              (how[0] == 'e' ? "warning database_replaced" : "error database_damaged"));
        node.check_saved();
    }
}

TEST_CASE("kept file: what is overwritten in a snapshot that fails is left as it is, and found") {
    KeptNode node;
    node.run.store_keys(3000, std::string(1000, 'v'));
    std::string overwritten;
    std::optional<FullDisk> full;
    const auto report = node.run.try_save([&](const auto& piece, auto, auto) {
        if (!full) {
            node.overwrite();
            overwritten = read_file(node.database);
            full.emplace(0);
        }
        piece([](auto, auto) { return true; });
    });
    full.reset();
    REQUIRE(report.has_error());
    node.run.save();
    CHECK(node.events() == Events{"error database_damaged"});
    CHECK(read_file(node.database + damaged) == overwritten);
    node.check_saved();
}

TEST_CASE("kept file: a snapshot of which the file is removed meanwhile has failed") {
    KeptNode node;
    bool removed = false;
    const auto report = node.run.try_save([&](const auto& piece, auto, auto) {
        if (!std::exchange(removed, true)) fs::remove(node.database);
        piece([](auto, auto) { return true; });
    });
    REQUIRE(report.has_error());
    CHECK(report.error().what == "it was removed or exchanged while it was written");
    node.check_saved();
}

TEST_CASE("kept file: a new one for which there is no room is not taken for somebody else's") {
    KeptNode node;
    std::ofstream(node.database) << std::string(100, 'x');
    node.fail_to_save();
    node.run.save();
    CHECK(node.events() == Events{"error database_damaged"});
    node.check_saved();
}

TEST_CASE("kept file: a directory that was away for a while has the file as it was") {
    for (const bool overwritten : {false, true}) {
        CAPTURE(overwritten);
        KeptNode node;
        if (overwritten) node.overwrite();
        const fs::path away = node.directory.path().string() + ".away";
        fs::rename(node.directory.path(), away);
        const auto report = node.run.try_save();
        fs::rename(away, node.directory.path());
        REQUIRE(report.has_error());
        CHECK(report.error().what == "there is no directory " + node.directory.path().string());
        CHECK(node.run.save().written == (overwritten ? 2 : 1));
        CHECK(node.events() == (overwritten ? Events{"error database_damaged"} : Events{}));
        node.check_saved();
    }
}

TEST_CASE("kept file: without descriptors it is not taken for somebody else's") {
    KeptNode node;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    (void)node.run.try_save();
    ::setrlimit(RLIMIT_NOFILE, &before);
    node.run.save();
    CHECK(node.events().empty());
    node.check_saved();
}

}  // namespace clacks::persistence
