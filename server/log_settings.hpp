#pragma once

#include <cstdint>

#include "server/node/log.hpp"

namespace clacks::server {

enum class LogFormat : std::uint8_t { text, json };

/// How the log is written. Defaults are the ones of configs/reference.yaml.
struct LogSettings {
    node::Log::Level level = node::Log::Level::info;
    LogFormat format = LogFormat::text;
};

}  // namespace clacks::server
