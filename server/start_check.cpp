#include "server/start_check.hpp"

#include <algorithm>
#include <chrono>

#include "persistence/obstacle.hpp"
#include "persistence/real_path.hpp"
#include "server/memcached/accounts.hpp"
#include "transport/certificate_age.hpp"
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

/// No error: those who do not verify it go on, and a node that does not start serves nobody.
void warn_of_age(Loaded& loaded, const std::string& file) {
    const std::string& certificate = loaded.config->net.tls.certificate;
    if (certificate.empty()) return;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto validity = transport::validity_of(certificate);
    const std::string trouble = validity ? transport::age_trouble(*validity, now) : "";
    if (trouble.empty()) return;
    loaded.warnings.push_back({file, loaded.config->places.certificate,
                               "the certificate " + certificate + " (tls.certificate) " + trouble});
}

}  // namespace

void check_storage(Loaded& loaded, const std::filesystem::path& file) {
    if (!loaded.config || loaded.config->storage.file.empty()) return;
    const auto why =
        persistence::obstacle_to_writing(persistence::real_path(loaded.config->storage.file));
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
    warn_of_age(loaded, file.string());
    for (auto* found : {&loaded.errors, &loaded.warnings}) {
        std::stable_sort(found->begin(), found->end(),
                         [](const auto& a, const auto& b) { return a.line < b.line; });
    }
    if (!loaded.errors.empty()) loaded.config.reset();
}

}  // namespace clacks::server
