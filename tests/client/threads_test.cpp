#include <doctest/doctest.h>

#include <atomic>
#include <map>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

TEST_CASE("client: several threads share one client") {
    constexpr int threads = 4;
    constexpr int rounds = 300;
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);

    std::atomic<int> wrong = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            const std::string name = "key" + std::to_string(t);
            for (int i = 0; i < rounds; ++i) {
                if (client->store(name, std::to_string(i))) ++wrong;
                if (outcome(client->async_retrieve(name, later)) != std::to_string(i)) ++wrong;
                if (i % 50 == 0 && print(outcome(client->async_receive(later))) != "notify n")
                    ++wrong;
            }
        });
    }

    // The node: a store of its own, and a signal for each that one of the threads takes.
    std::map<std::string, std::string> store;
    for (int line = 0; line < threads * rounds * 3; ++line) {
        const std::string said = peer.reads();
        if (said.starts_with("STORE ")) {
            const auto equals = said.find('=');
            const std::string name = said.substr(6, equals - 6);
            store[name] = said.substr(equals + 1);
            if (std::stoi(store[name]) % 50 == 0) peer.says("NOTIFY n\n");
        } else if (said.starts_with("RETRIEVE ")) {
            const std::string name = said.substr(9);
            peer.says("RETRIEVED " + name + "=" + store[name] + "\n");
        } else {
            peer.says("FLUSHED " + said.substr(6) + "\n");
        }
    }
    for (std::thread& worker : workers) worker.join();
    CHECK(wrong == 0);
    for (int t = 0; t < threads; ++t)
        CHECK(store["key" + std::to_string(t)] == std::to_string(rounds - 1));
}

TEST_CASE("client: threads may use it while it is lost, made again and closed") {
    FakeNode node;
    auto options = node.options();
    options.output_bytes = 4000;
    Running client(options);
    Peer peer = connects(client, node);
    std::atomic<bool> stop = false;
    std::vector<std::thread> workers;
    for (int t = 0; t < 3; ++t)
        workers.emplace_back([&] {
            while (!stop) {
                static_cast<void>(client->store("a", "1"));
                static_cast<void>(client->listen("b"));
                client->try_receive();
                static_cast<void>(client->unlisten("b"));
                client->is_connected();
                client->diagnostic();
            }
        });
    for (int i = 0; i < 10; ++i) {
        CHECK(peer.reads() != "(closed)");
        peer.closes();
        peer = node.accepts();
        peer.welcomes();
    }
    client->close();
    stop = true;
    for (std::thread& worker : workers) worker.join();
    CHECK(client->store("a", "1") == clacks::Errc::closed);
}
