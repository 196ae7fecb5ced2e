#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

/// Of a node with a database that is saved when it is asked for, or in an hour.
constexpr const char* database = "persistence: {file: clacks.db, interval: 1h}\n";

/// What STATUS says of `key`.
std::string status(LineClient& client, const std::string& key) {
    const std::string all = client.ask("STATUS");
    const std::string start = "\nSTATUS " + key + "=";
    const auto at = all.find(start);
    REQUIRE_MESSAGE(at != std::string::npos, all);
    const auto value = at + start.size();
    return all.substr(value, all.find('\n', value) - value);
}

/// Returns when STATUS says something of `key` of which `fits` is true.
template <class Fits>
void await_status_that(LineClient& client, const std::string& key, Fits&& fits) {
    const auto deadline = deadline_from_now();
    for (std::string now = status(client, key); !fits(now); now = status(client, key))
        if (milliseconds_until(deadline) == 0) FAIL("still: ", key, "=", now);
}

void await_status(LineClient& client, const std::string& key, const std::string& wanted) {
    await_status_that(client, key, [&](const std::string& now) { return now == wanted; });
}

/// Says SAVE, and returns when what was in the store before is safe.
void save(LineClient& client) {
    const std::string answer = client.ask("SAVE");
    REQUIRE(answer.starts_with("SAVING "));
    const double asked = std::stod(answer.substr(std::string_view("SAVING ").size()));
    await_status_that(client, "persistence_saved_at", [&](const std::string& saved) {
        return !saved.empty() && std::stod(saved) >= asked;
    });
}

/// Files of the node with `part` in their names.
int count_files(const NodeProcess& node, std::string_view part) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(node.directory()))
        count += file.path().filename().string().find(part) != std::string::npos ? 1 : 0;
    return count;
}

/// Lets files of the node grow to so many bytes and no further.
void limit_files(const NodeProcess& node, rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    REQUIRE(::prlimit(node.pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
}

/// Returns when the node that is monitored has been told once more up to where it now has the
/// changes of its neighbour.
void await_position(LineClient& monitor) {
    monitor.flush();
    while (monitor.line().find("OVERHEAD M clacks at=") == std::string::npos) continue;
}

}  // namespace

TEST_CASE("persistence: the store is there again after a stop, as it was") {
    NodeProcess node({.more = database});
    {
        auto client = node.log_in();
        client.ask(
            "STORE plain=a value = with all\\n\nSTORE empty=\nSTORE removed=1\nREMOVE removed\n"
            "INCREMENT counter=41\nINCREMENT counter\nSTOREFOR 1000 expires=later\n"
            "STOREFOR 0.05 expired=soon");
        ask_until(client, "EXISTS expired", "EXISTS expired=0\n");
    }
    CHECK(node.stop() == 0);
    node.start();
    node.wait_for("info restored");
    auto client = node.log_in();
    CHECK(client.ask("RETRIEVE plain\nRETRIEVE empty\nRETRIEVE removed\nRETRIEVE expired\n"
                     "RETRIEVE counter\nINCREMENTANDRETRIEVE counter\nRETRIEVE expires") ==
          "RETRIEVED plain=a value = with all\\n\nRETRIEVED empty=\nNOTRETRIEVED removed\n"
          "NOTRETRIEVED expired\nRETRIEVED counter=42\nRETRIEVED counter=43\n"
          "RETRIEVED expires=later\n");
    const std::string ttl = client.ask("TTL expires");
    REQUIRE(ttl.starts_with("TTL expires="));
    const double left = std::stod(ttl.substr(std::string_view("TTL expires=").size()));
    CHECK(left > 1000 - 3 * patience.count());
    CHECK(left < 1000);
}

TEST_CASE("persistence: the node is the same one after a restart") {
    NodeProcess node({.more = database});
    auto client = node.log_in();
    const std::string id = status(client, "id");
    client.ask("STORE a=1");
    save(client);
    node.kill();
    node.start();
    auto again = node.log_in();
    CHECK(status(again, "id") == id);
}

TEST_CASE("persistence: a kill loses what came after the last snapshot, and nothing before it") {
    NodeProcess node({.more = database});
    {
        auto client = node.log_in();
        client.ask("STORE a=1\nSTORE b=1\nSTORE removed=1\nREMOVE removed\nINCREMENT counter=7");
        save(client);
        client.ask("STORE a=2\nSTORE c=2\nREMOVE b\nINCREMENT counter");
    }
    node.kill();
    node.start();
    auto client = node.log_in();
    CHECK(client.ask("KEYLIST\nRETRIEVE a\nINCREMENTANDRETRIEVE counter") ==
          "KEYLISTSTART\nKEY a\nKEY b\nKEY counter\nKEYLISTEND\nRETRIEVED a=1\n"
          "RETRIEVED counter=8\n");
}

TEST_CASE("persistence: SIGUSR1 saves at once") {
    NodeProcess node({.more = database});
    auto client = node.log_in();
    client.ask("STORE a=1");
    node.signal(SIGUSR1);
    await_status(client, "persistence_written", "1");
    node.wait_for("info snapshot_asked by=SIGUSR1");
    node.wait_for("info snapshot_made");
    node.wait_for("what=\"1 entry written in ");
    node.kill();
    node.start();
    CHECK(node.log_in().ask("RETRIEVE a") == "RETRIEVED a=1\n");
}

TEST_CASE("persistence: a reload puts another interval in force") {
    NodeProcess node({.more = database});
    auto client = node.log_in();
    client.ask("STORE a=1");
    CHECK(status(client, "persistence_snapshots") == "0");
    const auto file = node.directory() / "node.yaml";
    std::string text = contents(file);
    text.replace(text.find("interval: 1h"), 12, "interval: 20ms");
    std::ofstream(file) << text;
    node.signal(SIGHUP);
    await_status(client, "persistence_written", "1");
    client.ask("STORE a=2");
    await_status(client, "persistence_written", "2");
}

TEST_CASE("persistence: a second node on the same database does not start, and says why") {
    NodeProcess node({.more = database});
    auto client = node.log_in();
    const auto file = node.directory() / "second.yaml";
    std::ofstream(file) << "listen: [\"unix:second.sock\"]\nusers: [{name: a, password: b}]\n"
                        << database;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    SUBCASE("") {}
    SUBCASE("also if the file of the lock was removed meanwhile") {
        REQUIRE(std::filesystem::remove(node.directory() / "clacks.db-lock"));
        client.ask("STORE a=0");
        save(client);
    }
    const Run second = run_clacksd({"--config", file.string()});
    CHECK(second.code == 1);
    const std::string why =
        "clacks.db: another clacksd (process " + std::to_string(node.pid()) + ") is using it\n";
    CHECK_MESSAGE(second.errors.find(why) != std::string::npos, second.errors);
    client.ask("STORE a=1");
    save(client);
}

TEST_CASE("persistence: a link to a database is a name of it, and its files stand together") {
    const TemporaryDirectory elsewhere;
    const std::string file = elsewhere.path() / "real.db";
    NodeProcess node({.more = "persistence: {file: \"" + file + "\", interval: 1h}\n"});
    auto client = node.log_in();
    client.ask("STORE a=1");
    save(client);
    const auto link = node.directory() / "link.db";
    std::filesystem::create_symlink(file, link);
    const auto config = node.directory() / "second.yaml";
    std::ofstream(config) << "users: [{name: a, password: b}]\nlisten: [unix:second.sock]\n"
                          << "persistence: {file: link.db}\n";
    std::filesystem::permissions(config, std::filesystem::perms(0600));
    const Run second = run_clacksd({"--config", config});
    CHECK(second.code == 1);
    const std::string why = file + ": another clacksd (process " + std::to_string(node.pid()) + ")";
    CHECK_MESSAGE(second.errors.find(why) != std::string::npos, second.errors);
    CHECK(status(client, "persistence_file") == file);
}

TEST_CASE("persistence: a damaged database is moved aside, said once, and the node serves") {
    NodeProcess node({.more = database});
    node.log_in().ask("STORE a=1");
    CHECK(node.stop() == 0);
    const auto file = node.directory() / "clacks.db";
    std::string bytes = contents(file);
    const auto value = bytes.size() / 2;
    bytes.replace(value, bytes.size() - value, bytes.size() - value, '\x55');
    std::ofstream(file, std::ios::binary) << bytes;

    node.start();
    auto client = node.log_in();
    CHECK(client.ask("RETRIEVE a\nSTORE b=1") == "NOTRETRIEVED a\n");
    CHECK(count_of(" error ", node.log()) == 1);
    CHECK(count_of("error database_damaged", node.log()) == 1);
    CHECK(count_files(node, "clacks.db.damaged-") == 1);
    CHECK(contents(status(client, "persistence_moved_aside")) == bytes);
    save(client);
    node.kill();
    node.start();
    CHECK(node.log_in().ask("RETRIEVE b") == "RETRIEVED b=1\n");
}

TEST_CASE(
    "persistence: while the disk takes nothing all are served, and everything is saved later") {
    NodeProcess node({.more = "persistence: {file: clacks.db, interval: 20ms}\n"});
    auto client = node.log_in();
    client.ask("STORE a=1");
    save(client);
    limit_files(node, 4096);
    client.ask("STORE b=" + std::string(100'000, 'x'));
    await_status(client, "persistence", "failing");
    CHECK(status(client, "persistence_error").starts_with("disk I/O error"));
    CHECK(client.ask("STORE c=1\nRETRIEVE c") == "RETRIEVED c=1\n");
    node.kill();
    node.start();
    {
        auto again = node.log_in();
        CHECK(again.ask("RETRIEVE a\nRETRIEVE b") == "RETRIEVED a=1\nNOTRETRIEVED b\n");
        limit_files(node, 4096);
        again.ask("STORE b=" + std::string(100'000, 'y') + "\nREMOVE a");
        await_status(again, "persistence", "failing");
        limit_files(node, RLIM_INFINITY);
        await_status(again, "persistence", "ok");
        CHECK(status(again, "persistence_error") == "");
        node.wait_for("info snapshots_succeed_again");
        CHECK(count_of("error snapshot_failed", node.log()) == 1);
        save(again);
    }
    node.kill();
    node.start();
    CHECK(node.log_in().ask("RETRIEVE a\nRETRIEVE b") ==
          "NOTRETRIEVED a\nRETRIEVED b=" + std::string(100'000, 'y') + "\n");
}

TEST_CASE("persistence: a slave that comes back hears, and tells, only what has changed") {
    const std::string often = "interclacks: {ping_timeout: 3s, reconnect_delay: 20ms}\n";
    NodeProcess master({.name = "master", .more = database + often});
    NodeProcess slave({.name = "slave", .master = master.tls_url(), .more = database + often});
    wait_until_linked(slave, master);
    auto at_master = master.log_in();
    auto above = master.log_in();
    above.ask("MONITOR");
    {
        auto at_slave = slave.log_in();
        auto below = slave.log_in();
        below.ask("MONITOR");
        std::string of_master;
        std::string of_slave;
        for (int i = 0; i < 100; ++i) {
            of_master += "STORE master::" + std::to_string(i) + "=1\n";
            of_slave += "STORE slave::" + std::to_string(i) + "=1\n";
        }
        at_master.ask(of_master);
        at_slave.ask(of_slave);
        settle(at_slave, at_master);
        settle(at_master, at_slave);
        await_position(above);
        await_position(below);
        CHECK(slave.stop() == 0);
    }
    at_master.ask("STORE master::1=2\nREMOVE slave::1");
    above.flush();

    // The master is held up until somebody watches what the slave hears.
    master.signal(SIGSTOP);
    slave.start();
    auto at_slave = slave.log_in();
    auto below = slave.log_in();
    at_slave.ask("STORE slave::2=2");
    below.ask("MONITOR");
    master.signal(SIGCONT);
    wait_until_linked(slave, master);
    settle(at_master, at_slave);
    settle(at_slave, at_master);
    CHECK(count_of("KEYSYNC", below.flush()) == 2);
    CHECK(count_of("KEYSYNC", above.flush()) == 1);
    CHECK(at_slave.ask("RETRIEVE master::1\nRETRIEVE slave::1\nRETRIEVE master::0") ==
          "RETRIEVED master::1=2\nNOTRETRIEVED slave::1\nRETRIEVED master::0=1\n");
    CHECK(at_master.ask("RETRIEVE slave::2") == "RETRIEVED slave::2=2\n");
}
