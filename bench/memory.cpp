#include "bench/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace clacks::bench {

double entry_bytes(const Target& target, unsigned entries, unsigned value_size) {
    constexpr unsigned at_once = 1'000;
    const Dialect& dialect = target.dialect();
    Connection connection = target.connect();
    connection.ask(dialect.settle, dialect.settled);
    const auto before = static_cast<double>(target.process().resident_bytes());
    for (unsigned first = 0; first < entries; first += at_once) {
        std::string request;
        for (unsigned i = first; i < std::min(entries, first + at_once); ++i) {
            request += fmt::format(fmt::runtime(dialect.small_store), fmt::format("key:{:012}", i),
                                   fmt::format("{:0{}}", i, value_size), value_size);
        }
        connection.ask(request + dialect.settle, dialect.settled);
    }
    const auto after = static_cast<double>(target.process().resident_bytes());
    return (after - before) / entries;
}

}  // namespace clacks::bench
