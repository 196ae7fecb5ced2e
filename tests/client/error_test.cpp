#include <doctest/doctest.h>

#include <set>
#include <string>

#include "clacks/error.hpp"

using clacks::Errc;

TEST_CASE("error: every code has words of its own") {
    std::set<std::string> words;
    const auto last = static_cast<int>(Errc::invalid_query);
    for (int code = 1; code <= last; ++code)
        words.insert(make_error_code(static_cast<Errc>(code)).message());
    CHECK(words.size() == static_cast<std::size_t>(last));
    CHECK_FALSE(words.contains("unknown error"));
}

TEST_CASE("error: an exception has a code and a sentence") {
    const clacks::Error plain(Errc::queue_full);
    CHECK(plain.code() == Errc::queue_full);
    CHECK(std::string(plain.what()) == plain.code().message());
    CHECK(std::string(clacks::Error(Errc::queue_full, "store: too much").what()) ==
          "store: too much");
}
