#include "bench/options.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>

namespace clacks::bench {

namespace {

template <class Value>
CLI::Option* add(CLI::App& app, const std::string& name, Value& value, const std::string& text) {
    return app.add_option(name, value, text)->capture_default_str();
}

void add_servers(CLI::App& app, Options& options) {
    add(app, "--directory", options.directory,
        "holds server.crt, server.key and ca.crt; sockets and logs are made there")
        ->required()
        ->check(CLI::ExistingDirectory);
    add(app, "--clacksd", options.clacksd, "the program");
    add(app, "--redis", options.redis, "the program");
    add(app, "--memcached", options.memcached, "the program");
    add(app, "--threads", options.threads, "of clacksd, one or more; 0: one per core")
        ->delimiter(',')
        ->check(CLI::Range(0, 1024));
}

void add_extent(CLI::App& app, Options& options) {
    add(app, "--loads", options.loads, "what to measure")
        ->delimiter(',')
        ->check(CLI::IsMember({"fan-out", "store", "latency", "idle", "monitor", "keys", "memory",
                               "cache", "persistence"}));
    add(app, "--operations", options.operations, "what the store's load consists of")
        ->delimiter(',')
        ->check(CLI::IsMember({"mixed", "store", "retrieve"}));
    auto* rounds = add(app, "--rounds", options.rounds, "each measures every server once")
                       ->check(CLI::Range(1, 1000));
    auto* seconds = add(app, "--seconds", options.seconds, "of one measurement")
                        ->check(CLI::Range(0.1, 30.0));  // longer, and clacksd's NOP would come
    const auto shorten = [&options] {
        options.rounds = 2;
        options.seconds = 0.5;
    };
    app.add_flag_callback("--quick", shorten, "2 rounds of half a second")
        ->excludes(rounds)
        ->excludes(seconds);
}

void add_sizes(CLI::App& app, Options& options) {
    const CLI::Range some(1, 100'000);
    add(app, "--listeners", options.listeners, "of the fan-out")->check(CLI::Range(1, 1000));
    add(app, "--window", options.window, "messages on the way to a listener, at most")->check(some);
    add(app, "--connections", options.connections, "of the store's load")->check(CLI::Range(1, 99));
    add(app, "--depth", options.depth, "operations a connection sends at once")
        ->check(CLI::Range(2, 1000));
    add(app, "--rate", options.rate, "messages a second where latency is measured")->check(some);
    add(app, "--idle", options.idle, "number of idle connections")->check(CLI::Range(1, 9000));
    add(app, "--keys", options.keys, "stored where keys are listed")
        ->check(CLI::Range(1, 100'000'000));
    add(app, "--entries", options.entries, "stored where the memory of entries is measured")
        ->check(CLI::Range(1'000, 10'000'000));
    app.add_flag_callback(
        "--unbound", [&options] { options.bound = false; },
        "where it is measured how long clients wait: let the scheduler place worker and load");
    add(app, "--page", options.page, "keys asked for at once")->check(some);
}

}  // namespace

nanoseconds Options::duration() const {
    return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
}

Options Options::parse(int argc, char** argv) {
    CLI::App app("Loads clacksd and its peers in turns and compares what they cost.",
                 "clacks-load");
    Options options;
    add_servers(app, options);
    add_extent(app, options);
    add_sizes(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    return options;
}

}  // namespace clacks::bench
