#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "tests/end_to_end/numbered.hpp"
#include "tests/end_to_end/tree.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

void write(const std::filesystem::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

/// A node whose configuration changes while it runs.
class Reloading {
public:
    explicit Reloading(NodeConfig config) : node(std::move(config)) {}

    /// Replaces `what` in the file by `with`.
    void rewrite(std::string_view what, std::string_view with) const {
        std::string text = contents(node.directory() / "node.yaml");
        const auto at = text.find(what);
        REQUIRE_MESSAGE(at != std::string::npos, text);
        text.replace(at, what.size(), with);
        write(node.directory() / "node.yaml", text);
    }
    /// Returns when the new configuration is in force.
    void reload() {
        node.signal(SIGHUP);
        node.wait_for(" info reloaded ", ++reloads_);
    }
    void reload(std::string_view what, std::string_view with) {
        rewrite(what, with);
        reload();
    }
    /// Returns when the node has said that it keeps the old one because of `why`.
    void fail_to_reload(const std::string& why) const {
        const int before = count_of(why, node.log());
        node.signal(SIGHUP);
        node.wait_for(why, before + 1);
    }

    NodeProcess node;

private:
    int reloads_ = 0;
};

constexpr const char* sensor_and_reader =
    "  - {name: sensor, password: s, names: [\"sensors::**\"]}\n"
    "  - {name: reader, password: r, permissions: [read]}\n";

constexpr const char* refusal = "OVERHEAD E permission_denied\n";

}  // namespace

TEST_CASE("reload: other permissions hold at once, on open connections and live listens") {
    Reloading reloading({.users = sensor_and_reader});
    auto& node = reloading.node;
    auto sensor = node.log_in(Way::tls_1_3, "sensor", "s");
    auto reader = node.log_in(Way::unix_socket, "reader", "r");
    auto other = node.log_in();
    CHECK(sensor.ask("STORE sensors::a=1\nSTORE other=1\nLISTEN sensors::*\nLISTEN **") ==
          std::string(refusal) + refusal);
    CHECK(reader.ask("RETRIEVE sensors::a\nSTORE a=1\nLISTEN sensors::b\nLISTEN c") ==
          std::string("RETRIEVED sensors::a=1\n") + refusal);

    reloading.reload("names: [\"sensors::**\"]", "permissions: {write: [\"other\"]}");
    CHECK(sensor.ask("STORE sensors::a=2\nSTORE other=2\nLISTEN sensors::*") ==
          std::string(refusal) + refusal);
    CHECK(other.ask("NOTIFY sensors::b\nRETRIEVE sensors::a\nRETRIEVE other") ==
          "RETRIEVED sensors::a=1\nRETRIEVED other=2\n");
    CHECK(sensor.flush() == "");  // it listened to that
    CHECK(reader.flush() == "NOTIFY sensors::b\n");

    reloading.reload("permissions: [read]", "permissions: {read: [c], write: [\"**\"]}");
    CHECK(other.ask("NOTIFY sensors::b\nNOTIFY c") == "");
    CHECK(reader.ask("RETRIEVE sensors::a\nSTORE a=1") == std::string("NOTIFY c\n") + refusal);
}

TEST_CASE("reload: who may not log in any longer is disconnected, the others stay") {
    Reloading reloading({.users = sensor_and_reader});
    auto& node = reloading.node;
    auto sensor = node.log_in(Way::tls_1_3, "sensor", "s");
    auto reader = node.log_in(Way::tls_1_2, "reader", "r");
    auto other = node.log_in();
    reloading.rewrite("  - {name: reader, password: r, permissions: [read]}\n", "");
    reloading.reload("password: s,", "password: t,");
    CHECK(sensor.lines_until_closed() == "\nOVERHEAD E login_revoked log in again\nQUIT\n");
    CHECK(reader.lines_until_closed() == "\nOVERHEAD E login_revoked log in again\nQUIT\n");
    CHECK(other.flush() == "");
    CHECK_THROWS(node.log_in(Way::unix_socket, "reader", "r"));
    CHECK_THROWS(node.log_in(Way::unix_socket, "sensor", "s"));
    CHECK(node.log_in(Way::unix_socket, "sensor", "t").flush() == "");
}

TEST_CASE("reload: with a mistake in it everything stays, and the log has each with its line") {
    Reloading reloading({.more = "limits: {line: 64KiB}\n", .users = sensor_and_reader});
    auto& node = reloading.node;
    auto client = node.log_in(Way::tls_1_3);
    const std::string file = (node.directory() / "node.yaml").string();
    reloading.rewrite("password: s,", "password: t,");
    reloading.rewrite("limits: {line: 64KiB}", "limits: {line: much}\nthreds: 4");
    reloading.fail_to_reload(file + ":");
    node.wait_for("error reload_failed", 2);
    CHECK(count_of("'limits.line' is 'much'", node.log()) == 1);
    CHECK(count_of("unknown key 'threds'", node.log()) == 1);
    CHECK(count_of("info reloaded", node.log()) == 0);
    CHECK(client.flush() == "");
    CHECK(node.log_in(Way::unix_socket, "sensor", "s").flush() == "");
    CHECK_THROWS(node.log_in(Way::unix_socket, "sensor", "t"));

    reloading.reload("limits: {line: much}\nthreds: 4", "");
    CHECK(node.log_in(Way::unix_socket, "sensor", "t").flush() == "");
    CHECK(client.flush() == "");
}

TEST_CASE("reload: a new certificate is for new connections, the old ones go on") {
    Reloading reloading({});
    auto& node = reloading.node;
    const TlsOptions trusts_other{.ca = foreign_certificates().ca.string()};
    auto before = node.log_in(Way::tls_1_3);
    CHECK_THROWS(node.connect(Way::tls_1_3, trusts_other));

    reloading.rewrite(certificates().certificate.string(),
                      foreign_certificates().certificate.string());
    reloading.reload(certificates().key.string(), foreign_certificates().key.string());
    CHECK(before.ask("STORE a=1\nRETRIEVE a") == "RETRIEVED a=1\n");
    CHECK_THROWS(node.connect(Way::tls_1_3));
    for (const Way way : {Way::tls_1_2, Way::tls_1_3}) {
        auto after = node.connect(way, trusts_other);
        after.log_in(main_user, main_password);
        CHECK(after.ask("RETRIEVE a") == "RETRIEVED a=1\n");
    }
}

TEST_CASE("reload: a certificate, key or CA that cannot be used keeps the old ones and all else") {
    Reloading reloading({.users = sensor_and_reader, .tls = "  client_certificates: request\n"});
    auto& node = reloading.node;
    const std::string garbage = (node.directory() / "garbage.pem").string();
    write(garbage, "no PEM\n");
    reloading.rewrite("password: s,", "password: t,");
    for (const std::string& good : {certificates().certificate.string(),
                                    certificates().key.string(), certificates().ca.string(),
                                    "certificate: " + certificates().certificate.string() +
                                        "\n  key: " + certificates().key.string()}) {
        CAPTURE(good);
        const bool both = good.find('\n') != std::string::npos;
        const std::string bad = both ? "minimum_version: 1.2" : garbage;
        reloading.rewrite(good, bad);
        reloading.fail_to_reload(both ? "tls.certificate" : garbage);
        CHECK(node.log_in(Way::tls_1_3).flush() == "");
        CHECK(node.log_in(Way::unix_socket, "sensor", "s").flush() == "");
        reloading.rewrite(bad, good);
    }
    reloading.reload();
    CHECK(node.log_in(Way::tls_1_3, "sensor", "t").flush() == "");
}

TEST_CASE("reload: a link stays while its master is listed, and moves when it is not") {
    const NodeProcess first({.name = "first"});
    const NodeProcess second({.name = "second"});
    Reloading reloading(below(first.tls_url(), "slave"));
    auto& slave = reloading.node;
    wait_until_linked(slave, first);
    auto at_first = first.log_in();
    auto at_second = second.log_in();
    auto at_slave = slave.log_in(Way::tls_1_3);
    at_first.ask("STORE from::first=1");
    settle(at_first, at_slave);

    // Another list, which still holds it; and other ways to deal with links.
    reloading.rewrite("master: " + first.tls_url(),
                      "master: [\"" + second.tls_url() + "\", \"" + first.tls_url() + "\"]");
    reloading.reload("reconnect_delay: 20ms", "reconnect_delay: 10ms");
    CHECK(settle(at_first, at_slave) == "");
    CHECK(count_of("link_down", slave.log()) == 0);

    reloading.reload(", \"" + first.tls_url() + "\"", "");
    slave.wait_for("link_synced", 2);
    settle(at_slave, at_second);
    CHECK(at_second.ask("RETRIEVE from::first") == "RETRIEVED from::first=1\n");
    CHECK(count_of("reason=master_removed", slave.log()) == 1);
    CHECK(count_of("master_unreachable", slave.log()) == 0);
    first.wait_for("link_down");
    at_first.ask("STORE only::first=1");
    CHECK(at_slave.ask("RETRIEVE only::first") == "NOTRETRIEVED only::first\n");

    // The root of its own tree, and a slave again.
    reloading.reload("master: [\"" + second.tls_url() + "\"]", "");
    second.wait_for("link_down");
    CHECK(at_slave.flush() == "");
    reloading.rewrite("log:", "master: " + first.unix_url() + "\nlog:");
    reloading.reload();
    slave.wait_for("link_synced", 3);
    settle(at_first, at_slave);
    CHECK(at_slave.ask("RETRIEVE only::first") == "RETRIEVED only::first=1\n");
}

TEST_CASE("reload: a slave that its master refused, or could not prove itself to it, tries again") {
    const NodeProcess master;
    auto config = below(master.tls_url(), "slave");
    config.more = "interclacks: {reconnect_delay: 1h, reconnect_delay_max: 1h}\n";
    config.password = "wrong";
    config.identity.ca = foreign_certificates().ca;
    Reloading reloading(std::move(config));
    auto& slave = reloading.node;
    slave.wait_for("certificate verify failed");
    slave.wait_for("reconnecting");
    reloading.reload(foreign_certificates().ca.string(), certificates().ca.string());
    slave.wait_for("reason=refused_by_master");
    slave.wait_for("reconnecting", 2);
    reloading.reload("password: wrong", std::string("password: ") + main_password);
    slave.wait_for("link_synced");
}

TEST_CASE("reload: a link ends when the password changes with which it was opened, at either end") {
    Reloading master({.name = "master"});
    auto config = below(master.node.tls_url(), "slave");
    config.more = "interclacks: {reconnect_delay: 1h, reconnect_delay_max: 1h}\n";
    Reloading slave(std::move(config));
    wait_until_linked(slave.node, master.node);
    const std::string old_password = std::string("password: ") + main_password;

    master.reload(old_password, "password: new");
    master.node.wait_for("link_down");
    CHECK(count_of("reason=login_revoked", master.node.log()) == 1);
    slave.node.wait_for("reconnecting");
    slave.reload(old_password, "password: new");
    wait_until_linked(slave.node, master.node, 2);

    // The slave's side: dialled at once, and refused until the master knows the password.
    slave.reload("password: new", "password: newer");
    slave.node.wait_for("reason=login_revoked");
    slave.node.wait_for("reason=refused_by_master");
    slave.node.wait_for("reconnecting", 2);
    master.reload("password: new", "password: newer");
    slave.reload();
    wait_until_linked(slave.node, master.node, 3);
}

TEST_CASE("reload: a link is opened anew with another user or password for its master") {
    const NodeProcess master({.users = "  - {name: guest, password: g}\n"});
    auto config = below(master.tls_url(), "slave");
    const std::string address = config.master.substr(std::string("tls://").size());
    config.master = "{tls: \"" + address + "\", user: clacks, password: " + main_password + "}";
    config.more = "interclacks: {reconnect_delay: 1h, reconnect_delay_max: 1h}\n";
    Reloading slave(std::move(config));
    slave.node.wait_for("link_synced");
    slave.reload("user: clacks, password: " + std::string(main_password),
                 "user: guest, password: g");
    slave.node.wait_for("reason=master_removed");
    slave.node.wait_for("reason=refused_by_master");
}

TEST_CASE("reload: what needs a new start is named and stays as it is") {
    Reloading reloading({.name = "before", .more = "threads: 2\n"});
    auto& node = reloading.node;
    reloading.rewrite("name: before", "name: after");
    reloading.rewrite("threads: 2", "threads: 1");
    reloading.rewrite("unix:node.sock", "unix:other.sock");
    reloading.reload("log: {level: debug}", "log: {level: debug, format: json}");
    for (const char* key : {"name", "threads", "listen", "log.format"}) {
        CAPTURE(key);
        CHECK(count_of(std::string("warning restart_needed key=") + key + "\n", node.log()) == 1);
    }
    CHECK(count_of("restart_needed", node.log()) == 4);
    CHECK(node.log_in().flush() == "");
    CHECK(node.log_in(Way::tls_1_3).flush() == "");
    CHECK_FALSE(std::filesystem::exists(node.directory() / "other.sock"));
    // Each time again: it still differs.
    reloading.reload();
    CHECK(count_of("restart_needed", node.log()) == 8);
}

TEST_CASE("reload: the log has its new level") {
    Reloading reloading({});
    auto& node = reloading.node;
    auto client = node.log_in();
    client.ask("NONSENSE");
    node.wait_for("debug unknown_command", 1);
    reloading.reload("log: {level: debug}", "log: {level: info}");
    client.ask("NONSENSE");
    reloading.reload("log: {level: info}", "log: {level: debug}");
    client.ask("NONSENSE");
    node.wait_for("debug unknown_command", 2);
    CHECK(node.stop() == 0);
    CHECK(count_of("debug unknown_command", node.log()) == 2);
}

TEST_CASE("reload: timeouts and limits hold for connections that are open") {
    Reloading reloading({.more = "timeouts: {ping: 180s}\nlimits: {line: 1MiB, key: 10}\n"});
    auto& node = reloading.node;
    auto client = node.log_in(Way::tls_1_3);
    auto listener = node.log_in();
    auto idle = node.log_in();
    const std::string line = "SET a=" + std::string(2000, 'v');
    CHECK(listener.ask("NOPING\nLISTEN a\nLISTEN longer::than::10") ==
          "OVERHEAD E name_too_long limit=10 (limits.key)\n");
    client.ask("NOPING\n" + line);
    CHECK(listener.flush() == line + "\n");

    reloading.rewrite("limits: {line: 1MiB, key: 10}", "limits: {line: 1KiB, key: 100}");
    reloading.reload("ping: 180s", "ping: 300ms");
    CHECK(idle.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(listener.ask("LISTEN longer::than::10") == "");
    CHECK(client.ask(line + "\nNOTIFY longer::than::10") ==
          "OVERHEAD E line_too_long limit=1024 (limits.line)\n");
    CHECK(listener.flush() == "NOTIFY longer::than::10\n");
}

TEST_CASE("reload: nothing is lost, doubled or overtaken while signals go from thread to thread") {
    constexpr int rounds = 20;
    constexpr int signals = 500;
    Reloading reloading({.more = "threads: 4\n", .users = sensor_and_reader});
    auto& node = reloading.node;
    std::vector<LineClient> publishers;
    std::vector<LineClient> listeners;
    for (int i = 0; i < 4; ++i) {
        const Way way = i % 2 == 0 ? Way::unix_socket : Way::tls_1_3;
        publishers.push_back(node.log_in(way));
        listeners.push_back(node.log_in(way, "reader", "r"));
        for (int name = 0; name < 4; ++name)
            listeners.back().say("LISTEN n" + std::to_string(name));
        listeners.back().flush();
    }
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < publishers.size(); ++i) {
            publishers[i].send(numbered("n" + std::to_string(i), signals));
        }
        reloading.reload(round % 2 == 0 ? "permissions: [read]" : "permissions: [read, write]",
                         round % 2 == 0 ? "permissions: [read, write]" : "permissions: [read]");
        for (auto& publisher : publishers) publisher.flush();
        for (auto& listener : listeners) {
            const std::string got = listener.flush();
            for (int name = 0; name < 4; ++name) {
                CHECK(miscount("n" + std::to_string(name), signals, got) == "");
            }
        }
    }
}

TEST_CASE("reload: a node that is told to stop in the middle of one stops") {
    for (int i = 0; i < 5; ++i) {
        Reloading reloading({.more = "threads: 4\n"});
        auto& node = reloading.node;
        auto client = node.log_in(Way::tls_1_3);
        for (int signals = 0; signals < 3; ++signals) node.signal(SIGHUP);
        node.signal(SIGTERM);
        for (int signals = 0; signals < 3; ++signals) node.signal(SIGHUP);
        CHECK(node.wait() == 0);
        CHECK(client.lines_until_closed() == "\nQUIT\n");
    }
}

TEST_CASE("reload: the service manager hears of it") {
    const TemporaryDirectory directory;
    const std::string path = (directory.path() / "notify.sock").string();
    const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(manager, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const auto told = [&] {
        pollfd ready{manager, POLLIN, 0};
        REQUIRE(::poll(&ready, 1, milliseconds_until(deadline_from_now())) == 1);
        std::array<char, 256> text{};
        const auto size = ::recv(manager, text.data(), text.size(), 0);
        return std::string(text.data(), static_cast<std::size_t>(size));
    };
    {
        Reloading reloading({.environment = {{"NOTIFY_SOCKET", path}}});
        CHECK(told() == "READY=1");
        reloading.reload();
        CHECK(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        CHECK(told() == "READY=1");
        reloading.rewrite("users:", "nonsense:");
        reloading.fail_to_reload("unknown key 'nonsense'");
        CHECK(told().starts_with("RELOADING=1\n"));
        CHECK(told() == "READY=1");
    }
    CHECK(told() == "STOPPING=1");
    ::close(manager);
}
