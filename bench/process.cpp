#include "bench/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace clacks::bench {

using std::chrono::steady_clock;

namespace {

[[noreturn]] void run(std::vector<char*> arguments, const std::string& log) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execvp(arguments.front(), arguments.data());
    std::perror(arguments.front());
    ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::string& log) {
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0) run(std::move(arguments), log);
}

Process::~Process() {
    if (!running()) return;
    ::kill(pid_, SIGTERM);
    if (wait_until_ended(std::chrono::seconds(10))) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool Process::running() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ > 0;
}

bool Process::wait_until_ended(nanoseconds longest) {
    const auto deadline = steady_clock::now() + longest;
    while (running()) {
        if (steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

nanoseconds Process::cpu() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("the server's processor time cannot be read: it has ended");
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

std::size_t Process::resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    for (std::string word; file >> word;) {
        std::size_t kilobytes = 0;
        if (word == "Rss:" && file >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error("the server's memory cannot be read: it has ended");
}

std::vector<pid_t> Process::threads_named(const std::string& part) const {
    std::vector<pid_t> found;
    const std::string all = "/proc/" + std::to_string(pid_) + "/task";
    for (const auto& thread : std::filesystem::directory_iterator(all)) {
        std::string name;
        std::getline(std::ifstream(thread.path() / "comm"), name);
        if (name.find(part) == std::string::npos) continue;
        found.push_back(std::stoi(thread.path().filename().string()));
    }
    return found;
}

}  // namespace clacks::bench
