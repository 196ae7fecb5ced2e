#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace clacks::node {

/// Where events are told. One event is one line: its name and its fields, `event key=value …`.
/// The implementation is injected (server/log.hpp in clacksd, a vector in tests), safe from any
/// thread, and drops what is below its level. Values are escaped there: they may be hostile.
class Log {
public:
    enum class Level : std::uint8_t { debug, info, warning, error };

    struct Field {
        std::string_view key;
        std::string_view value;
    };

    virtual ~Log() = default;
    virtual void write(Level level, std::string_view event,
                       std::initializer_list<Field> fields) = 0;

    void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
        write(Level::debug, event, fields);
    }
    void info(std::string_view event, std::initializer_list<Field> fields = {}) {
        write(Level::info, event, fields);
    }
    void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
        write(Level::warning, event, fields);
    }
    void error(std::string_view event, std::initializer_list<Field> fields = {}) {
        write(Level::error, event, fields);
    }
};

}  // namespace clacks::node
