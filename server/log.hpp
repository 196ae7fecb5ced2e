#pragma once

#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string_view>

#include "server/log_settings.hpp"
#include "server/node/log.hpp"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}
}  // namespace spdlog

namespace clacks::server {

/// The log of a process: one event is one line, written at once. Usable from any thread.
///
///     2026-11-20T12:00:00.123Z info ready listen=tls://127.0.0.1:49888 name=master
///     {"time":"2026-11-20T12:00:00.123Z","level":"info","event":"ready","name":"master"}
class LineLog final : public node::Log {
public:
    /// Writes to standard error.
    explicit LineLog(const LogSettings& settings);
    /// Writes to `out`, which must outlive the log.
    LineLog(const LogSettings& settings, std::ostream& out);

    void write(Level level, std::string_view event, std::initializer_list<Field> fields) override;

    /// What is below `level` is dropped from now on.
    void set_level(Level level);

private:
    LineLog(const LogSettings& settings, std::shared_ptr<spdlog::sinks::sink> sink);

    const LogFormat format_;
    const std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace clacks::server
