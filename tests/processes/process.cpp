#include "tests/processes/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "tests/processes/patience.hpp"

namespace clacks::test {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
    int read = -1;
    int write = -1;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    return {ends[0], ends[1]};
}

/// A descriptor from which `bytes` can be read, then the end.
int make_input(std::string_view bytes) {
    const int memory = ::memfd_create("input", MFD_CLOEXEC);
    if (memory < 0) fail("memfd_create");
    while (!bytes.empty()) {
        const ssize_t written = ::write(memory, bytes.data(), bytes.size());
        if (written < 0) fail("write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::lseek(memory, 0, SEEK_SET) < 0) fail("lseek");
    return memory;
}

std::vector<std::string> environment_with(const Environment& more) {
    std::vector<std::string> result;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view variable = *each;
        const std::string name(variable.substr(0, variable.find('=')));
        if (!name.starts_with("CLACKS_") && !more.contains(name)) result.emplace_back(variable);
    }
    for (const auto& [name, value] : more) result.push_back(name + "=" + value);
    return result;
}

/// The array of pointers that exec wants.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

/// In the child of a process with threads: nothing here may take a lock.
[[noreturn]] void execute(char* const* command, char* const* environment, int in, int out,
                          int err) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execve(command[0], command, environment);
    ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const Environment& environment,
                 std::string_view input) {
    const auto variables = environment_with(environment);
    const auto arguments = pointers(command);
    const auto variable_pointers = pointers(variables);
    const int in = make_input(input);
    const Pipe out = make_pipe();
    const Pipe err = make_pipe();
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) execute(arguments.data(), variable_pointers.data(), in, out.write, err.write);
    for (const int fd : {in, out.write, err.write}) ::close(fd);
    pid_descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    collector_ = std::thread([this, out, err] { collect(out.read, err.read); });
}

Process::~Process() {
    if (running()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(pid_descriptor_);
    if (collector_.joinable()) collector_.join();
}

void Process::signal(int number) const {
    if (running()) ::kill(pid_, number);
}

std::size_t Process::resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
    std::size_t pages = 0;
    std::size_t resident_pages = 0;
    file >> pages >> resident_pages;
    return resident_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::milliseconds Process::processor_time() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 1));  // the name may have blanks
    for (int i = 0; i < 11; ++i) fields >> text;                  // proc(5): to the 13th
    long user = 0;
    long system = 0;
    fields >> user >> system;
    return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

int Process::wait() {
    pollfd ended{pid_descriptor_, POLLIN, 0};
    const auto deadline = deadline_from_now();
    int ready = 0;
    do ready = ::poll(&ended, 1, milliseconds_until(deadline));
    while (ready < 0 && errno == EINTR);
    if (ready != 1) throw std::runtime_error("the process does not end; it said:\n" + errors());
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    collector_.join();  // all it wrote is here
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Process::wait_for(std::string_view text, int count) const {
    std::unique_lock lock(mutex_);
    const auto said = [&] { return count_of(text, errors_) >= count; };
    more_.wait_until(lock, deadline_from_now(), [&] { return said() || complete_; });
    if (said()) return;
    throw std::runtime_error((complete_ ? "the process ended" : "30 s went by") +
                             (" without saying '" + std::string(text)) + "' " +
                             std::to_string(count) + " times; it said:\n" + errors_);
}

std::string Process::output() const {
    const std::lock_guard lock(mutex_);
    return output_;
}

std::string Process::errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
}

void Process::collect(int output, int errors) {
    std::array<pollfd, 2> pipes{pollfd{output, POLLIN, 0}, pollfd{errors, POLLIN, 0}};
    std::array<char, 4096> chunk{};
    const auto take = [&](pollfd& pipe, std::string& to) {
        if (pipe.revents == 0) return;
        const ssize_t got = ::read(pipe.fd, chunk.data(), chunk.size());
        if (got > 0) {
            const std::lock_guard lock(mutex_);
            to.append(chunk.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            ::close(pipe.fd);
            pipe.fd = -1;  // poll() leaves it out
        }
    };
    while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
        ::poll(pipes.data(), pipes.size(), -1);
        take(pipes[0], output_);
        take(pipes[1], errors_);
        more_.notify_all();
    }
    {
        const std::lock_guard lock(mutex_);
        complete_ = true;
    }
    more_.notify_all();
}

Run run(const std::vector<std::string>& command, const Environment& environment,
        std::string_view input) {
    Process process(command, environment, input);
    const int code = process.wait();
    return {code, process.output(), process.errors()};
}

int count_of(std::string_view text, std::string_view all) {
    int count = 0;
    for (auto at = all.find(text); at != std::string_view::npos; at = all.find(text, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace clacks::test
