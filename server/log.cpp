#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <ostream>

#include "server/log_line.hpp"

namespace clacks::server {
namespace {

spdlog::level::level_enum to_spdlog(node::Log::Level level) {
    switch (level) {
        case node::Log::Level::debug:
            return spdlog::level::debug;
        case node::Log::Level::info:
            return spdlog::level::info;
        case node::Log::Level::warning:
            return spdlog::level::warn;
        case node::Log::Level::error:
            break;
    }
    return spdlog::level::err;
}

// spdlog adds time and level and holds its lock around one write of the whole line.
std::unique_ptr<spdlog::formatter> formatter(LogFormat format) {
    const char* pattern = format == LogFormat::json
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    return std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc,
                                                       "\n");
}

}  // namespace

LineLog::LineLog(const LogSettings& settings)
    : LineLog(settings, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

LineLog::LineLog(const LogSettings& settings, std::ostream& out)
    : LineLog(settings, std::make_shared<spdlog::sinks::ostream_sink_mt>(out, true)) {}

LineLog::LineLog(const LogSettings& settings, std::shared_ptr<spdlog::sinks::sink> sink)
    : format_(settings.format),
      logger_(std::make_shared<spdlog::logger>("clacks", std::move(sink))) {
    logger_->set_formatter(formatter(format_));
    set_level(settings.level);
}

void LineLog::write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    const auto spdlog_level = to_spdlog(level);
    if (!logger_->should_log(spdlog_level)) return;
    const std::string line =
        format_ == LogFormat::json ? json_members(event, fields) : text_line(event, fields);
    logger_->log(spdlog_level, spdlog::string_view_t(line));
}

void LineLog::set_level(Level level) { logger_->set_level(to_spdlog(level)); }

}  // namespace clacks::server
