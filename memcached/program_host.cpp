#include "memcached/program_host.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "memcached/connections.hpp"

namespace clacks::memcached {
namespace {

AuthFile read_users(const std::string& path) {
    if (path.empty()) return {};
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) {
        throw std::runtime_error("cannot read the password file " + path);
    }
    try {
        return AuthFile::parse(text);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error("the password file " + path + ": " + error.what());
    }
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

WallTime wall_now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

ProgramHost::ProgramHost(const std::string& password_file)
    : users_(read_users(password_file)), started_(wall_now()) {}

LoginAnswer ProgramHost::log_in(const LoginTry& login) {
    return {.rights = users_.check(login.name, login.password) ? &all_rights() : nullptr};
}

Totals ProgramHost::totals() const {
    Totals totals{.process = static_cast<std::uint64_t>(::getpid()), .started = started_};
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    totals.user_seconds = seconds(usage.ru_utime);
    totals.system_seconds = seconds(usage.ru_stime);
    totals.counts.add(connections_->counters());
    totals.counts.subtract(base_);
    totals.connections = connections_->places().open();
    totals.connections_ever = connections_->places().ever();
    totals.connections_rejected = connections_->places().rejected();
    totals.most_connections = connections_->options().most_connections;
    return totals;
}

void ProgramHost::reset_stats() {
    base_ = {};
    base_.add(connections_->counters());
}

bool ProgramHost::next_connections(ConnectionTour& tour,
                                   const std::function<void(const ConnectionInfo&)>& visit) const {
    return connections_->next(tour.left, visit);
}

}  // namespace clacks::memcached
