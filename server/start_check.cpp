#include "server/start_check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "persistence/real_path.hpp"
#include "server/memcached/accounts.hpp"
#include "transport/listening_socket.hpp"
#include "transport/start_error.hpp"
#include "transport/tls_context.hpp"

namespace clacks::server {
namespace {

int line_of_key(const Places& places, const std::string& key) {
    if (key == "tls.certificate") return places.certificate;
    if (key == "tls.key") return places.key;
    return key == "tls.ca" ? places.ca : 0;
}

/// Calls `attempt`; what it throws is an error in the line that `line(StartError)` names.
template <class Attempt, class Line>
void find_error(Loaded& loaded, const std::string& file, Attempt attempt, Line line) {
    try {
        attempt();
    } catch (const transport::StartError& error) {
        const ConfigError found{file, line(error), error.what()};
        const auto same = [&](const ConfigError& other) { return other.text == found.text; };
        // Listeners and links share certificates.
        if (std::any_of(loaded.errors.begin(), loaded.errors.end(), same)) return;
        loaded.errors.push_back(found);
    }
}

/// Why this user cannot do `how` there; empty: he can.
std::string obstacle(const std::filesystem::path& path, int how) {
    if (::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0) return "";
    return std::generic_category().message(errno);
}

/// Why nothing can be saved to it; empty: it can.
std::string storage_obstacle(const std::filesystem::path& database) {
    const auto directory = database.parent_path();
    std::error_code none;
    if (!std::filesystem::is_directory(directory, none))
        return "there is no directory " + directory.string();
    if (const auto why = obstacle(directory, W_OK | X_OK); !why.empty())
        return "nothing can be written in " + directory.string() + ": " + why;
    const auto kind = std::filesystem::status(database, none).type();
    if (kind == std::filesystem::file_type::not_found) return "";
    if (kind != std::filesystem::file_type::regular) return database.string() + " is no file";
    if (const auto why = obstacle(database, R_OK | W_OK); !why.empty())
        return database.string() + " cannot be used: " + why;
    return "";
}

}  // namespace

void check_storage(Loaded& loaded, const std::filesystem::path& file) {
    if (!loaded.config || loaded.config->storage.file.empty()) return;
    const auto why = storage_obstacle(persistence::real_path(loaded.config->storage.file));
    if (why.empty()) return;
    loaded.errors.push_back({file.string(), loaded.config->places.database,
                             "'persistence.file': " + why + "; a node would not save anything"});
}

void check_start(Loaded& loaded, const std::filesystem::path& file) {
    if (!loaded.config) return;
    const net::Settings& settings = loaded.config->net;
    const Places& places = loaded.config->places;
    const auto line = [&](const transport::StartError& e) { return line_of_key(places, e.key()); };
    bool tls = false;
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        tls = tls || std::holds_alternative<transport::TlsAddress>(settings.listen[i]);
        find_error(
            loaded, file.string(), [&] { transport::ListeningSocket::check(settings.listen[i]); },
            [&](const transport::StartError&) { return places.listen[i]; });
    }
    const MemcachedSettings& memcached = loaded.config->memcached;
    for (std::size_t i = 0; i < memcached.listen.size(); ++i) {
        const auto& where = memcached.listen[i].where;
        if (std::holds_alternative<transport::TlsAddress>(where)) {
            transport::TlsSettings own = settings.tls;
            own.client_certificates = memcached.listen[i].client_certificates;
            find_error(
                loaded, file.string(), [&] { transport::TlsContext::for_listeners(own); }, line);
        }
        const auto* local = std::get_if<transport::UnixAddress>(&where);
        if (!local) continue;
        find_error(
            loaded, file.string(), [&] { transport::ListeningSocket::check(*local); },
            [&](const transport::StartError&) { return places.memcached_listen[i]; });
    }
    if (!memcached.auth_file.empty()) {
        find_error(
            loaded, file.string(), [&] { read_auth_file(memcached.auth_file); },
            [&](const transport::StartError&) { return places.auth_file; });
    }
    if (tls) {
        find_error(
            loaded, file.string(), [&] { transport::TlsContext::for_listeners(settings.tls); },
            line);
    }
    if (!settings.masters.empty()) {
        find_error(
            loaded, file.string(),
            [&] { transport::TlsContext::for_uplinks(settings.tls, settings.links.verify_peer); },
            line);
    }
    std::stable_sort(loaded.errors.begin(), loaded.errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    if (!loaded.errors.empty()) loaded.config.reset();
}

}  // namespace clacks::server
