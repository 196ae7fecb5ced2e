#include "server/start_check.hpp"

#include <algorithm>

#include "server/net/listening_socket.hpp"
#include "server/net/start_error.hpp"
#include "server/net/tls_context.hpp"

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
    } catch (const net::StartError& error) {
        const ConfigError found{file, line(error), error.what()};
        const auto same = [&](const ConfigError& other) { return other.text == found.text; };
        // Listeners and links share certificates.
        if (std::any_of(loaded.errors.begin(), loaded.errors.end(), same)) return;
        loaded.errors.push_back(found);
    }
}

}  // namespace

void check_start(Loaded& loaded, const std::filesystem::path& file) {
    if (!loaded.config) return;
    const net::Settings& settings = loaded.config->net;
    const Places& places = loaded.config->places;
    bool tls = false;
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        tls = tls || std::holds_alternative<net::TlsAddress>(settings.listen[i]);
        find_error(
            loaded, file.string(), [&] { net::ListeningSocket::check(settings.listen[i]); },
            [&](const net::StartError&) { return places.listen[i]; });
    }
    const auto line = [&](const net::StartError& e) { return line_of_key(places, e.key()); };
    if (tls) {
        find_error(
            loaded, file.string(), [&] { net::TlsContext::for_listeners(settings.tls); }, line);
    }
    if (!settings.masters.empty()) {
        find_error(
            loaded, file.string(),
            [&] { net::TlsContext::for_uplinks(settings.tls, settings.links.verify_peer); }, line);
    }
    std::stable_sort(loaded.errors.begin(), loaded.errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    if (!loaded.errors.empty()) loaded.config.reset();
}

}  // namespace clacks::server
