#include "client/tool/progress.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace clacks::tool;
using namespace std::chrono_literals;

TEST_CASE("progress: a line says how far it is, how fast, and how long it takes") {
    struct Row {
        Unit unit;
        Advance advance;
        std::size_t columns;
        const char* line;
    };
    for (const Row& row : {
             Row{Unit::keys,
                 {450'000, 1'000'000, 4.5s},
                 80,
                 "x  [#########-----------]  45%  450,000 of 1,000,000 keys  100,000/s  0:06 left"},
             {Unit::keys,
              {450'000, 1'000'000, 4.5s},
              60,
              "x   45%  450,000 of 1,000,000 keys  100,000/s  0:06 left"},
             {Unit::keys, {450'000, 1'000'000, 4.5s}, 20, "x   45%  450,000 of"},
             {Unit::keys, {450'000, 1'000'000, 4.5s}, 0, ""},
             {Unit::keys, {1, 2, 0s}, 200, "x  [###############---------------]  50%  1 of 2 keys"},
             {Unit::keys, {2, 2, 0s}, 36, "x  [############] 100%  2 of 2 keys"},
             {Unit::keys, {3, 2, 1s}, 50, "x  [##########] 100%  2 of 2 keys  2/s  0:00 left"},
             {Unit::keys, {0, 2, 9s}, 30, "x  [------]   0%  0 of 2 keys"},
             {Unit::keys, {1234, 0, 1s}, 80, "x  1,234 keys  1,234/s"},
             {Unit::bytes,
              {1 << 20, 3 << 20, 1s},
              70,
              "x  [#####------------]  33%  1.0 MiB of 3.0 MiB  1.0 MiB/s  0:02 left"},
             {Unit::bytes,
              {1 << 10, 9'000 << 10, 1s},
              61,
              "x  [-----]   0%  1.0 KiB of 8.8 MiB  1.0 KiB/s  2:29:59 left"},
         }) {
        CAPTURE(row.line);
        CHECK(progress_line("x", row.unit, row.advance, row.columns) == row.line);
    }
}

TEST_CASE("progress: amounts") {
    CHECK(amount(0, Unit::keys) == "0 keys");
    CHECK(amount(1, Unit::keys) == "1 key");
    CHECK(amount(999, Unit::keys) == "999 keys");
    CHECK(amount(1'000'000, Unit::keys) == "1,000,000 keys");
    CHECK(amount(1023, Unit::bytes) == "1023 B");
    CHECK(amount(1536, Unit::bytes) == "1.5 KiB");
    CHECK(amount(std::uint64_t{5} << 42U, Unit::bytes) == "20.0 TiB");
}

TEST_CASE("progress: a bar stands below what is said, and is gone at the end") {
    std::ostringstream data;
    std::ostringstream talk;
    Output output(data, talk, true);
    {
        Progress progress(output, "x", Unit::keys, 0);
        progress.at(1);
        output.say("hm");
    }
    CHECK(talk.str() ==
          "\r\x1b[Kx  1 key"
          "\r\x1b[Kclacks: hm\nx  1 key"
          "\r\x1b[K");
}

TEST_CASE("progress: where nobody watches there is none") {
    std::ostringstream data;
    std::ostringstream talk;
    Output output(data, talk);
    {
        Progress progress(output, "x", Unit::keys, 2);
        progress.at(1);
        output.status("x");
    }
    CHECK(talk.str() == "");
}
