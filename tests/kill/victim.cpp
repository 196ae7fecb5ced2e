#include "tests/kill/victim.hpp"

#include <csignal>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace clacks::kill {

Victim::Victim(std::chrono::milliseconds interval) {
    const auto file = directory_.write(
        "node.yaml",
        "listen: [\"unix:node.sock\"]\nusers: [{name: clacks, password: semaphore}]\nthreads: 2\n"
        "persistence: {file: clacks.db, interval: " +
            std::to_string(interval.count()) + "ms}\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
}

void Victim::start() {
    process_.emplace(std::vector<std::string>{CLACKSD_FILE, "--config",
                                              (directory_.path() / "node.yaml").string()});
}

void Victim::kill() {
    process_->signal(SIGKILL);
    const int code = process_->wait();
    const std::string log = process_->errors();
    log_ += log;
    if (code != 128 + SIGKILL) {
        throw std::runtime_error("it had ended by itself with " + std::to_string(code) +
                                 " and said:\n" + log);
    }
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        const bool complains = line.find(" error ") != std::string::npos ||
                               line.find(" warning ") != std::string::npos;
        if (complains && line.find(" snapshot_late ") == std::string::npos)
            throw std::runtime_error("it said:\n" + log);
    }
}

test::LineClient Victim::log_in() const {
    test::LineClient client(test::Stream::to_unix((directory_.path() / "node.sock").string()));
    client.log_in("clacks", "semaphore");
    return client;
}

std::string status(test::LineClient& client, const std::string& key) {
    const std::string all = client.ask("STATUS");
    const std::string start = "\nSTATUS " + key + "=";
    const auto at = all.find(start);
    if (at == std::string::npos) throw std::runtime_error("no " + key + " in:\n" + all);
    const auto value = at + start.size();
    return all.substr(value, all.find('\n', value) - value);
}

}  // namespace clacks::kill
