#include <doctest/doctest.h>

#include <clacks/blocking.hpp>
#include <clacks/client.hpp>
#include <functional>
#include <future>
#include <thread>

#include "tests/client/fake_node.hpp"
#include "tests/client/print.hpp"

using clacks::BlockingClient;
using clacks::Errc;
using namespace std::chrono_literals;

namespace {

/// What `call` throws, in words; "" if it does not.
template <class Call>
std::string thrown(Call call) {
    try {
        call();
    } catch (const clacks::Error& e) {
        return e.what();
    }
    return "";
}

/// Runs the client's side beside the node's.
template <class Call>
auto meanwhile(Call call) {
    return std::async(std::launch::async, std::move(call));
}

[[nodiscard]] Peer connects(BlockingClient& client, FakeNode& node) {
    auto connected = meanwhile([&] { client.connect(); });
    Peer peer = node.accepts();
    peer.welcomes();
    connected.get();
    return peer;
}

}  // namespace

TEST_CASE("blocking: each function does what the client's does") {
    FakeNode node;
    BlockingClient client(node.options());
    Peer peer = connects(client, node);
    CHECK(client.is_connected());
    client.listen("l");
    client.notify("n");
    client.set("a", "1");
    client.set_and_store("b", "2");
    client.store("c", "3");
    client.store_yaml("y", "[1]");
    client.remove("d");
    client.increment("e", 2);
    client.decrement("e");
    client.clear_cache();
    client.monitor();
    client.unmonitor();
    client.unlisten("l");
    CHECK(peer.reads(13) ==
          "LISTEN l | NOTIFY n | SET a=1 | SETANDSTORE b=2 | STORE c=3 | STORE "
          "y=PAGECAMELCLACKSYAMLB64:WzFd | REMOVE d | "
          "INCREMENT e=2 | DECREMENT e=1 | CLEARCACHE | MONITOR | UNMONITOR | UNLISTEN l");

    auto answers = meanwhile([&] {
        const auto there = client.retrieve("a");
        const auto missing = client.retrieve("b");
        const auto keys = client.keys();
        client.flush();
        return there.value_or("none") + " " + missing.value_or("none") + " " + keys.at(0);
    });
    CHECK(peer.reads(2) == "RETRIEVE a | FLUSH c1");
    peer.says("RETRIEVED a=1\nFLUSHED c1\n");
    CHECK(peer.reads(2) == "RETRIEVE b | FLUSH c2");
    peer.says("NOTRETRIEVED b\nFLUSHED c2\n");
    CHECK(peer.reads(2) == "KEYLIST | FLUSH c3");
    peer.says("KEYLISTSTART\nKEY k\nKEYLISTEND\nFLUSHED c3\n");
    CHECK(peer.reads() == "FLUSH c4");
    peer.says("FLUSHED c4\n");
    CHECK(answers.get() == "1 none k");
}

TEST_CASE("blocking: each extension does what the client's does") {
    FakeNode node;
    BlockingClient client(node.options());
    Peer peer = connects(client, node);
    CHECK(client.features().contains("tree"));
    client.store_for("a", "1", 2s);
    client.expire("a", 3s);
    client.monitor({.name = "a"});
    client.disconnect("x:1");
    CHECK(peer.reads(4) ==
          "STOREFOR 2.000000 a=1 | EXPIRE a=3.000000 | MONITOR name=a | CLIENTDISCONNECT x:1");

    // Each call, the line it makes, the node's answer to it.
    struct Row {
        std::function<bool()> call;
        const char* line;
        const char* answer;
    };
    const Row rows[] = {
        {[&] {
             return client.retrieve_many({"a", "b"}).at(0) == "1";
         },
         "RETRIEVEMANY a b", "RETRIEVED a=1\nNOTRETRIEVED b\n"},
        {[&] { return client.retrieve_version("a")->version == "v"; }, "RETRIEVEVERSION a",
         "RETRIEVEDVERSION v a=1\n"},
        {[&] { return client.listen_and_retrieve("a") == "1"; }, "LISTENANDRETRIEVE a",
         "RETRIEVED a=1\n"},
        {[&] { return client.exists("a"); }, "EXISTS a", "EXISTS a=1\n"},
        {[&] { return client.time_to_live("a")->left == 5s; }, "TTL a", "TTL a=5\n"},
        {[&] { return client.flags("a") == 7; }, "FLAGS a", "FLAGS a=7\n"},
        {[&] {
             const auto lives = client.time_to_live_many({"a", "b", "c"});
             return lives.size() == 3 && lives[0]->left == 5s && !lives[1] && !lives[2]->left;
         },
         "TTL a b c", "TTL a=5\nNOTRETRIEVED b\nTTL c=never\n"},
        {[&] {
             return client.flags_many({"a", "b"}) ==
                    std::vector<std::optional<std::uint32_t>>{7, std::nullopt};
         },
         "FLAGS a b", "FLAGS a=7\nNOTRETRIEVED b\n"},
        {[&] { return client.store_if(clacks::Condition::present(), "a", "1") == "v"; },
         "STOREIF present a=1", "STORED v a\n"},
        {[&] { return client.remove_if("v", "a"); }, "REMOVEIF version:v a", "REMOVED a\n"},
        {[&] { return client.increment_and_retrieve("n") == "1"; }, "INCREMENTANDRETRIEVE n=1",
         "RETRIEVED n=1\n"},
        {[&] { return client.decrement_and_retrieve("n", 2) == "-1"; }, "DECREMENTANDRETRIEVE n=2",
         "RETRIEVED n=-1\n"},
        {[&] { return client.keys("k").size() == 1; }, "KEYLIST k limit=10000",
         "KEYLISTSTART\nKEY k\nKEYLISTEND\n"},
        {[&] { return client.key_page({.limit = 1}).after == "k"; }, "KEYLIST ** limit=1",
         "KEYLISTSTART\nKEY k\nKEYLISTEND after=k\n"},
        {[&] { return clacks::field(client.status(), "keys") == "7"; }, "STATUS",
         "STATUSSTART\nSTATUS keys=7\nSTATUSEND\n"},
        {[&] { return client.tree().size() == 1; }, "TREE", "TREESTART\nTREE id=1;\nTREEEND\n"},
        {[&] { return client.clients().size() == 1; }, "CLIENTLIST",
         "CLIENTLISTSTART\nCLIENT CID=x:1;\nCLIENTLISTEND\n"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        auto right = meanwhile(row.call);
        CHECK(peer.reads() == row.line);
        peer.says(row.answer);
        const std::string barrier = peer.reads();
        peer.says("FLUSHED " + barrier.substr(6) + "\n");
        CHECK(right.get());
    }
}

TEST_CASE("blocking: what() says once what went wrong, and nothing of an older failure") {
    FakeNode node;
    BlockingClient client(node.options());
    auto connected = meanwhile([&] { client.connect(); });
    Peer peer = node.accepts();
    peer.welcomes_plainly();
    connected.get();
    auto refused = meanwhile([&] { return thrown([&] { client.retrieve("a"); }); });
    peer.reads(2);
    peer.says("OVERHEAD E permission_denied\nFLUSHED c1\n");
    CHECK(refused.get() == "retrieve: permission_denied");
    CHECK(thrown([&] { client.exists("a"); }) ==
          "exists: the node cannot do this: it is no clacksd, or an older one");
    CHECK(thrown([&] { client.retrieve("a b"); }) ==
          "retrieve: a name must not be empty and holds no blank, '=' or line break");
    CHECK(thrown([&] { client.store_for("a", "1", 1s); }) ==
          "store_for: the node cannot do this: it is no clacksd, or an older one");
}

TEST_CASE("blocking: receive waits, or not so long") {
    FakeNode node;
    BlockingClient client(node.options());
    Peer peer = connects(client, node);
    CHECK(print(client.receive(0ms)) == "nothing");
    CHECK(print(client.receive(1ms)) == "nothing");
    peer.says("SET a=1\nNOTIFY b\nNOTIFY c\n");
    CHECK(print(client.receive()) == "set a=1");
    CHECK(print(client.receive(patience)) == "notify b");
    CHECK(print(client.receive(patience)) == "notify c");
}

TEST_CASE("blocking: a receive that gives up in the moment of a message loses nothing") {
    FakeNode node;
    BlockingClient client(node.options());
    Peer peer = connects(client, node);
    constexpr int count = 500;
    std::thread speaker([&] {
        for (int i = 0; i < count; ++i) peer.says("SET a=" + std::to_string(i) + "\n");
    });
    int in_order = 0;
    while (in_order < count) {
        const auto message = client.receive(0ms);
        if (!message) continue;
        if (message->value != std::to_string(in_order)) break;
        ++in_order;
    }
    speaker.join();
    CHECK(in_order == count);
}

TEST_CASE("blocking: failures are thrown with what was tried and what the node said") {
    FakeNode node;
    BlockingClient client(node.options());
    Peer peer = connects(client, node);
    CHECK(thrown([&] { client.store("a b", "1"); }) ==
          "store: a name must not be empty and holds no blank, '=' or line break");

    auto refused = meanwhile([&] { return thrown([&] { client.flush(); }); });
    CHECK(peer.reads() == "FLUSH c1");
    peer.says("OVERHEAD E permission_denied\nFLUSHED c1\n");
    CHECK(refused.get() == "flush: permission_denied");

    auto receiving = meanwhile([&] {
        client.receive();  // the node's refusal
        return thrown([&] { client.receive(); });
    });
    client.close();
    CHECK(receiving.get() == "receive: the client is closed");
}

TEST_CASE("blocking: a connect that fails says where and why") {
    FakeNode node;
    node.stops();
    BlockingClient client(node.options());
    const std::string words = thrown([&] { client.connect(); });
    CHECK(words.starts_with("connect: unix:///"));
    CHECK(words.ends_with("/node.sock: No such file or directory"));
    CHECK(client.diagnostic().ends_with("node.sock: No such file or directory"));
}

TEST_CASE("blocking: a command waits for room in the queue") {
    FakeNode node;
    auto options = node.options();
    options.output_bytes = 100;
    BlockingClient client(options);
    constexpr int count = 100;
    auto stored = meanwhile([&] {
        for (int i = 0; i < count; ++i) client.store("k", std::to_string(i));
    });
    auto connected = meanwhile([&] { client.connect(); });
    Peer peer = node.accepts();
    peer.welcomes();
    connected.get();
    for (int seen = 0; seen < count;) {
        const std::string line = peer.reads();
        if (line.starts_with("FLUSH "))
            peer.says("FLUSHED " + line.substr(6) + "\n");
        else
            REQUIRE(line == "STORE k=" + std::to_string(seen++));
    }
    stored.get();
}

TEST_CASE("blocking: the destructor sends what is queued") {
    FakeNode node;
    auto client = std::make_unique<BlockingClient>(node.options());
    Peer peer = connects(*client, node);
    client->store("a", "1");
    auto destroyed = meanwhile([&] { client.reset(); });
    CHECK(peer.reads(2) == "STORE a=1 | QUIT");
    peer.closes();
    destroyed.get();
}
