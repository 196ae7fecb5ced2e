#include "tests/chat/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "tests/processes/patience.hpp"

namespace clacks::test {

namespace {

constexpr unsigned short rows = 24;
constexpr unsigned short columns = 80;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

termios settings_of(int descriptor) {
    termios settings{};
    if (::tcgetattr(descriptor, &settings) != 0)
        throw std::system_error(errno, std::generic_category(), "tcgetattr");
    return settings;
}

}  // namespace

Terminal::Terminal(const std::vector<std::string>& command, const Environment& environment)
    : screen_(rows, columns) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    const auto arguments = pointers(command);
    const auto variable_pointers = pointers(variables);
    const winsize size{rows, columns, 0, 0};
    pid_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
        ::execve(arguments[0], arguments.data(), variable_pointers.data());
        ::_exit(127);
    }
    ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);  // or the next program would keep it open
}

Terminal::~Terminal() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(descriptor_);
}

void Terminal::type(std::string_view keys) {
    if (::write(descriptor_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
        throw std::system_error(errno, std::generic_category(), "typing");
}

void Terminal::signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
}

void Terminal::resize(int new_columns) {
    screen_.resize(new_columns);
    const winsize size{rows, static_cast<unsigned short>(new_columns), 0, 0};
    ::ioctl(descriptor_, TIOCSWINSZ, &size);  // tells the program, too
}

void Terminal::expect(std::string_view end) {
    wait_until("the screen ends with\n" + std::string(end),
               [&] { return screen_.text().ends_with(end); });
}

void Terminal::expect_somewhere(std::string_view text) {
    wait_until("the screen shows\n" + std::string(text),
               [&] { return screen_.text().find(text) != std::string::npos; });
}

bool Terminal::is_ordinary() const {
    const auto flags = settings_of(descriptor_).c_lflag;
    return (flags & ICANON) != 0 && (flags & ECHO) != 0;
}

void Terminal::make_ordinary() {
    termios settings = settings_of(descriptor_);
    settings.c_lflag |= ICANON | ECHO;
    ::tcsetattr(descriptor_, TCSANOW, &settings);
}

void Terminal::expect_editor() {
    wait_until("lines are edited",
               [&] { return (settings_of(descriptor_).c_lflag & ICANON) == 0; });
}

int Terminal::wait() {
    int status = 0;
    wait_until("the program ends", [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
    pid_ = 0;
    while (read_some(0)) continue;  // its last words
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Reads what the program writes until the condition holds.
void Terminal::wait_until(const std::string& what, const std::function<bool()>& reached) {
    constexpr int slice_milliseconds = 20;  // not every condition comes with output
    const auto deadline = deadline_from_now();
    while (!reached()) {
        if (milliseconds_until(deadline) == 0)
            throw std::runtime_error("waited in vain until " + what + "\nIt shows\n" + text());
        read_some(slice_milliseconds);
    }
}

bool Terminal::read_some(int patience_milliseconds) {
    pollfd output{hung_up_ ? -1 : descriptor_, POLLIN, 0};
    if (::poll(&output, 1, patience_milliseconds) <= 0) return false;
    char chunk[4096];
    const ssize_t got = ::read(descriptor_, chunk, sizeof chunk);
    if (got > 0)
        screen_.feed({chunk, static_cast<std::size_t>(got)});
    else
        hung_up_ = true;  // nobody has the other side open any more
    return got > 0;
}

}  // namespace clacks::test
