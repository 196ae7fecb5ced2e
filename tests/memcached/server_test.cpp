// A server in this process, and real clients.
#include "memcached/server.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/memcached/serving.hpp"
#include "tests/transport/certificates.hpp"

using namespace clacks::test;
using namespace clacks::memcached;
using namespace std::chrono_literals;

namespace {

const std::string one_value = "set k 0 0 5\r\nvalue\r\n";

ServerOptions with_tls(clacks::transport::ClientCertificates whose) {
    ServerOptions options;
    options.tls = clacks::transport::TlsSettings{.certificate = certificates().certificate,
                                                 .key = certificates().key,
                                                 .ca = certificates().ca,
                                                 .client_certificates = whose};
    return options;
}

/// As many descriptors as the system lets us have for connections, with both ends here.
std::size_t most_pairs(std::size_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return std::min<std::size_t>(wanted, (limit.rlim_cur - 100) / 2);
}

}  // namespace

TEST_CASE("server: a program's values are served, and a port that is asked for as any is said") {
    Serving serving;
    const std::string address = serving.listen("tcp://127.0.0.1:0");
    CAPTURE(address);
    REQUIRE(address.starts_with("tcp://127.0.0.1:"));
    REQUIRE(port_of(address) != 0);
    auto local = serving.connect();
    auto network = Stream::to_tcp("127.0.0.1", port_of(address));
    CHECK(ask(local, one_value) == "STORED\r\n");
    CHECK(ask(network, "get k\r\n") == "VALUE k 0 5\r\nvalue\r\nEND\r\n");
    const auto connections = serving.on_thread([&] {
        std::string text;
        serving.server->each_connection([&](const ConnectionInfo& info) {
            text +=
                std::string(info.address.substr(0, 5)) + " " + std::string(info.listener) + "\n";
        });
        return text;
    });
    CHECK(connections == "tcp:1 " + address + "\nunix: unix://" + serving.path("socket") + "\n");
}

TEST_CASE("server: all connections are told of, and what they wait for") {
    Serving serving;
    std::vector<Stream> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(serving.connect());
    std::string reply;
    clients[0].write("set k 0 0 5\r\nva", reply);
    CHECK(serving.wait_until([&] {
        int waiting = 0;
        serving.server->each_connection(
            [&](const ConnectionInfo& info) { waiting += info.state == "conn_waiting"; });
        return serving.server->connection_count() == clients.size() && waiting == 1;
    }));
    const std::string all = ask(clients.back(), "stats conns\r\n");
    const std::string waits = ":state conn_waiting\r\n";
    std::set<std::string> ids;
    for (std::size_t at = 0; (at = all.find("STAT ", at)) != all.npos; ++at)
        ids.insert(all.substr(at + 5, all.find(':', at) - at - 5));
    CHECK(ids.size() == 200);
    CHECK(all.find(waits) == all.rfind(waits));
    CHECK(all.find(":state conn_read\r\n") != all.npos);
}

TEST_CASE("server: an address stops being served, and those who came by it stay") {
    Serving serving;
    const std::string address = serving.listen("tcp://localhost:0");
    auto client = Stream::to_tcp("127.0.0.1", port_of(address));
    CHECK(ask(client, "") == "");
    CHECK(serving.on_thread([&] { return serving.server->unlisten(address); }));
    CHECK_THROWS(Stream::to_tcp("127.0.0.1", port_of(address)));
    CHECK(ask(client, one_value) == "STORED\r\n");
    CHECK_FALSE(serving.on_thread([&] { return serving.server->unlisten(address); }));
    CHECK(serving.listen(address) == address);
    auto another = Stream::to_tcp("127.0.0.1", port_of(address));
    CHECK(ask(another, "get k\r\n") == "VALUE k 0 5\r\nvalue\r\nEND\r\n");
}

TEST_CASE("server: an address that cannot be listened on is refused with words") {
    Serving serving;
    struct Row {
        std::string address;
        std::string words;
    };
    const std::string taken = "unix://" + serving.path("socket");
    for (const Row& row :
         {Row{"http://localhost:1", "allowed: tcp://"}, Row{"tcp://127.0.0.1", "the port must be"},
          Row{"tcp://127.0.0.1:65536", "the port must be"},
          Row{"tcp://:11211", "the host is missing"}, Row{"tcp://::1:11211", "in brackets"},
          Row{"tcp://0.0.0.0:0", "without TLS only on this machine"},
          Row{"tls://127.0.0.1:0", "no certificate"},
          Row{"unix://relative", "the path of the socket is missing"},
          Row{"unix:///no/such/directory/s", "there is no directory"},
          Row{taken, "Address already in use"}}) {
        CAPTURE(row.address);
        const std::string said = serving.listen(row.address);
        CAPTURE(said);
        CHECK(said.starts_with("cannot listen on " + row.address));
        CHECK(said.find(row.words) != said.npos);
    }
}

TEST_CASE("server: a socket that was connected otherwise is served") {
    Serving serving;
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    serving.on_thread([&] {
        serving.server->adopt(clacks::transport::OwnedFd(ends[0]), "pair:1", "pair");
        serving.server->each_connection(
            [](const ConnectionInfo& info) { CHECK(info.address == "pair:1"); });
    });
    REQUIRE(::send(ends[1], "version\r\n", 9, MSG_NOSIGNAL) == 9);
    CHECK(serving.wait_until([&] {
        char reply[9];
        return ::recv(ends[1], reply, sizeof reply, MSG_PEEK) == sizeof reply;
    }));
    ::close(ends[1]);
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 0; }));
    CHECK(serving.shelf.ended == 1);
}

TEST_CASE("server: through TLS, whose client is known by the certificate") {
    auto options = with_tls(clacks::transport::ClientCertificates::request);
    options.admit = [](const Newcomer& newcomer) {
        return newcomer.certificate == "sensor-1" ? &all_rights() : nullptr;
    };
    Serving serving(options);
    const std::string address = serving.listen("tls://127.0.0.1:0");
    CAPTURE(address);
    const auto connect = [&](const TlsOptions& how) {
        auto stream = Stream::to_tcp("127.0.0.1", port_of(address));
        stream.start_tls(how);
        return stream;
    };
    auto known = connect({.ca = certificates().ca,
                          .certificate = client_certificate().certificate,
                          .key = client_certificate().key});
    const std::string large(300'000, 'x');
    CHECK(ask(known, "set k 0 0 300000\r\n" + large + "\r\n") == "STORED\r\n");
    CHECK(ask(known, "get k\r\n") == "VALUE k 0 300000\r\n" + large + "\r\nEND\r\n");
    auto stranger = connect({.ca = certificates().ca});
    std::string reply;
    stranger.write("get k\r\n", reply);
    CHECK(read_bytes(stranger, 30).starts_with("CLIENT_ERROR unauthenticated"));
    auto plain = Stream::to_tcp("127.0.0.1", port_of(address));
    plain.write("get k\r\n", reply);
    rest(plain);
    CHECK(serving.wait_until([&] { return serving.log().find("closed: ") != std::string::npos; }));
}

TEST_CASE("server: who is one too many is told and closed") {
    ServerOptions options;
    options.most_connections = 2;
    Serving serving(options);
    std::optional<Stream> first = serving.connect();
    auto second = serving.connect();
    CHECK(ask(*first, "") + ask(second, "") == "");
    auto third = serving.connect();
    CHECK(rest(third) == "ERROR Too many open connections\r\n");
    CHECK(serving.server->connections_rejected() == 1);
    first.reset();
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 1; }));
    auto fourth = serving.connect();
    CHECK(ask(fourth, one_value) == "STORED\r\n");
}

TEST_CASE("server: slow handlers answer in any order, replies come in that of the commands") {
    Serving serving;
    auto client = serving.connect();
    std::string stores;
    for (const std::string key : {"a", "b", "c"}) {
        stores += "set " + key + " 0 0 1\r\n" + key + "\r\n";
    }
    CHECK(ask(client, stores) == "STORED\r\nSTORED\r\nSTORED\r\n");
    serving.on_thread([&] { serving.shelf.slow = true; });
    std::string reply;
    client.write("get a\r\nget b c\r\nversion\r\n", reply);
    auto other = serving.connect();
    CHECK(ask(other, "set d 0 0 1\r\nd\r\n") == "STORED\r\n");
    other.write("get c\r\n", reply);
    for (int answered = 0; answered < 4; ++answered) {
        REQUIRE(serving.wait_until([&] { return !serving.shelf.waiting.empty(); }));
        serving.on_thread([&] {
            const auto last = serving.shelf.waiting.back();
            serving.shelf.waiting.pop_back();
            last();
        });
    }
    const std::string expected =
        "VALUE a 0 1\r\na\r\nEND\r\nVALUE b 0 1\r\nb\r\nVALUE c 0 1\r\nc\r\nEND\r\nVERSION ";
    CHECK(read_bytes(client, expected.size()).starts_with(expected));
    CHECK(read_bytes(other, 21) == "VALUE c 0 1\r\nc\r\nEND\r\n");
}

TEST_CASE("server: who does not read gets everything once he does, and holds up nobody") {
    Serving serving;
    auto client = serving.connect();
    const std::string value(1'000'000, 'v');
    CHECK(ask(client, "set k 0 0 1000000\r\n" + value + "\r\n") == "STORED\r\n");
    std::string reply;
    std::string questions;
    constexpr std::size_t count = 50;
    for (std::size_t i = 0; i < count; ++i) questions += "get k\r\n";
    client.write(questions, reply);
    auto other = serving.connect();
    CHECK(ask(other, one_value) == "STORED\r\n");
    const std::string expected = "VALUE k 0 5\r\nvalue\r\nEND\r\n";
    CHECK(ask(other, "get k\r\n") == expected);
    const std::string received = reply + ask(client, "");
    // Those that had to wait for the socket find the newer value.
    CHECK(received.starts_with("VALUE k 0 1000000\r\n" + value + "\r\nEND\r\n"));
    CHECK(received.ends_with(expected));
    std::size_t ends = 0;
    for (std::size_t at = 0; (at = received.find("END\r\n", at)) != received.npos; at += 5) ++ends;
    CHECK(ends == count);
}

TEST_CASE("server: who does not read, or stops in the middle, is closed after a while") {
    ServerOptions options;
    options.stalled_timeout = 50ms;
    Serving serving(options);
    auto silent = serving.connect();
    auto half = serving.connect();
    std::string reply;
    half.write("set k 0 0 100\r\nhalf of it", reply);
    CHECK(rest(half) == "");
    auto half_line = serving.connect();
    half_line.write("get k", reply);
    CHECK(rest(half_line) == "");
    const std::string value(1'000'000, 'v');
    auto deaf = serving.connect();
    CHECK(ask(deaf, "set k 0 0 1000000\r\n" + value + "\r\n") == "STORED\r\n");
    deaf.write("get k k k k k\r\n", reply);
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 1; }));
    CHECK(serving.log() ==
          "closed: stopped in the middle of a command\n"
          "closed: stopped in the middle of a command\n"
          "closed: does not read\n");
    CHECK(ask(silent, "get none\r\n") == "END\r\n");
    CHECK(ask(silent, "stats\r\n").find("STAT idle_kicks 3\r\n") != std::string::npos);
    CHECK(serving.shelf.begun == 4);
    CHECK(serving.shelf.ended == 3);
}

TEST_CASE("server: who says nothing is closed after the idle timeout, who talks is not") {
    ServerOptions options;
    options.idle_timeout = 200ms;
    Serving serving(options);
    auto silent = serving.connect();
    auto talker = serving.connect();
    CHECK(ask(silent, "") + ask(talker, "") == "");
    while (serving.server->connection_count() == 2) CHECK(ask(talker, "get x\r\n") == "END\r\n");
    CHECK(rest(silent) == "");
    CHECK(serving.log() == "closed: idle timeout\n");
    CHECK(ask(talker, "get x\r\n") == "END\r\n");
    CHECK(ask(talker, "stats\r\n").find("STAT idle_kicks 1\r\n") != std::string::npos);
}

TEST_CASE("server: what is not the protocol is closed with a line for the log") {
    Serving serving;
    std::string reply;
    auto binary = serving.connect();
    binary.write(std::string("\x80\x0b\0\0\0\0\0\0", 8), reply);
    CHECK(rest(binary) == "");
    auto endless = serving.connect();
    const auto go_on_for_ever = [&] {
        for (;;) endless.write(std::string(10'000, 'x'), reply);
    };
    CHECK_THROWS(go_on_for_ever());
    CHECK(serving.wait_until([&] {
        return serving.log() ==
               "closed: the binary protocol is not offered\nclosed: line too long\n";
    }));
}

TEST_CASE("server: a handler that throws costs its connection, not the others") {
    Serving serving;
    auto other = serving.connect();
    CHECK(ask(other, one_value) == "STORED\r\n");
    auto client = serving.connect();
    CHECK(ask(client, "set bad 0 0 1\r\nx\r\n") == "");
    CHECK(serving.log() == "closed: a handler has thrown\n");
    CHECK(ask(other, "get k\r\n") == "VALUE k 0 5\r\nvalue\r\nEND\r\n");
    CHECK(serving.shelf.ended == 1);
}

TEST_CASE("server: of those who ask in one turn each gets his own answers, whatever others do") {
    Serving serving;
    const std::string found = "VALUE k 0 5\r\nvalue\r\nEND\r\n";
    auto first = serving.connect();
    CHECK(ask(first, one_value) == "STORED\r\n");
    auto fails = serving.connect();
    auto quits = serving.connect();
    std::optional<Stream> gone(serving.connect());
    auto half = serving.connect();
    auto last = serving.connect();
    CHECK(serving.wait_until([&] { return serving.shelf.begun == 6; }));
    serving.on_thread([&] {  // which reads nothing meanwhile
        std::string early;
        first.write("get k\r\n", early);
        fails.write("get k\r\nset bad 0 0 1\r\nx\r\n", early);
        quits.write("get k\r\nget k\r\nquit\r\n", early);
        gone->write("get k\r\n", early);
        gone.reset();
        half.write("get k\r\nget ", early);
        last.write("get none\r\nget k\r\n", early);
    });
    CHECK(read_bytes(first, found.size()) == found);
    CHECK(rest(fails) == "");
    CHECK(rest(quits) == found + found);
    CHECK(read_bytes(half, found.size()) == found);
    CHECK(read_bytes(last, found.size() + 5) == "END\r\n" + found);
    CHECK(ask(half, "k\r\n") == found);
    CHECK(serving.log() == "closed: a handler has thrown\n");
}

TEST_CASE("server: thousands who say nothing do not hinder one who talks") {
    const std::size_t count = most_pairs(10'000);
    MESSAGE(count << " connections");
    ServerOptions options;
    options.most_connections = count + 10;
    Serving serving(options);
    std::vector<Stream> silent;
    for (std::size_t i = 0; i < count; ++i) silent.push_back(serving.connect());
    auto talker = serving.connect();
    CHECK(ask(talker, one_value) == "STORED\r\n");
    CHECK(serving.server->connection_count() == count + 1);
    silent.clear();
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 1; }));
    CHECK(serving.shelf.ended == static_cast<int>(count));
    CHECK(ask(talker, "get k\r\n") == "VALUE k 0 5\r\nvalue\r\nEND\r\n");
}

TEST_CASE("server: it ends with connections in every state, each once") {
    Serving serving;
    auto silent = serving.connect();
    auto half = serving.connect();
    auto waits = serving.connect();
    std::string reply;
    half.write("set k 0 0 100\r\nhalf of it", reply);
    CHECK(ask(waits, one_value) == "STORED\r\n");
    serving.on_thread([&] { serving.shelf.slow = true; });
    waits.write("get k\r\n", reply);
    REQUIRE(serving.wait_until([&] { return !serving.shelf.waiting.empty(); }));
    serving.on_thread([&] { serving.server->close(); });
    CHECK(serving.on_thread([&] { return serving.shelf.ended; }) == 3);
    CHECK(rest(silent) + rest(half) + rest(waits) == "");
    serving.on_thread([&] { serving.shelf.waiting.front()(); });  // nobody is there any more
    CHECK(serving.server->connection_count() == 0);
    CHECK_THROWS(serving.connect());
}

TEST_CASE("server: a client may log in, and may end the program if that is allowed") {
    std::atomic<int> ended{0};
    ServerOptions options;
    options.password_file = "/no/such/file";
    CHECK_THROWS_WITH(Serving{options}, "cannot read the password file /no/such/file");
    std::string name = "/tmp/passwords-XXXXXX";
    clacks::transport::OwnedFd file(::mkstemp(name.data()));
    std::ofstream(name) << "user:secret\n";
    options.password_file = name;
    options.settings.shutdown = true;
    options.shutdown = [&](bool graceful) { ended = graceful ? 2 : 1; };
    Serving serving(options);
    ::unlink(name.c_str());
    auto client = serving.connect();
    std::string reply;
    client.write("get k\r\nset auth 0 0 11\r\nuser secret\r\n", reply);
    const std::string expected = "CLIENT_ERROR unauthenticated\r\nSTORED\r\n";
    CHECK(read_bytes(client, expected.size()) == expected);
    CHECK(ask(client, one_value) == "STORED\r\n");
    CHECK(ask(client, "shutdown graceful\r\n") == "");
    CHECK(ended == 2);
}

TEST_CASE("server: who has to log in and does not is closed after a while, whatever else he says") {
    std::string name = "/tmp/passwords-XXXXXX";
    clacks::transport::OwnedFd file(::mkstemp(name.data()));
    std::ofstream(name) << "user:secret\n";
    ServerOptions options;
    options.password_file = name;
    options.stalled_timeout = 2s;
    Serving serving(options);
    ::unlink(name.c_str());
    auto client = serving.connect();
    CHECK(ask(client, "set auth 0 0 11\r\nuser secret\r\n") == "STORED\r\n");
    auto silent = serving.connect();
    auto talker = serving.connect();
    const auto is_refused = [&] {
        try {
            std::string reply;
            talker.write("get k\r\n", reply);
            return talker.read(reply);
        } catch (const std::runtime_error&) {
            return false;  // it was closed before we said that
        }
    };
    const auto late = std::chrono::steady_clock::now() + 20s;
    while (is_refused() && std::chrono::steady_clock::now() < late) {
    }
    CHECK(std::chrono::steady_clock::now() < late);
    CHECK(rest(silent) == "");
    CHECK(serving.log() == "closed: did not log in\nclosed: did not log in\n");
    CHECK(ask(client, one_value) == "STORED\r\n");
}

TEST_CASE("server: peers share what one of them accepts") {
    Serving second;
    Serving first;
    Server* const peer = second.server.get();
    first.on_thread([&] { first.server->set_peers({&peer, 1}); });
    auto a = first.connect();
    auto b = first.connect();
    CHECK(ask(a, one_value) + ask(b, "set k2 0 0 1\r\n2\r\n") == "STORED\r\nSTORED\r\n");
    CHECK(first.server->connection_count() == 1);
    CHECK(second.server->connection_count() == 1);
    CHECK(first.on_thread([&] { return first.shelf.values.size(); }) == 1);
    CHECK(second.on_thread([&] { return second.shelf.values.size(); }) == 1);
}
