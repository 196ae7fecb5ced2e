#include "server/net/output.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/net/socket_pair.hpp"

using namespace clacks;
using namespace std::chrono_literals;
using clacks::test::SocketPair;
using net::Output;
using transport::BufferPool;
using Append = Output::Append;
using Flush = Output::Flush;

namespace {

constexpr std::size_t no_limit = 1U << 30U;

/// An output in plain text, and who reads it.
struct Plain {
    SocketPair sockets;
    BufferPool pool;
    Output output{sockets.ours(), nullptr};
    MonoTime now{};

    Append append(std::string_view bytes, std::size_t at_most = no_limit) {
        return output.append(bytes, at_most, pool);
    }
    Flush flush() { return output.flush(pool, now); }
    Flush unblock() { return output.unblock(pool, now); }

    /// Appends so much that the socket takes only a part of it.
    std::string block() {
        std::string all(8U << 20U, '.');
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>('a' + i % 23);
        REQUIRE(append(all) == Append::first);
        REQUIRE(flush() == Flush::blocked);
        return all;
    }
    /// Reads until all has been written.
    std::string read_all() {
        std::string got;
        do got += sockets.read();
        while (unblock() == Flush::blocked);
        return got + sockets.read();
    }
};

}  // namespace

TEST_CASE("output: the first to append writes, in one go and in order, what others add") {
    Plain plain;
    for (int i = 0; i < 2; ++i) {
        CHECK(plain.append("one ") == Append::first);
        CHECK(plain.append("two ") == Append::queued);
        CHECK(plain.append("three") == Append::queued);
        CHECK(plain.output.size() == 13);
        CHECK(plain.sockets.read() == "");
        CHECK(plain.flush() == Flush::done);
        CHECK(plain.sockets.read() == "one two three");
        CHECK(plain.output.drained());
        CHECK(plain.flush() == Flush::nothing);
    }
}

TEST_CASE("output: a full socket blocks, and nobody but unblock() goes on where it stopped") {
    Plain plain;
    plain.now = MonoTime(1s);
    std::string expected = plain.block();
    CHECK(plain.output.stalled_since() == MonoTime(1s));
    const auto waiting = plain.output.size();
    CHECK(waiting > 0);
    CHECK(waiting < expected.size());

    CHECK(plain.append("more") == Append::queued);
    expected += "more";
    CHECK(plain.flush() == Flush::nothing);
    CHECK(plain.output.size() == waiting + 4);

    CHECK(plain.read_all() == expected);
    CHECK(plain.output.stalled_since() == std::nullopt);
    CHECK(plain.append("after") == Append::first);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "after");
}

TEST_CASE("output: a socket that takes nothing is stalled since it last took something") {
    Plain plain;
    plain.now = MonoTime(1s);
    plain.block();
    plain.now = MonoTime(5s);
    CHECK(plain.unblock() == Flush::blocked);
    CHECK(plain.output.stalled_since() == MonoTime(1s));
    CHECK(plain.sockets.read() != "");
    plain.now = MonoTime(9s);
    CHECK(plain.unblock() == Flush::blocked);
    CHECK(plain.output.stalled_since() == MonoTime(9s));
}

TEST_CASE("output: no more waits than the limit, but one piece of any size does") {
    Plain plain;
    CHECK(plain.append(std::string(100, 'a'), 10) == Append::first);
    CHECK(plain.append("b", 101) == Append::queued);
    CHECK(plain.output.size() == 101);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.append("d", 10) == Append::first);
    CHECK(plain.append("e", 1) == Append::full);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == std::string(100, 'a') + "bd");
}

TEST_CASE("output: behind what did not fit nothing comes but the last words") {
    Plain plain;
    CHECK(plain.append("one ", 5) == Append::first);
    CHECK(plain.append("two ", 5) == Append::full);
    CHECK(plain.append("3", 5) == Append::closed);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.append("four ", 5) == Append::closed);
    CHECK(plain.output.finish("QUIT", plain.pool) == Append::first);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "one QUIT");
}

TEST_CASE("output: what is only offered is refused without harm, and taken when there is room") {
    Plain plain;
    const auto offer = [&](std::string_view bytes) {
        return plain.output.append_if_room(bytes, 6, plain.pool);
    };
    CHECK(offer("more than six") == Append::first);  // nothing waits
    CHECK(offer("x") == std::nullopt);
    CHECK(plain.append(" and an answer") == Append::queued);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "more than six and an answer");
    CHECK(offer("four") == Append::first);
    CHECK(offer("66") == Append::queued);
    CHECK(offer("7") == std::nullopt);
    plain.output.finish("", plain.pool);
    CHECK(offer("8") == Append::closed);
}

TEST_CASE("output: what is only offered may wait, until there is much or something else is sent") {
    Plain plain;
    const auto offer = [&](std::string_view bytes) {
        return plain.output.append_if_room(bytes, 100, plain.pool);
    };
    CHECK(offer("one ") == Append::soon);
    CHECK(offer("two ") == Append::queued);
    CHECK(plain.append("three ") == Append::first);
    CHECK(offer("four ") == Append::queued);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "one two three four ");

    CHECK(offer("five ") == Append::soon);
    CHECK(plain.flush() == Flush::done);
    CHECK(offer("six ") == Append::soon);
    CHECK(offer(std::string(50, '.')) == Append::first);
    CHECK(offer(std::string(50, '.')) == std::nullopt);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "five six " + std::string(50, '.'));

    CHECK(offer("large ") == Append::soon);
    CHECK(offer(std::string(200, '.')) == Append::first);  // as if nothing waited
    CHECK(plain.flush() == Flush::done);
    plain.sockets.read();

    CHECK(offer("seven") == Append::soon);
    CHECK(plain.output.finish(" QUIT", plain.pool) == Append::first);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.sockets.read() == "seven QUIT");
}

TEST_CASE("output: what is only offered waits while it is less than a TLS record") {
    Plain plain;
    constexpr std::size_t record = 16U << 10U;
    const auto offer = [&](std::size_t bytes) {
        return plain.output.append_if_room(std::string(bytes, '.'), 10 * record, plain.pool);
    };
    CHECK(offer(record - 1) == Append::soon);
    CHECK(offer(1) == Append::first);
}

TEST_CASE("output: what is only offered keeps no room from what has to be sent") {
    Plain plain;
    const auto offer = [&] { return plain.output.append_if_room("shown ", 100, plain.pool); };
    CHECK(offer() == Append::soon);
    CHECK(plain.append("large", 5) == Append::first);
    CHECK(offer() == Append::queued);
    CHECK(plain.append("more", 5) == Append::full);

    Plain other;
    const std::string much(60, '.');
    CHECK(other.output.append_if_room(much, 100, other.pool) == Append::first);
    CHECK(other.append("large", 5) == Append::queued);
    CHECK(other.append("more", 5) == Append::full);
}

TEST_CASE("output: what is only offered counts when the socket takes no more") {
    Plain plain;
    const std::string much(64U << 10U, '.');
    do REQUIRE(plain.output.append_if_room(much, much.size(), plain.pool) == Append::first);
    while (plain.flush() == Flush::done);
    CHECK(plain.append("large", 5) == Append::full);
}

TEST_CASE("output: the last words are taken above the limit, and nothing after them") {
    Plain plain;
    CHECK(plain.append(std::string(100, 'a'), 100) == Append::first);
    CHECK(plain.output.finish("QUIT", plain.pool) == Append::queued);
    CHECK(plain.append("late") == Append::closed);
    CHECK(plain.output.finish("TIMEOUT", plain.pool) == Append::closed);
    CHECK_FALSE(plain.output.drained());
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.output.drained());
    CHECK(plain.sockets.read() == std::string(100, 'a') + "QUIT");
    CHECK(plain.append("late") == Append::closed);
}

TEST_CASE("output: last words that are none end it all the same") {
    Plain plain;
    CHECK(plain.output.finish("", plain.pool) == Append::first);
    CHECK(plain.flush() == Flush::done);
    CHECK(plain.output.drained());
    CHECK(plain.append("late") == Append::closed);
}

TEST_CASE("output: last words wait behind what a full socket has not taken") {
    Plain plain;
    const std::string all = plain.block();
    CHECK(plain.output.finish("QUIT", plain.pool) == Append::queued);
    CHECK_FALSE(plain.output.drained());
    CHECK(plain.read_all() == all + "QUIT");
    CHECK(plain.output.drained());
}

TEST_CASE("output: a peer that is gone fails the writing") {
    Plain plain;
    CHECK(plain.append("hello") == Append::first);
    plain.sockets.close_theirs();
    CHECK(plain.flush() == Flush::failed);
}

TEST_CASE("output: what waits is counted, and what is no longer there") {
    Plain plain;
    std::ptrdiff_t waiting = 0;
    const auto is_counted = [&] {
        waiting += plain.pool.take_change();
        return waiting == static_cast<std::ptrdiff_t>(plain.output.size());
    };
    CHECK(plain.append("hello") == Append::first);
    CHECK((is_counted() && waiting == 5));
    CHECK(plain.flush() == Flush::done);
    CHECK((is_counted() && waiting == 0));
    plain.block();
    CHECK((is_counted() && waiting > 0));
    plain.sockets.read();
    plain.unblock();
    CHECK(is_counted());
    plain.output.finish("QUIT", plain.pool);
    CHECK(is_counted());
    plain.output.close(plain.pool);
    CHECK((is_counted() && waiting == 0));
}

TEST_CASE("output: once closed it takes and writes nothing") {
    Plain plain;
    CHECK(plain.append("hello") == Append::first);
    plain.output.close(plain.pool);
    CHECK(plain.append("more") == Append::closed);
    CHECK(plain.output.finish("QUIT", plain.pool) == Append::closed);
    CHECK(plain.flush() == Flush::nothing);
    CHECK(plain.unblock() == Flush::nothing);
    CHECK(plain.output.size() == 0);
    CHECK(plain.sockets.read() == "");
}

TEST_CASE(
    "output: of many threads every line arrives once, whole, and in the order of its thread") {
    constexpr int writers = 4;
    constexpr int lines_each = 3000;
    Plain plain;
    std::vector<std::thread> threads;
    std::atomic<int> writing{writers};
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            BufferPool pool;  // one a worker
            for (int i = 0; i < lines_each; ++i) {
                const std::string line = std::to_string(writer) + " " + std::to_string(i) + " " +
                                         std::string(200, '=') + "\n";
                if (plain.output.append(line, no_limit, pool) != Append::first) continue;
                // Who was told `first` writes; the wait for a full socket is its owner's in life.
                auto result = plain.output.flush(pool, MonoTime{});
                while (result == Flush::blocked) {
                    plain.sockets.wait_writable();
                    result = plain.output.unblock(pool, MonoTime{});
                }
            }
            --writing;
        });
    }
    std::string got;
    while (writing > 0) got += plain.sockets.read();
    for (auto& thread : threads) thread.join();
    got += plain.sockets.read();
    CHECK(plain.output.drained());

    std::vector<int> next(writers);
    std::size_t at = 0;
    bool in_order = true;
    for (; at < got.size(); at = got.find('\n', at) + 1) {
        const int writer = got[at] - '0';
        REQUIRE((writer >= 0 && writer < writers));
        auto& expected = next[static_cast<std::size_t>(writer)];
        const std::string line = std::to_string(writer) + " " + std::to_string(expected++) + " " +
                                 std::string(200, '=') + "\n";
        in_order = in_order && got.compare(at, line.size(), line) == 0;
    }
    CHECK(in_order);
    CHECK(next == std::vector<int>(writers, lines_each));
}
