#include "client/tool/ask_password.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

/// The terminal without echo. The signals that would end us wait until it has its echo back.
class UnseenTerminal {
public:
    UnseenTerminal() : terminal_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (terminal_ < 0 || ::tcgetattr(terminal_, &before_) != 0) {
            const std::string why = std::strerror(errno);
            if (terminal_ >= 0) ::close(terminal_);
            throw Failure(ExitCode::usage, "cannot ask for a password on the terminal: " + why);
        }
        sigset_t ending;
        sigemptyset(&ending);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, signal);
        ::sigprocmask(SIG_BLOCK, &ending, &mask_before_);
        signals_ = ::signalfd(-1, &ending, SFD_CLOEXEC);
        termios unseen = before_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal_, TCSAFLUSH, &unseen);
    }
    ~UnseenTerminal() {
        ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        ::close(signals_);
        ::close(terminal_);
        ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);  // a signal that waits ends us here
    }
    UnseenTerminal(const UnseenTerminal&) = delete;
    UnseenTerminal& operator=(const UnseenTerminal&) = delete;

    /// What is typed up to the end of the line; what was typed of it by then if a signal comes.
    std::string ask(std::string_view prompt) const {
        show(prompt);
        std::string line;
        while (!line.ends_with('\n') && wait()) {
            char bytes[256];
            const ssize_t got = ::read(terminal_, bytes, sizeof bytes);
            if (got <= 0) break;
            line.append(bytes, static_cast<std::size_t>(got));
        }
        show("\n");
        if (line.ends_with('\n')) line.pop_back();
        return line;
    }

private:
    void show(std::string_view text) const {
        [[maybe_unused]] const auto written = ::write(terminal_, text.data(), text.size());
    }

    /// True: something was typed. False: a signal waits.
    bool wait() const {
        pollfd ready[] = {{terminal_, POLLIN, 0}, {signals_, POLLIN, 0}};
        while (::poll(ready, 2, -1) < 0 && errno == EINTR) {
        }
        return ready[1].revents == 0;
    }

    int terminal_;
    int signals_ = -1;
    termios before_{};
    sigset_t mask_before_{};
};

}  // namespace

std::string ask_new_password() {
    const UnseenTerminal terminal;
    const std::string password = terminal.ask("Password: ");
    if (password.empty()) throw Failure(ExitCode::usage, "no password was typed");
    if (terminal.ask("Again: ") != password) {
        throw Failure(ExitCode::usage, "the two passwords differ");
    }
    return password;
}

}  // namespace clacks::tool
