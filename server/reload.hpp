#pragma once

#include <optional>
#include <string>

#include "server/log.hpp"
#include "server/memcached/memcached.hpp"
#include "server/net/certificate_watch.hpp"
#include "server/net/server.hpp"
#include "server/storage.hpp"

namespace clacks::server {

/// What a process was started with and keeps: what a reload goes by.
struct Started {
    std::string config;                     ///< the file
    std::optional<node::Log::Level> level;  ///< given on the command line: it beats the file's
    LogFormat format = LogFormat::text;
};

/// What of it runs by the configuration.
struct Running {
    net::Server& server;
    Memcached& memcached;
    Storage& storage;
    net::CertificateWatch& certificates;
    LineLog& log;
};

/// What SIGHUP does: reads the configuration again and puts it in force. With a mistake in it, or
/// in a file it names, everything stays as it was, and the log says why. To be called from
/// `hung_up` of net::Server::run(); never throws.
void reload(const Started& started, const Running& running);

}  // namespace clacks::server
