#include "memcached/stored_number.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace clacks::memcached;

TEST_CASE("stored number: at the ends of 64 bits it begins again or stays") {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    struct Row {
        std::uint64_t number;
        std::uint64_t delta;
        bool subtract;
        std::uint64_t result;
        bool is_sum;
    };
    for (const Row& row :
         {Row{1, 2, false, 3, true}, Row{3, 3, true, 0, true}, Row{3, 4, true, 0, false},
          Row{most, 0, false, most, true}, Row{most, 1, false, 0, false},
          Row{most, most, false, most - 1, false}, Row{0, most, true, 0, false}}) {
        CAPTURE(row.number);
        CAPTURE(row.delta);
        const Changed changed = change_number(row.number, row.delta, row.subtract);
        CHECK(changed.number == row.result);
        CHECK(changed.is_sum == row.is_sum);
    }
}
