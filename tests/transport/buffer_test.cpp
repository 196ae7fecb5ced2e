#include "transport/buffer.hpp"

#include <doctest/doctest.h>

using clacks::transport::Buffer;
using clacks::transport::BufferPool;

TEST_CASE("buffer: bytes come out in the order in which they went in") {
    BufferPool pool;
    Buffer buffer;
    std::string in;
    std::string out;
    // In pieces of every size around that which a string keeps within itself.
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string piece(size, static_cast<char>('a' + size % 26));
        buffer.append(piece, pool);
        in += piece;
        const auto taken = buffer.size() / 2;
        out += buffer.view().substr(0, taken);
        buffer.consume(taken, pool);
        CHECK(out + std::string(buffer.view()) == in);
        CHECK(buffer.size() == in.size() - out.size());
        CHECK(buffer.empty() == (in.size() == out.size()));
    }
    out += buffer.view();
    buffer.consume(buffer.size(), pool);
    CHECK(out == in);
    CHECK(buffer.empty());
}

TEST_CASE("buffer: a few bytes stay when more are appended") {
    BufferPool pool;
    pool.give(std::string(1000, 'x'));  // a used buffer must not come between them
    Buffer buffer;
    buffer.tail(pool) += "ab";
    buffer.append("cd", pool);
    buffer.tail(pool) += std::string(100, 'e');
    CHECK(buffer.view() == "abcd" + std::string(100, 'e'));
}

TEST_CASE("buffer: once empty it has given its memory back, and the next one gets it") {
    BufferPool pool;
    Buffer first;
    first.append(std::string(1000, 'a'), pool);
    const char* const memory = first.view().data();
    first.consume(1000, pool);
    Buffer second;
    second.append("b", pool);
    CHECK(second.view().data() == memory);
    CHECK(second.view() == "b");
}

TEST_CASE("buffer: a tail to which nothing was appended goes back to the pool") {
    BufferPool pool;
    pool.give(std::string(1000, 'x'));
    Buffer buffer;
    const char* const memory = buffer.tail(pool).data();
    buffer.settle(pool);
    CHECK(pool.take().data() == memory);
}

TEST_CASE("buffer: settling keeps what is there") {
    BufferPool pool;
    Buffer buffer;
    buffer.append("abc", pool);
    buffer.tail(pool);
    buffer.settle(pool);
    CHECK(buffer.view() == "abc");
}

TEST_CASE("buffer: what has been taken does not pile up in front of what is left") {
    BufferPool pool;
    Buffer buffer;
    const std::string piece(64U << 10U, 'p');
    buffer.append(piece, pool);
    buffer.append(piece, pool);
    for (int i = 0; i < 1000; ++i) {  // never empty
        buffer.append(piece, pool);
        buffer.consume(piece.size(), pool);
    }
    CHECK(buffer.size() == 2 * piece.size());
    CHECK(buffer.tail(pool).capacity() < 64 * piece.size());
}

TEST_CASE("buffer: clearing drops everything") {
    BufferPool pool;
    Buffer buffer;
    buffer.append("abc", pool);
    buffer.consume(1, pool);
    buffer.clear();
    CHECK(buffer.empty());
    buffer.append("d", pool);
    CHECK(buffer.view() == "d");
}

TEST_CASE("buffer pool: what it gives is empty, and it keeps neither giants nor multitudes") {
    BufferPool pool;
    CHECK(pool.take().capacity() == std::string().capacity());
    pool.give(std::string(1000, 'x'));
    CHECK(pool.take() == "");
    pool.give(std::string(2U << 20U, 'x'));
    CHECK(pool.take().capacity() == std::string().capacity());
    for (int i = 0; i < 1000; ++i) pool.give(std::string(1000, 'x'));
    int kept = 0;
    while (pool.take().capacity() >= 1000) ++kept;
    CHECK(kept > 0);
    CHECK(kept < 100);
}
