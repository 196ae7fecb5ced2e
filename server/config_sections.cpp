#include "server/config_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/config_addresses.hpp"
#include "server/config_memcached.hpp"
#include "server/config_users.hpp"

// One function for each section of the file, in the order of configs/reference.yaml.
namespace clacks::server {
namespace {

void read_tls(Document& document, const Section& top, const std::vector<Listener>& listeners,
              transport::TlsSettings& tls, Places& places) {
    using transport::ClientCertificates;
    using transport::TlsVersion;
    Section section(document, top.value("tls"),
                    {"certificate", "key", "ca", "client_certificates", "minimum_version"});
    section.file("certificate", tls.certificate);
    section.file("key", tls.key);
    section.file("ca", tls.ca);
    places.certificate = section.line("certificate");
    places.key = section.line("key");
    places.ca = section.line("ca");
    read_client_certificates(section, tls.client_certificates);
    section.choice("minimum_version", tls.minimum_version,
                   {{"1.2", TlsVersion::tls_1_2}, {"1.3", TlsVersion::tls_1_3}});

    if (section.has("certificate") != section.has("key")) {
        document.error(section.line(section.has("key") ? "key" : "certificate"),
                       "'tls.certificate' and 'tls.key' go together");
    }
    // Without a list of our own, everybody with any certificate would be let in.
    if (tls.client_certificates != ClientCertificates::none && !section.has("ca")) {
        document.error(section.line("client_certificates"),
                       "'tls.client_certificates' needs 'tls.ca': whom to trust");
    }
    if (section.has("certificate") || section.has("key")) return;
    for (const auto& [address, line] : listeners) {
        if (!std::holds_alternative<transport::TlsAddress>(address)) continue;
        document.error(line, "a tls:// listener needs 'tls.certificate' and 'tls.key'");
    }
}

void read_interclacks(Document& document, const Section& top, Config& config) {
    Section section(document, top.value("interclacks"),
                    {"verify", "ping_timeout", "reconnect_delay", "reconnect_delay_max"});
    net::LinkSettings& links = config.net.links;
    section.choice("verify", links.verify_peer, {{"peer", true}, {"none", false}});
    section.duration("ping_timeout", config.node.timeouts.link_ping);
    section.duration("reconnect_delay", links.reconnect_delay);
    section.duration("reconnect_delay_max", links.reconnect_delay_max);
    if (links.reconnect_delay > links.reconnect_delay_max) {
        const bool own_max = section.has("reconnect_delay_max");
        document.error(section.line(own_max ? "reconnect_delay_max" : "reconnect_delay"),
                       fmt::format("'interclacks.reconnect_delay' ({}) is more than "
                                   "'interclacks.reconnect_delay_max' ({})",
                                   format_duration(links.reconnect_delay),
                                   format_duration(links.reconnect_delay_max)));
    }
}

void read_timeouts(Document& document, const Section& top, node::Timeouts& timeouts) {
    Section section(document, top.value("timeouts"),
                    {"ping", "authentication", "stalled_write", "keepalive"});
    section.duration("ping", timeouts.ping);
    section.duration("authentication", timeouts.authentication);
    section.duration("stalled_write", timeouts.stalled_write);
    section.duration("keepalive", timeouts.keepalive);
}

void read_limits(Document& document, const Section& top, node::Limits& limits) {
    constexpr std::size_t most = 10'000'000;
    constexpr std::size_t largest = std::size_t{1} << 30U;
    Section section(
        document, top.value("limits"),
        {"connections", "unauthenticated", "line", "key", "output", "listens", "monitor"});
    section.count("connections", limits.connections, std::size_t{1}, most);
    // As many as can log in within timeouts.authentication; the rest of a larger node is for those
    // who have.
    constexpr std::size_t least_unauthenticated = 16;
    limits.unauthenticated = std::max(limits.connections / 10, least_unauthenticated);
    section.count("unauthenticated", limits.unauthenticated, std::size_t{1}, most);
    // Shorter lines would not hold a greeting and a login. A row of SQLite has at most 10^9 bytes,
    // which must hold what came in a line.
    section.size("line", limits.line_bytes, 256, largest / 2);
    section.size("key", limits.key_bytes, 1, std::size_t{1} << 20U);
    section.size("output", limits.output_bytes, 1024, 16 * largest);
    section.count("listens", limits.listens, std::size_t{1}, most);
    section.size("monitor", limits.monitor_bytes, std::size_t{64} << 10U, 16 * largest);
    if (limits.output_bytes < limits.line_bytes) {
        document.warn(
            section.line(section.has("output") ? "output" : "line"),
            fmt::format("'limits.output' ({}) is less than 'limits.line' ({}): a "
                        "connection cannot be sent the longest line",
                        format_size(limits.output_bytes), format_size(limits.line_bytes)));
    }
}

void read_cache(Document& document, const Section& top, node::CacheLimits& cache) {
    Section section(document, top.value("cache"),
                    {"memory", "evict", "deleted", "stale", "cleanup"});
    section.size("memory", cache.memory, std::size_t{1} << 20U, std::size_t{1} << 40U);
    section.choice("evict", cache.evict, {{"true", true}, {"false", false}});
    section.duration("deleted", cache.deleted);
    section.duration("stale", cache.stale);
    section.duration("cleanup", cache.cleanup);
}

void read_persistence(Document& document, const Section& top, StorageSettings& storage,
                      Places& places) {
    Section section(document, top.value("persistence"), {"file", "interval"});
    section.file("file", storage.file);
    places.database = section.line("file");
    section.duration("interval", storage.interval);
}

void read_log(Document& document, const Section& top, LogSettings& log) {
    using Level = node::Log::Level;
    Section section(document, top.value("log"), {"level", "format"});
    section.choice("level", log.level,
                   {{"debug", Level::debug},
                    {"info", Level::info},
                    {"warning", Level::warning},
                    {"error", Level::error}});
    section.choice("format", log.format, {{"text", LogFormat::text}, {"json", LogFormat::json}});
}

}  // namespace

void read_config(Document& document, const YAML::Node& node, Config& config) {
    Section top(document, {node, 1, ""},
                {"name", "listen", "tls", "users", "master", "interclacks", "timeouts", "limits",
                 "cache", "persistence", "memcached", "threads", "gather", "log"});
    top.name("name", config.node.name);
    const auto listeners = read_listeners(document, top);
    for (const auto& listener : listeners) {
        config.net.listen.push_back(listener.address);
        config.places.listen.push_back(listener.line);
    }
    read_tls(document, top, listeners, config.net.tls, config.places);
    read_masters(document, top, listeners, config.net.masters);
    read_interclacks(document, top, config);
    read_timeouts(document, top, config.node.timeouts);
    read_limits(document, top, config.node.limits);
    read_cache(document, top, config.node.cache);
    read_persistence(document, top, config.storage, config.places);
    const bool memcached_listens = read_memcached(document, top, listeners, config);
    const bool asks_for_certificates =
        config.net.tls.client_certificates != transport::ClientCertificates::none ||
        server::asks_for_certificates(config.memcached);
    read_users(document, top, asks_for_certificates, config.node);
    check_memcached_logins(document, config);
    top.count("threads", config.net.threads, 0U, 1024U);
    top.duration("gather", config.net.gather, {}, std::chrono::milliseconds(10));
    read_log(document, top, config.log);
    if (top.items("listen").empty() && top.items("master").empty() && !memcached_listens) {
        document.error(
            top.line("listen"),
            "neither 'listen', 'memcached.listen' nor 'master': nobody could reach this node");
    }
}

}  // namespace clacks::server
