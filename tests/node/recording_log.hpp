#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/node/log.hpp"

namespace clacks::node {

/// A log that keeps its events, as `event key=value key=value`, those for
/// debugging with "debug " before them. Safe from any thread.
class RecordingLog final : public Log {
public:
    void write(Level level, std::string_view event, std::initializer_list<Field> fields) override {
        std::string text(level == Level::debug ? "debug " : "");
        text += event;
        for (const Field& field : fields) {
            text.append(" ").append(field.key).append("=").append(field.value);
        }
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(text));
    }

    /// How many events begin with `start`.
    std::size_t count(std::string_view start) const {
        const std::lock_guard lock(mutex_);
        std::size_t found = 0;
        for (const auto& event : events_) found += event.starts_with(start) ? 1 : 0;
        return found;
    }

    /// All events, one a line.
    std::string text() const {
        const std::lock_guard lock(mutex_);
        std::string all;
        for (const auto& event : events_) all += event + '\n';
        return all;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> events_;
};

}  // namespace clacks::node
