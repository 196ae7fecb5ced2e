// What others do to the log of the database of a node that runs.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "tests/persistence/kept_node.hpp"

namespace clacks::persistence {
namespace {

/// Another process that is reading a database, as long as it exists.
class Reader {
public:
    explicit Reader(const std::string& database) {
        // Not only a fork: of that SQLite would think that it is this process.
        static constexpr const char* program =
            "import sqlite3, sys\n"
            "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "database.execute('BEGIN')\n"
            "database.execute('SELECT 1 FROM sqlite_schema').fetchall()\n"
            "print(flush=True)\n"
            "import signal; signal.pause()\n";
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(ready[1], STDOUT_FILENO);
            ::execlp("python3", "python3", "-c", program, database.c_str(), nullptr);
            ::_exit(1);
        }
        ::close(ready[1]);
        char line = 0;
        REQUIRE(::read(ready[0], &line, 1) == 1);
        ::close(ready[0]);
    }
    ~Reader() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

private:
    pid_t process_;
};

}  // namespace

TEST_CASE("kept log: one that is taken away, or exchanged, costs nothing of what was saved") {
    for (const bool exchanged : {true, false}) {
        CAPTURE(exchanged);
        KeptNode node;
        node.run.save();
        fs::remove(node.database + "-wal");
        if (exchanged) std::ofstream(node.database + "-wal") << "something else";
        node.run.store("c", "1");
        CHECK(node.run.save().written == 1);
        CHECK(node.events() == (exchanged ? Events{"warning foreign_log"} : Events{}));
        if (exchanged) CHECK(read_file(node.database + log_aside) == "something else");
        node.check_saved();
    }
}

TEST_CASE("kept log: one that is taken away in a snapshot, or before the end, costs nothing") {
    for (const bool in_snapshot : {true, false}) {
        CAPTURE(in_snapshot);
        const Directory directory;
        std::string content;
        {
            NodeRun run(directory.database());
            run.store("a", "1");
            run.save();
            run.store("b", "1");
            bool removed = !in_snapshot;
            const auto report = run.try_save([&](const auto& piece, auto, auto) {
                if (!std::exchange(removed, true)) fs::remove(directory.database() + "-wal");
                piece([](auto, auto) { return true; });
            });
            CHECK(report.has_error() == in_snapshot);
            if (!in_snapshot) fs::remove(directory.database() + "-wal");
            content = run.content();
        }
        CHECK(NodeRun(directory.database()).content() == content);
    }
}

TEST_CASE("kept log: one that is taken away while it is closed, or another's, is noticed") {
    for (const bool exchanged : {false, true}) {
        CAPTURE(exchanged);
        KeptNode node;
        node.run.store("large", std::string(100'000, 'v'));
        node.run.save();
        node.fail_to_save_anything();
        fs::remove(node.database + "-wal");
        if (exchanged) std::ofstream(node.database + "-wal") << "something else";
        node.check_saved();
        if (exchanged) CHECK(read_file(node.database + log_aside) == "something else");
    }
}

TEST_CASE("kept log: also with a reader one that is taken away costs nothing of what is saved") {
    for (const bool with_file : {false, true}) {
        CAPTURE(with_file);
        KeptNode node;
        const Reader reader(node.database);
        fs::remove(node.database + "-wal");
        if (with_file) fs::remove(node.database);
        node.run.save();
        node.run.store("c", "1");
        node.run.save();
        // As a start after a kill would find it.
        const Directory copy;
        for (const char* part : {"", "-wal"})
            fs::copy_file(node.database + part, copy.database() + part);
        CHECK(NodeRun(copy.database()).content() == node.run.content());
    }
}

TEST_CASE(
    "kept log: what another program makes that reads the file while it is closed stays there") {
    KeptNode node;
    node.fail_to_save_anything();
    alter(node.database, "PRAGMA wal_checkpoint(TRUNCATE)");
    const Reader reader(node.database);
    node.check_saved();
    CHECK(node.events().empty());
}

}  // namespace clacks::persistence
