#include "server/reload.hpp"

#include <exception>
#include <utility>

#include "server/config.hpp"
#include "server/service_manager.hpp"
#include "server/start_check.hpp"

namespace clacks::server {

namespace {

void put_in_force(const Config& config, const Started& started, const Running& running) {
    auto next = running.memcached.prepare(config.memcached, config.net.tls);  // what can fail
    running.server.reload(config.net, config.node);
    running.certificates.look_at(config.net.tls.certificate);
    running.memcached.reload(std::move(next));
    running.storage.reload(config.storage);
    running.log.set_level(started.level.value_or(config.log.level));
    if (config.log.format != started.format) {
        running.log.warning("restart_needed", {{"key", "log.format"}});
    }
    running.log.info("reloaded", {{"config", started.config}});
}

}  // namespace

void reload(const Started& started, const Running& running) {
    auto& log = running.log;
    notify_reloading();
    try {
        auto loaded = load_config(started.config);
        check_start(loaded, started.config);
        for (const auto& error : loaded.errors) {
            log.error("reload_failed", {{"why", to_string(error)}});
        }
        for (const auto& warning : loaded.warnings) {
            log.warning("config_warning", {{"what", to_string(warning)}});
        }
        if (loaded.config) {
            put_in_force(*loaded.config, started, running);
        }
    } catch (const std::exception& problem) {
        log.error("reload_failed", {{"why", problem.what()}});
    }
    notify_service_manager("READY=1");
}

}  // namespace clacks::server
