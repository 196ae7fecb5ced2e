#include "memcached/stats.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "memcached/errors.hpp"
#include "memcached/host.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

class Lines {
public:
    explicit Lines(std::string& out) : out_(out) {}

    void add(std::string_view name, std::string_view value) {
        out_.append("STAT ").append(name).append(" ").append(value).append("\r\n");
    }
    void add(std::string_view name, std::uint64_t value) { add(name, std::to_string(value)); }
    void add_seconds(std::string_view name, double seconds) {
        std::array<char, 32> text{};
        const int size = std::snprintf(text.data(), text.size(), "%.6f", seconds);
        add(name, std::string_view(text.data(), static_cast<std::size_t>(size)));
    }
    void end() { out_ += "END\r\n"; }

private:
    std::string& out_;
};

std::uint64_t whole_seconds(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    return static_cast<std::uint64_t>(seconds.count());
}

void add_process(const Totals& totals, const Settings& settings, WallTime now, Lines& lines) {
    lines.add("pid", totals.process);
    lines.add("uptime", whole_seconds(now) - whole_seconds(totals.started));
    lines.add("time", whole_seconds(now));
    lines.add("version", settings.version);
    lines.add("pointer_size", 8 * sizeof(void*));
    lines.add_seconds("rusage_user", totals.user_seconds);
    lines.add_seconds("rusage_system", totals.system_seconds);
    lines.add("max_connections", totals.most_connections);
    lines.add("curr_connections", totals.connections);
    lines.add("total_connections", totals.connections_ever);
    lines.add("rejected_connections", totals.connections_rejected);
    lines.add("connection_structures", totals.connections);
}

void add_counts(const Counts& counts, Lines& lines) {
    lines.add("cmd_get", counts[Count::get_hits] + counts[Count::get_misses]);
    lines.add("cmd_set", counts[Count::commands_set]);
    lines.add("cmd_flush", counts[Count::commands_flush]);
    lines.add("cmd_touch", counts[Count::touch_hits] + counts[Count::touch_misses]);
    lines.add("cmd_meta", counts[Count::commands_meta]);
    lines.add("get_hits", counts[Count::get_hits]);
    lines.add("get_misses", counts[Count::get_misses]);
    lines.add("get_expired", counts[Count::get_expired]);
    lines.add("delete_misses", counts[Count::delete_misses]);
    lines.add("delete_hits", counts[Count::delete_hits]);
    lines.add("incr_misses", counts[Count::incr_misses]);
    lines.add("incr_hits", counts[Count::incr_hits]);
    lines.add("decr_misses", counts[Count::decr_misses]);
    lines.add("decr_hits", counts[Count::decr_hits]);
    lines.add("cas_misses", counts[Count::cas_misses]);
    lines.add("cas_hits", counts[Count::cas_hits]);
    lines.add("cas_badval", counts[Count::cas_badval]);
    lines.add("touch_hits", counts[Count::touch_hits]);
    lines.add("touch_misses", counts[Count::touch_misses]);
    lines.add("store_too_large", counts[Count::store_too_large]);
    lines.add("store_no_memory", counts[Count::store_no_memory]);
    lines.add("auth_cmds", counts[Count::auth_commands]);
    lines.add("auth_errors", counts[Count::auth_errors]);
    lines.add("bytes_read", counts[Count::bytes_read]);
    lines.add("bytes_written", counts[Count::bytes_written]);
}

/// What there is none of is 0. What nobody counts is left out, so that nobody takes a 0 for it.
void add_general(const Totals& totals, const Settings& settings, WallTime now, Lines& lines) {
    add_process(totals, settings, now, lines);
    add_counts(totals.counts, lines);
    lines.add("limit_maxbytes", totals.most_bytes);
    lines.add("accepting_conns", 1);
    lines.add("listen_disabled_num", 0);
    lines.add("threads", totals.threads);
    lines.add("conn_yields", totals.counts[Count::yields]);
    lines.add("idle_kicks", totals.counts[Count::idle_kicks]);
    lines.add("slab_reassign_running", 0);
    lines.add("slabs_moved", 0);
    lines.add("lru_crawler_running", 0);
    lines.add("bytes", totals.bytes);
    lines.add("curr_items", totals.items);
    lines.add("total_items", totals.counts[Count::total_items]);
    lines.add("evictions", totals.evictions);
}

void add_settings(const Totals& totals, const Settings& settings, Lines& lines) {
    const auto yes_no = [](bool yes) { return yes ? "yes" : "no"; };
    lines.add("maxbytes", totals.most_bytes);
    lines.add("maxconns", totals.most_connections);
    lines.add("tcpport", totals.tcp_port);
    lines.add("udpport", 0);
    const bool is_unix = totals.address.starts_with('/');
    lines.add("inter", is_unix || totals.address.empty() ? "NULL" : totals.address);
    lines.add("verbosity", 0);
    lines.add("evictions", totals.evicts ? "on" : "off");
    lines.add("domain_socket", is_unix ? totals.address : "NULL");
    lines.add("shutdown_command", yes_no(settings.shutdown));
    lines.add("num_threads", totals.threads);
    lines.add("stat_key_prefix", ":");
    lines.add("detail_enabled", "no");
    lines.add("cas_enabled", "yes");
    lines.add("binding_protocol", "ascii");
    lines.add("auth_enabled_sasl", "no");
    lines.add("auth_enabled_ascii", yes_no(settings.authentication));
    lines.add("item_size_max", settings.item_bytes);
    lines.add("flush_enabled", yes_no(settings.flush_all));
    lines.add("dump_enabled", "no");
    lines.add("lru_crawler", "no");
    lines.add("lru_maintainer_thread", "no");
}

/// There are no slab classes: all items are in class 1, as far as anybody asks.
void add_items(const Totals& totals, Lines& lines) {
    if (totals.items == 0) return;
    lines.add("items:1:number", totals.items);
    lines.add("items:1:mem_requested", totals.bytes);
    lines.add("items:1:evicted", totals.evictions);
    lines.add("items:1:outofmemory", totals.counts[Count::store_no_memory]);
}

void add_slabs(const Totals& totals, Lines& lines) {
    if (totals.items > 0) {
        const Counts& counts = totals.counts;
        lines.add("1:chunk_size", 1);
        lines.add("1:chunks_per_page", totals.most_bytes);
        lines.add("1:total_pages", 1);
        lines.add("1:total_chunks", totals.most_bytes);
        lines.add("1:used_chunks", totals.bytes);
        lines.add("1:free_chunks",
                  totals.most_bytes > totals.bytes ? totals.most_bytes - totals.bytes : 0);
        lines.add("1:free_chunks_end", 0);
        lines.add("1:mem_requested", totals.bytes);
        lines.add("1:get_hits", counts[Count::get_hits]);
        lines.add("1:cmd_set", counts[Count::commands_set]);
        lines.add("1:delete_hits", counts[Count::delete_hits]);
        lines.add("1:incr_hits", counts[Count::incr_hits]);
        lines.add("1:decr_hits", counts[Count::decr_hits]);
        lines.add("1:cas_hits", counts[Count::cas_hits]);
        lines.add("1:cas_badval", counts[Count::cas_badval]);
        lines.add("1:touch_hits", counts[Count::touch_hits]);
    }
    lines.add("active_slabs", totals.items > 0 ? 1 : 0);
    lines.add("total_malloced", totals.bytes);
}

}  // namespace

void append_connection(const ConnectionInfo& connection, std::string& out) {
    Lines lines(out);
    const std::string id = std::to_string(connection.id);
    lines.add(id + ":addr", connection.address);
    lines.add(id + ":listen_addr", connection.listener);
    lines.add(id + ":state", connection.state);
    lines.add(id + ":secs_since_last_cmd", connection.idle_seconds);
}

void append_stats(std::string_view arguments, const Settings& settings, Host& host, WallTime now,
                  std::string& out) {
    const std::string_view topic = Words(arguments).next();
    const auto say = [&](std::string_view line) { out.append(line).append("\r\n"); };
    Lines lines(out);
    if (topic == "reset") {
        host.reset_stats();
        return say("RESET");
    }
    if (topic == "detail") return say(errors::detail_disabled);
    if (topic == "cachedump") return say(errors::cachedump_disabled);
    if (topic.empty()) {
        add_general(host.totals(), settings, now, lines);
    } else if (topic == "settings") {
        add_settings(host.totals(), settings, lines);
    } else if (topic == "items") {
        add_items(host.totals(), lines);
    } else if (topic == "slabs") {
        add_slabs(host.totals(), lines);
    } else if (topic == "sizes") {
        lines.add("sizes_status", "disabled");
    } else {
        return say(errors::unknown_command);
    }
    lines.end();
}

}  // namespace clacks::memcached
