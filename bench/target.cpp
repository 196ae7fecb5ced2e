#include "bench/target.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace clacks::bench {

using std::chrono::steady_clock;

namespace {

constexpr const char* database = "clacks.db";

/// Of its files: no two that run at the same time have the same.
std::string name_of(const Contender& contender) {
    if (contender.kind == Contender::Kind::redis) return "redis";
    if (contender.kind == Contender::Kind::memcached) return "memcached";
    return contender.interval.empty() ? "clacksd" : "clacksd-saving";
}

std::string socket_path(const Contender& contender, const std::string& directory) {
    return directory + '/' + name_of(contender) + ".sock";
}

/// Nothing is written to disk, and slow listeners are not cut off: as clacksd is run here.
std::vector<std::string> redis_command(const Contender& contender, const std::string& directory,
                                       std::uint16_t port) {
    const auto tls_port = std::to_string(port);
    return {contender.program,
            "--bind",
            "127.0.0.1",
            "--port",
            "0",
            "--tls-port",
            tls_port,
            "--tls-cert-file",
            directory + "/server.crt",
            "--tls-key-file",
            directory + "/server.key",
            "--tls-ca-cert-file",
            directory + "/ca.crt",
            "--tls-auth-clients",
            "no",
            "--unixsocket",
            socket_path(contender, directory),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            directory,
            "--client-output-buffer-limit",
            "pubsub 0 0 0"};
}

std::vector<std::string> memcached_command(const Contender& contender, const Endpoint& endpoint) {
    std::vector<std::string> command = {contender.program,
                                        "-m",
                                        "1024",
                                        "-U",
                                        "0",
                                        "-c",
                                        "20000",
                                        "-t",
                                        std::to_string(contender.threads)};
    if (endpoint.path.empty()) {
        command.insert(command.end(), {"-l", "127.0.0.1", "-p", std::to_string(endpoint.port)});
    } else {
        command.insert(command.end(), {"-s", endpoint.path});
    }
    if (::geteuid() == 0)
        command.insert(command.end(), {"-u", "root"});  // it insists on being told
    return command;
}

/// All defaults, but for the number of workers, the memory, of which the others take any amount,
/// and the database.
std::vector<std::string> clacksd_command(const Contender& contender, const std::string& directory,
                                         std::uint16_t port) {
    const auto path = directory + '/' + name_of(contender) + ".yaml";
    std::ofstream(path) << fmt::format(
        "name: bench\n"
        "listen: [\"tls://127.0.0.1:{}\", \"unix://{}\"]\n"
        "tls: {{certificate: server.crt, key: server.key, ca: ca.crt}}\n"
        "users: [{{name: bench, password: bench}}]\n"
        "cache: {{memory: 4GiB}}\n"
        "threads: {}\n"
        "persistence: {}\n",
        port, socket_path(contender, directory), contender.threads,
        contender.interval.empty()
            ? "{}"
            : fmt::format("{{file: {}, interval: {}}}", database, contender.interval));
    return {contender.program, "--config", path};
}

/// The same for clients of memcached.
std::vector<std::string> clacksd_cache_command(const Contender& contender,
                                               const std::string& directory,
                                               const Endpoint& endpoint) {
    const auto path = directory + '/' + name_of(contender) + ".yaml";
    const auto address = endpoint.path.empty() ? fmt::format("tcp://127.0.0.1:{}", endpoint.port)
                                               : "unix://" + endpoint.path;
    std::ofstream(path) << fmt::format(
        "name: bench\n"
        "listen: [\"unix://{}/node.sock\"]\n"
        "memcached: {{listen: [\"{}\"]}}\n"
        "users: [{{name: bench, password: bench}}]\n"
        "cache: {{memory: 4GiB}}\n"
        "threads: {}\n",
        directory, address, contender.threads);
    return {contender.program, "--config", path};
}

std::vector<std::string> command_of(const Contender& contender, const std::string& directory,
                                    const Endpoint& endpoint) {
    const std::uint16_t port = endpoint.port;
    std::remove(socket_path(contender, directory).c_str());
    const bool begins_anew = !contender.interval.empty() && !contender.goes_on;
    for (const auto* suffix : {"", "-wal", "-shm"})
        if (begins_anew) std::remove((directory + '/' + database + suffix).c_str());
    switch (contender.kind) {
        case Contender::Kind::redis:
            return redis_command(contender, directory, port);
        case Contender::Kind::memcached:
            return memcached_command(contender, endpoint);
        case Contender::Kind::clacksd_cache:
            return clacksd_cache_command(contender, directory, endpoint);
        case Contender::Kind::clacksd:
            break;
    }
    return clacksd_command(contender, directory, port);
}

std::string last_line_of(const std::string& path) {
    std::ifstream file(path);
    std::string last;
    for (std::string line; std::getline(file, line);) last = line;
    return last;
}

}  // namespace

std::string Contender::label() const {
    if (kind == Kind::redis) return "redis-server";
    if (kind == Kind::memcached) return "memcached";
    if (kind == Kind::clacksd_cache) return "clacksd";
    return threads == 0 ? "clacksd, a thread per core"
                        : fmt::format("clacksd, threads {}", threads);
}

Target::Target(const Contender& contender, const Dialect& dialect, Transport transport,
               const std::string& directory)
    : label_(contender.label()),
      dialect_(dialect),
      endpoint_{transport == Transport::unix_socket ? socket_path(contender, directory) : "", port_,
                transport == Transport::tls},
      log_(directory + '/' + name_of(contender) + ".log"),
      process_(command_of(contender, directory, endpoint_), log_) {
    blame([this] { wait_until_it_answers(); });
}

Connection Target::connect() const {
    Connection connection(endpoint_, tls_);
    connection.ask(dialect_.login, dialect_.welcome);
    return connection;
}

void Target::wait_until_it_answers() {
    const auto deadline = steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
        try {
            connect();
            return;
        } catch (const std::exception& error) {
            if (!process_.running())
                throw std::runtime_error("the server has ended: " + last_line_of(log_));
            if (steady_clock::now() > deadline)
                throw std::runtime_error(fmt::format("the server does not answer: {}; it says: {}",
                                                     error.what(), last_line_of(log_)));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

}  // namespace clacks::bench
