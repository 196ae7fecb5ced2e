#include "tests/simulation/sim_disk.hpp"

#include <stdlib.h>

#include <stdexcept>
#include <utility>

#include "server/remembered.hpp"

namespace clacks::simulation {
namespace {

void ignore(const persistence::Event&) {}

}  // namespace

SimDisk::SimDisk(persistence::Random random) : random_(std::move(random)) {
    // In memory if the system has a place for that: thousands of snapshots need not reach a disk.
    const std::filesystem::path memory = "/dev/shm";
    std::string pattern =
        (std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
        "clacks-simulation-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no directory for a disk");
    directory_ = pattern;
}

SimDisk::~SimDisk() {
    snapshots_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

node::Past SimDisk::restore(WallTime wall, std::string& id) {
    auto restored =
        persistence::restore({.path = directory_ / "clacks.db", .random = random_}, wall, ignore);
    if (!restored) throw std::runtime_error(restored.error().what);
    restored_ = std::move(*restored);
    const persistence::State& state = restored_->state;
    id = state.id;
    return {.cache = std::move(restored_->cache), .knowledge = server::remembered(state)};
}

void SimDisk::attach(node::Node& node, std::function<Now()> now) {
    const auto present = [&node, now = std::move(now)](persistence::State& state) {
        server::remember(node.knowledge(now()), state);
    };
    snapshots_.emplace(directory_ / "clacks.db", node.cache(), restored_->state, restored_->found,
                       present, ignore);
}

void SimDisk::save(bool ended) {
    const auto report = snapshots_->save(ended, {});
    if (!report) throw std::runtime_error(report.error().what);
}

}  // namespace clacks::simulation
