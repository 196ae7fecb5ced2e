// clacksd: reads the configuration, wires the parts together, serves.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>

#include "client/password.hpp"
#include "server/command_line.hpp"
#include "server/config.hpp"
#include "server/file_limit.hpp"
#include "server/heap.hpp"
#include "server/log.hpp"
#include "server/memcached/memcached.hpp"
#include "server/net/certificate_watch.hpp"
#include "server/net/server.hpp"
#include "server/reload.hpp"
#include "server/service_manager.hpp"
#include "server/start_check.hpp"
#include "server/storage.hpp"

namespace {

using namespace clacks;

enum Exit : int { fine = 0, failed = 1, bad_configuration = 2 };

constexpr const char* software = "clacksd " CLACKS_VERSION;

/// CLACKS_SIMULATED_TIME_OFFSET: shifts this node's clock, for tests of trees.
std::chrono::seconds simulated_time_offset() {
    const char* text = std::getenv("CLACKS_SIMULATED_TIME_OFFSET");
    return std::chrono::seconds(text ? std::strtol(text, nullptr, 10) : 0);
}

void print(const server::Loaded& loaded) {
    for (const auto& error : loaded.errors) {
        std::fprintf(stderr, "%s\n", server::to_string(error).c_str());
    }
    for (const auto& warning : loaded.warnings) {
        std::fprintf(stderr, "%s\n", server::to_warning(warning).c_str());
    }
}

int serve(const server::Config& config, const server::Started& started) {
    server::share_heap();
    server::LineLog log(config.log);
    PasswordVerifier passwords;
    const auto files = server::raise_file_limit();
    if (files < config.node.limits.connections) {
        log.info("few_open_files", {{"allowed", std::to_string(files)},
                                    {"what", "fewer than limits.connections; see ulimit -n"}});
    }
    const net::Clock clock(simulated_time_offset());
    // Of a store that evicts nothing nothing is left out either.
    const auto all = std::numeric_limits<std::size_t>::max() / 2;
    server::Storage storage(config.storage,
                            config.node.cache.evict ? config.node.cache.memory : all, log, clock);
    net::Server server(
        config.net, config.node, software, storage.id(), log, clock,
        [&](auto stored, auto given) { return passwords.fits(stored, given); }, storage.past());
    server::Memcached memcached(server, config.memcached, config.net.tls, log);
    const auto saving = storage.start(server.node(), [&](const std::function<bool()>& step) {
        return server.do_between_turns(step);
    });
    net::CertificateWatch certificates(server.workers().front()->context(), log);
    certificates.look_at(config.net.tls.certificate);
    const server::HeapTrimming trimming(
        [&cache = server.node().cache()] { return cache.budget().used(); });
    const auto ready = [&] {
        log.info("ready", {{"name", config.node.name}, {"version", CLACKS_VERSION}});
        server::notify_service_manager("READY=1");
    };
    const server::Running running{server, memcached, storage, certificates, log};
    server.run(
        ready, [&] { server::reload(started, running); }, [&] { storage.save_on_signal(); });
    server::notify_service_manager("STOPPING=1");
    const bool saved = storage.finish();
    log.info("stopped");
    return saved ? Exit::fine : Exit::failed;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto asked = server::parse_command_line(argc, argv, software);
    if (!asked) return Exit::fine;

    auto loaded = server::load_config(asked->config);
    const bool well_formed = loaded.config.has_value();
    if (asked->check) server::check_storage(loaded, asked->config);
    server::check_start(loaded, asked->config);
    print(loaded);
    if (!loaded.config) {
        // What this machine lacks is no fault of the file, unless the file is what is asked about.
        return well_formed && !asked->check ? Exit::failed : Exit::bad_configuration;
    }
    if (asked->check) {
        std::fprintf(stderr, "%s: ok\n", asked->config.c_str());
        return Exit::fine;
    }
    if (asked->level) loaded.config->log.level = *asked->level;
    return serve(
        *loaded.config,
        {.config = asked->config, .level = asked->level, .format = loaded.config->log.format});
} catch (const server::UsageError& error) {
    std::fprintf(stderr, "clacksd: %s\n", error.what());
    return Exit::bad_configuration;
} catch (const std::exception& error) {
    std::fprintf(stderr, "clacksd: %s\n", error.what());
    return Exit::failed;
}
