// Any bytes, in any pieces, with any room for output: the session answers the same, keeps no more
// than a value, and stays in step.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "cache/cache.hpp"
#include "expect.hpp"
#include "memcached/cache_operations.hpp"
#include "memcached/key_mapping.hpp"
#include "memcached/session.hpp"

using namespace clacks::memcached;
using clacks::fuzz::expect;

namespace {

class NobodysHost final : public Host {
public:
    LoginAnswer log_in(const LoginTry&) override { return {}; }
    Totals totals() const override { return {}; }
    void reset_stats() override {}
    bool next_connections(ConnectionTour& tour,
                          const std::function<void(const ConnectionInfo&)>& visit) const override {
        visit({.id = 1, .address = "unix:/run/x"});
        return ++tour.server < 3;
    }
    bool set_memory_limit(std::uint64_t) override { return false; }
};

/// What comes back to the stream, in pieces as long as `next_size` says.
template <class NextSize>
std::string answered(std::string_view stream, std::size_t output_bytes, NextSize&& next_size) {
    clacks::cache::Cache cache({1, 2}, 3);
    CacheOperations operations(cache, 100);
    NobodysHost host;
    Counters counters;
    Settings settings{.item_bytes = 100, .output_bytes = output_bytes, .get_line_bytes = 3000};
    PartialValues partial_values;
    Session session(settings, operations, host, counters, partial_values,
                    {.client = "fuzz", .rights = &all_rights()}, [] {});
    const WallTime now(std::chrono::seconds(1'800'000'000));
    std::string all;
    std::string input;
    while (session.ending() == Session::Ending::none) {
        std::string reply;
        input.erase(0, session.feed(input, now, reply));
        expect(reply.size() <= output_bytes + 3000, "output is bounded");
        all += reply;
        if (!reply.empty() || session.goes_on()) continue;
        expect(session.ending() != Session::Ending::none || input.size() <= 3000,
               "what is left of the input is bounded");
        if (stream.empty()) break;
        const std::string_view piece = stream.substr(0, next_size());
        stream.remove_prefix(piece.size());
        input += piece;
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider provider(data, size);
    const std::size_t output_bytes = provider.ConsumeIntegralInRange<std::size_t>(1, 500);
    std::string sizes = provider.ConsumeBytesAsString(8);
    std::string stream = provider.ConsumeRemainingBytesAsString();
    if (sizes.empty()) sizes = "\1";
    // These tell of what has passed so far.
    if (stream.find("stats") != stream.npos) return 0;
    std::size_t at = 0;
    const std::string in_pieces = answered(stream, output_bytes, [&] {
        return 1 + static_cast<unsigned char>(sizes[at++ % sizes.size()]) % 40U;
    });
    const std::string whole = answered(stream, 1U << 20U, [&] { return stream.size(); });
    expect(in_pieces == whole, "pieces do not matter");

    const std::string key = stream.substr(0, longest_key);
    expect(key_of_name(MappedKey(key)) == key, "keys come back from their names");
    return 0;
}
