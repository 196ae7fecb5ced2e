#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cache/number.hpp"
#include "server/node/node.hpp"
#include "tests/node/recording_log.hpp"
#include "tests/node/silent_outbox.hpp"

// One node under several workers. ThreadSanitizer watches; what is checked here holds in any run.
namespace clacks::node {
namespace {

constexpr unsigned worker_count = 3;

class ThreadPeer final : public Peer {
public:
    explicit ThreadPeer(std::uint64_t its_serial) : Peer("h", "p", its_serial) {}

    void receive(std::string_view lines) {
        const std::lock_guard lock(mutex_);
        if (gone) throw std::logic_error("output for a peer that has gone");
        received_ += lines;
    }
    std::vector<std::string> lines() {
        std::vector<std::string> result;
        const std::lock_guard lock(mutex_);
        for (std::size_t at = 0; at < received_.size();) {
            const std::size_t end = received_.find("\r\n", at);
            result.push_back(received_.substr(at, end - at));
            at = end + 2;
        }
        return result;
    }

    std::atomic<bool> gone{false};

private:
    std::mutex mutex_;
    std::string received_;
};

struct ThreadOutbox final : SilentOutbox {
    void send(Peer& to, std::string_view lines) override {
        static_cast<ThreadPeer&>(to).receive(lines);
    }
};

/// What one worker's thread sees of the node.
class Worker {
public:
    Worker(Node& node, unsigned index, std::atomic<std::uint64_t>& serials)
        : node_(node),
          serials_(serials),
          turn_{.worker = index, .now = {}, .outbox = outbox_, .scratch = {}} {
        turn_.now.wall = WallTime(std::chrono::seconds(1'700'000'000));
        turn_.now.mono = MonoTime(std::chrono::seconds(1));
    }

    std::unique_ptr<ThreadPeer> client() {
        auto peer = std::make_unique<ThreadPeer>(++serials_);
        node_.connected(*peer, turn_);
        says(*peer, "CLACKS x");
        says(*peer, "OVERHEAD A " + protocol::encode_token({"u", "p"}));
        return peer;
    }
    void says(ThreadPeer& peer, std::string_view line) {
        turn_.now.wall += std::chrono::microseconds(1);
        node_.line(peer, line, turn_);
        if (++said_ % 8 == 0) node_.send_mirrored(turn_);
    }
    void leaves(ThreadPeer& peer) {
        node_.disconnected(peer, CloseReason::peer_closed, turn_);
        peer.gone = true;
    }
    bool send_store(ThreadPeer& peer) {
        if (peer.has_work()) node_.work(peer, turn_);
        return peer.has_work();
    }
    void clean() { node_.clean(turn_); }
    void end_turn() { node_.end_turn(turn_); }

    /// A slave that is one of our nodes and has nothing yet.
    std::unique_ptr<ThreadPeer> our_slave() {
        auto peer = client();
        says(*peer, "OVERHEAD I 1");
        says(*peer, "OVERHEAD M clacks id=below;name=x;path=x;");
        says(*peer, "OVERHEAD M clacks have=test:0;");
        return peer;
    }
    /// A master that is one of our nodes.
    std::unique_ptr<ThreadPeer> our_master() {
        auto peer = std::make_unique<ThreadPeer>(++serials_);
        node_.connected_to_master(*peer, {"u", "p"}, turn_);
        says(*peer, "CLACKS x");
        says(*peer, "OVERHEAD A " + protocol::encode_token({"u", "p"}));
        says(*peer, "OVERHEAD M clacks id=above;name=x;path=above;");
        return peer;
    }

private:
    Node& node_;
    std::atomic<std::uint64_t>& serials_;
    ThreadOutbox outbox_;
    Turn turn_;
    unsigned said_ = 0;
};

Settings settings() {
    Settings result;
    result.users = {{.name = "u", .password = "p", .permissions = {}}};
    return result;
}

struct Workers {
    RecordingLog log;
    Node node{settings(), {.software = "test", .id = "test", .started = {}}, worker_count, log};
    std::atomic<std::uint64_t> serials{0};

    /// Runs `work(Worker&, index)` on all workers at once.
    template <class Work>
    void run(Work work) {
        std::barrier start(static_cast<std::ptrdiff_t>(worker_count));
        std::vector<std::jthread> threads;
        for (unsigned index = 0; index < worker_count; ++index) {
            threads.emplace_back([&, index] {
                Worker worker(node, index, serials);
                start.arrive_and_wait();
                work(worker, index);
            });
        }
    }
};

/// What a slave has that was told these lines.
std::map<std::string, std::string> content_of(const std::vector<std::string>& lines) {
    using protocol::Verb;
    std::map<std::string, std::string> content;
    for (const auto& line : lines) {
        const auto command = protocol::parse(line);
        if (!command) throw std::logic_error("no command: " + line);
        const std::string key(command->name);
        switch (command->verb) {
            case Verb::keysync:
            case Verb::store:
                content[key] = command->value;
                if (command->mode == "D") content.erase(key);
                break;
            case Verb::remove:
                content.erase(key);
                break;
            case Verb::increment:
                content[key] = cache::add(content[key], command->value, false);
                break;
            case Verb::clear_cache:
                content.clear();
                break;
            default:
                break;
        }
    }
    return content;
}

/// When a slave that is one of our nodes takes its entries to have been changed that was told this.
std::map<std::string, WallTime> versions_of(const std::vector<std::string>& lines) {
    constexpr std::string_view moved = "OVERHEAD M clacks moved=";
    std::map<std::string, WallTime> versions;
    for (const auto& line : lines) {
        const auto command = protocol::parse(line);
        if (line.starts_with(moved)) {
            const std::chrono::microseconds by(std::stoll(line.substr(moved.size())));
            for (auto& [key, changed] : versions) changed += by;
        } else if (command && command->verb == protocol::Verb::keysync) {
            auto& changed = versions[std::string(command->name)];
            changed = std::max(changed, command->changed);
        }
    }
    return versions;
}

}  // namespace

TEST_CASE("threads: every listener hears every publisher's signals in order, without loss") {
    constexpr int count = 1500;
    Workers workers;
    std::vector<std::unique_ptr<ThreadPeer>> listeners(worker_count);
    std::vector<std::unique_ptr<ThreadPeer>> publishers(worker_count);
    workers.run([&](Worker& worker, unsigned index) {
        listeners[index] = worker.client();
        publishers[index] = worker.client();
        worker.says(*listeners[index], "LISTEN a");
    });
    workers.run([&](Worker& worker, unsigned index) {
        for (int i = 0; i < count; ++i) {
            worker.says(*publishers[index],
                        "SET a=" + std::to_string(index) + ":" + std::to_string(i));
        }
    });
    for (const auto& listener : listeners) {
        std::vector<int> next(worker_count, 0);
        for (const auto& line : listener->lines()) {
            if (!line.starts_with("SET a=")) continue;
            const auto from = static_cast<std::size_t>(line[6] - '0');
            CHECK(std::stoi(line.substr(8)) == next[from]++);
        }
        CHECK(next == std::vector<int>(worker_count, count));
    }
    workers.run([&](Worker& worker, unsigned index) {
        worker.leaves(*listeners[index]);
        worker.leaves(*publishers[index]);
    });
}

TEST_CASE("threads: a slave that joins amid changes ends with what the node has") {
    constexpr int changes = 3000;
    for (int round = 0; round < 5; ++round) {
        CAPTURE(round);
        Workers workers;
        std::vector<std::unique_ptr<ThreadPeer>> slaves(worker_count);
        workers.run([&](Worker& worker, unsigned index) {
            const auto client = worker.client();
            for (int i = 0; i < changes; ++i) {
                const std::string key = "k" + std::to_string(i * 7 % 50);
                if (i == changes / 3) {
                    slaves[index] = worker.client();
                    worker.says(*slaves[index], "OVERHEAD I 1");
                }
                if (slaves[index]) worker.send_store(*slaves[index]);
                if (i % 1000 == 500 + static_cast<int>(index)) worker.says(*client, "CLEARCACHE");
                if (i % 5 == 0) {
                    worker.says(*client, "REMOVE " + key);
                } else if (i % 5 == 1) {
                    worker.says(*client, "INCREMENT " + key);
                } else {
                    worker.says(*client,
                                "STORE " + key + "=" +
                                    std::to_string(index * 10'000U + static_cast<unsigned>(i)));
                }
            }
            worker.leaves(*client);
        });
        std::map<std::string, std::string> expected;
        for (const auto& key : workers.node.cache().keys(WallTime{})) {
            expected[key] = workers.node.cache().lock(key).find(key)->value;
        }
        CHECK_FALSE(expected.empty());
        for (const auto& slave : slaves) {
            CHECK(slave->link->synced());
            CHECK(content_of(slave->lines()) == expected);
        }
        workers.run([&](Worker& worker, unsigned index) { worker.leaves(*slaves[index]); });
    }
}

TEST_CASE(
    "threads: every link hears the changes of a key in the order in which they were applied") {
    constexpr int count = 20'000;
    Workers workers;
    std::vector<std::unique_ptr<ThreadPeer>> slaves(worker_count);
    workers.run([&](Worker& worker, unsigned index) {
        slaves[index] = worker.client();
        worker.says(*slaves[index], "OVERHEAD I 1");
        while (worker.send_store(*slaves[index])) {
        }
    });
    workers.run([&](Worker& worker, unsigned index) {
        const auto client = worker.client();
        for (int i = 0; i < count; ++i) {
            worker.says(*client, "STORE k=" + std::to_string(index) + ":" + std::to_string(i));
        }
        worker.leaves(*client);
    });
    // What was applied last is known; that the rest has one order, all links agree on.
    const std::string last(workers.node.cache().lock("k").find("k")->value);
    const auto changes = [](ThreadPeer& slave) {
        auto lines = slave.lines();
        std::erase_if(lines, [](const auto& line) { return !line.starts_with("STORE "); });
        return lines;
    };
    const auto expected = changes(*slaves.front());
    CHECK(expected.size() == worker_count * count);
    for (const auto& slave : slaves) {
        CHECK((changes(*slave) == expected));
        CHECK(changes(*slave).back() == "STORE k=" + last);
    }
    workers.run([&](Worker& worker, unsigned index) { worker.leaves(*slaves[index]); });
}

TEST_CASE("threads: what is told before times are moved and after is told in the times it is of") {
    Workers workers;
    std::unique_ptr<ThreadPeer> slave;
    workers.run([&](Worker& worker, unsigned index) {
        if (index == 0) slave = worker.our_slave();
    });
    workers.run([&](Worker& worker, unsigned index) {
        if (index == 0) {
            const auto master = worker.our_master();
            for (int i = 0; i < 3000; ++i) {
                worker.says(*master, "OVERHEAD M clacks moved=5000000;");
            }
            return worker.leaves(*master);
        }
        const auto client = worker.client();
        for (int i = 0; i < 20'000; ++i) {
            worker.says(*client, "STORE k" + std::to_string(i % 50) + "=1");
            if (i % 3 == 0) worker.end_turn();
        }
        worker.end_turn();
        worker.leaves(*client);
    });
    const auto told = versions_of(slave->lines());
    CHECK(told.size() == 50);
    for (const auto& [key, changed] : told) {
        CAPTURE(key);
        CHECK(workers.node.cache().lock(key).find(key)->changed == changed);
    }
    workers.run([&](Worker& worker, unsigned index) {
        if (index == 0) worker.leaves(*slave);
    });
}

TEST_CASE("threads: a monitor with conditions is shown what other workers have for it, once") {
    Workers workers;
    Worker here(workers.node, 0, workers.serials);
    Worker there(workers.node, 1, workers.serials);
    const auto monitor = here.client();
    const auto client = there.client();
    const auto shown = [&] {
        std::string all;
        for (const auto& line : monitor->lines()) {
            if (line.find("=STORE ") != line.npos) all += line.substr(line.size() - 1);
        }
        return all;
    };
    here.says(*monitor, "MONITOR command=STORE");
    // The turns of both go on.
    there.says(*client, "STORE a=1");
    CHECK(shown() == "");
    here.says(*monitor, "MONITOR command=STORE,REMOVE");
    CHECK(shown() == "1");
    there.says(*client, "STORE a=2");
    here.says(*monitor, "UNMONITOR");
    CHECK(shown() == "12");
    there.says(*client, "STORE a=3");
    CHECK(shown() == "12");
    here.leaves(*monitor);
    there.leaves(*client);
}

TEST_CASE("threads: nobody sends to a connection that has gone") {
    // ThreadPeer throws if somebody does.
    Workers workers;
    workers.run([](Worker& worker, unsigned index) {
        const auto constant = worker.client();
        for (int i = 0; i < 300; ++i) {
            const auto peer = worker.client();
            worker.says(*peer, "LISTEN a");
            worker.says(*peer, "LISTEN b");
            if (i % 3 == 0) worker.says(*peer, "MONITOR");
            if (i % 4 == 0) worker.says(*peer, "OVERHEAD I 1");
            worker.says(*peer, "SET b=1");
            worker.says(*constant, "SET a=1");
            worker.says(*constant, "STORE a=1");
            worker.says(*constant, "OVERHEAD GNU Terry Pratchett");
            if (i % 50 == 0) worker.says(*constant, "CLIENTLIST");
            if (i % 90 == 0) worker.says(*constant, "CLEARCACHE");
            if (index == 0) worker.clean();
            worker.leaves(*peer);
        }
        worker.leaves(*constant);
    });
    CHECK(workers.serials == worker_count * 301);
}

}  // namespace clacks::node
