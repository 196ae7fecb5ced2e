// A stream in random pieces, the stream in one piece, and a plain model of the specification say
// the same.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expect.hpp"
#include "protocol/line_framer.hpp"

using clacks::fuzz::expect;
using clacks::protocol::LineFramer;

namespace {

const std::string oversize = "\n";  // no line can be that

struct Outcome {
    std::vector<std::string> lines;
    std::size_t pending = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome framed(const std::vector<std::string>& pieces, std::size_t limit) {
    Outcome outcome;
    LineFramer framer(limit);
    for (std::string piece : pieces) {
        framer.feed(
            piece,
            [&](std::string_view line) {
                outcome.lines.emplace_back(line);
                return true;
            },
            [&] {
                outcome.lines.push_back(oversize);
                return true;
            });
        expect(framer.pending_bytes() <= limit, "no more than the limit is held");
    }
    outcome.pending = framer.pending_bytes();
    return outcome;
}

Outcome modelled(std::string stream, std::size_t limit) {
    Outcome outcome;
    std::erase(stream, '\r');
    std::size_t begin = 0;
    while (begin <= stream.size()) {
        const std::size_t end = std::min(stream.find('\n', begin), stream.size());
        const std::string line = stream.substr(begin, end - begin);
        const bool finished = end != stream.size();
        if (line.size() > limit) {
            outcome.lines.push_back(oversize);
        } else if (!finished) {
            outcome.pending = line.size();
        } else if (!line.empty()) {
            outcome.lines.push_back(line);
        }
        begin = end + 1;
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    const auto limit = input.ConsumeIntegralInRange<std::size_t>(0, 40);
    std::vector<std::size_t> lengths(input.ConsumeIntegralInRange<std::size_t>(0, 20));
    for (std::size_t& length : lengths) length = input.ConsumeIntegralInRange<std::size_t>(0, 30);
    const std::string stream = input.ConsumeRemainingBytesAsString();

    std::vector<std::string> pieces;
    std::size_t at = 0;
    for (const std::size_t length : lengths) {
        pieces.push_back(stream.substr(at, length));
        at += pieces.back().size();
    }
    pieces.push_back(stream.substr(at));

    const Outcome expected = modelled(stream, limit);
    expect(framed({stream}, limit) == expected, "one piece: as specified");
    expect(framed(pieces, limit) == expected, "in pieces: as specified");
    return 0;
}
