#include "server/storage.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "persistence/real_path.hpp"
#include "protocol/time.hpp"
#include "server/node/node.hpp"
#include "server/remembered.hpp"

namespace clacks::server {
persistence::Tell Storage::tell() {
    return [this](const persistence::Event& event) {
        using Level = node::Log::Level;
        using persistence::Severity;
        if (!event.moved_to.empty()) {
            const std::lock_guard lock(mutex_);
            moved_aside_ = event.moved_to;
        }
        const Level level = event.severity == Severity::info      ? Level::info
                            : event.severity == Severity::warning ? Level::warning
                                                                  : Level::error;
        const node::Log::Field file{"file", event.file};
        const node::Log::Field why{"why", event.why};
        const node::Log::Field what{"what", event.what};
        if (!event.why.empty()) return log_.write(level, event.name, {file, why, what});
        if (!event.what.empty()) return log_.write(level, event.name, {file, what});
        log_.write(level, event.name, {file});
    };
}

Storage::Storage(StorageSettings settings, std::size_t memory, node::Log& log, net::Clock clock)
    : settings_(std::move(settings)),
      file_(settings_.file.empty() ? "" : persistence::real_path(settings_.file)),
      log_(log),
      clock_(clock) {
    const std::string& file = file_;
    if (file.empty()) {
        auto fresh = persistence::without_past();
        begun_ = std::move(fresh.state);
        cache_ = std::move(fresh.cache);
        return;
    }
    // A file that may not grow any more is an error for the log, not the end of the process.
    std::signal(SIGXFSZ, SIG_IGN);
    if (const auto failure = lock_.take(file))
        throw std::runtime_error(file + ": " + failure->what);
    const auto began = std::chrono::steady_clock::now();
    const auto wall = clock_.now().wall;
    auto restored = persistence::restore({.path = file, .memory = memory}, wall, tell());
    if (!restored) {
        throw std::runtime_error(
            file + ": " + restored.error().what +
            ". Nothing was changed; mend this, or move the file away to start empty");
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    begun_ = std::move(restored->state);
    found_ = std::move(restored->found);
    unwritable_ = std::move(restored->unwritable);
    cache_ = std::move(restored->cache);
    std::error_code none;
    if (!found_.id.empty()) {
        log.info("restored", {{"file", file},
                              {"keys", std::to_string(cache_->size())},
                              {"took_ms", std::to_string(took.count())}});
    } else if (std::filesystem::exists(file, none)) {
        log.info("database_made", {{"file", file}});
    }
}

node::Past Storage::past() { return {.cache = std::move(cache_), .knowledge = remembered(begun_)}; }

Storage::Saving Storage::start(node::Node& node, persistence::Snapshots::Copy copy) {
    node.set_storage(this);
    const auto present = [&node, clock = clock_](persistence::State& state) {
        remember(node.knowledge(clock.now()), state);
    };
    if (!file_.empty()) {
        saver_.emplace(
            persistence::Snapshots(file_, node.cache(), begun_, found_, present, tell(), &lock_),
            settings_.interval, tell(), std::move(copy), unwritable_);
    }
    return Saving(*this);
}

void Storage::reload(const StorageSettings& settings) {
    if (settings.file != settings_.file)
        log_.warning("restart_needed", {{"key", "persistence.file"}});
    if (saver_) saver_->set_interval(settings.interval);
}

bool Storage::finish() { return !saver_ || saver_->finish(); }

bool Storage::save_now() {
    if (saver_) saver_->save_now();
    return saver_.has_value();
}

void Storage::save_on_signal() {
    if (save_now()) return log_.info("snapshot_asked", {{"by", "SIGUSR1"}});
    log_.warning("snapshot_asked", {{"by", "SIGUSR1"}, {"what", "no database (persistence.file)"}});
}

void Storage::describe(
    const std::function<void(std::string_view key, std::string_view value)>& add) const {
    if (!saver_) return add("persistence", "off");
    const auto status = saver_->status();
    std::string saved;
    if (status.snapshots > 0) protocol::format_time(status.saved, saved);
    add("persistence", status.failing ? "failing" : "ok");
    add("persistence_error", status.failing.value_or(""));
    add("persistence_file", file_);
    {
        const std::lock_guard lock(mutex_);
        add("persistence_moved_aside", moved_aside_);
    }
    add("persistence_saved_at", saved);
    add("persistence_snapshots", std::to_string(status.snapshots));
    add("persistence_snapshot_us", std::to_string(status.took.count()));
    add("persistence_failures", std::to_string(status.failed));
    add("persistence_late", std::to_string(status.late));
    add("persistence_written", std::to_string(status.written));
    add("persistence_forgotten", std::to_string(status.forgotten));
}

}  // namespace clacks::server
