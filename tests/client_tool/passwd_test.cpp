#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "client/password.hpp"
#include "tests/client_tool/run_tool.hpp"

namespace {

bool fits(std::string hash, std::string_view password) {
    while (hash.ends_with('\n') || hash.ends_with('\r')) hash.pop_back();
    return clacks::PasswordVerifier().fits(hash, password);
}

/// `clacks passwd` in a process of its own, whose terminal is ours.
class OnTerminal {
public:
    OnTerminal() {
        pid_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
        if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
        if (pid_ == 0) run();
    }
    ~OnTerminal() {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        ::close(terminal_);
    }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;

    void type(std::string_view keys) const {
        REQUIRE(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
    }

    /// All it showed by the time `text` stands at the end of it.
    std::string shown_up_to(std::string_view text) {
        while (!shown_.ends_with(text)) {
            if (!read_more()) throw std::runtime_error("it showed only: " + shown_);
        }
        return shown_;
    }

    bool echoes() const {
        termios settings{};
        REQUIRE(::tcgetattr(terminal_, &settings) == 0);
        return (settings.c_lflag & ECHO) != 0;
    }

    /// Its exit code.
    int end() {
        while (read_more()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    const std::string& shown() const { return shown_; }

private:
    [[noreturn]] static void run() {
        std::signal(SIGINT, SIG_DFL);  // doctest handles it, and not as a signal handler may
        using namespace clacks::tool;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
        Output output(std::cout, std::cerr);
        int code = 0;
        try {
            const char* const arguments[] = {"passwd"};
            code = static_cast<int>(run_command_line(arguments, ::getenv, std::cin, output));
        } catch (const Failure& failure) {
            output.say(failure.what());
            code = static_cast<int>(failure.code());
        }
        ::_exit(code);
    }

    bool read_more() {
        constexpr int patience_ms = 30'000;
        pollfd ready{terminal_, POLLIN, 0};
        char bytes[512];
        if (::poll(&ready, 1, patience_ms) != 1) return false;
        const ssize_t got = ::read(terminal_, bytes, sizeof bytes);
        if (got <= 0) return false;
        shown_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    pid_t pid_ = 0;
    int terminal_ = -1;
    std::string shown_;
};

}  // namespace

TEST_CASE("passwd: a line of standard input is hashed, and nothing but the hash printed") {
    for (const std::string end : {"", "\n", "\r\n", "\nanother line\n"}) {
        CAPTURE(end);
        const ToolRun run = run_tool({"passwd"}, {}, "p\xc3\xa4ss word" + end);
        CHECK(run.code == 0);
        CHECK(run.talk.empty());
        CHECK(std::count(run.data.begin(), run.data.end(), '\n') == 1);
        CHECK(fits(run.data, "p\xc3\xa4ss word"));
    }
}

TEST_CASE("passwd: with --json the hash is in an object") {
    const ToolRun run = run_tool({"--json", "passwd"}, {}, "secret\n");
    REQUIRE(run.data.starts_with(R"({"hash":"scrypt:)"));
    CHECK(fits(run.data.substr(9, run.data.size() - 9 - 3), "secret"));
}

TEST_CASE("passwd: no password is a usage error") {
    for (const std::string input : {"", "\n", "\r\n"}) {
        const ToolRun run = run_tool({"passwd"}, {}, input);
        CHECK(run.code == 2);
        CHECK(run.data.empty());
        CHECK(run.talk == "clacks: no password in standard input\n");
    }
    CHECK(run_tool({"passwd", "secret"}).code == 2);
}

TEST_CASE("passwd: on a terminal it asks twice and shows nothing of what is typed") {
    OnTerminal tool;
    tool.shown_up_to("Password: ");
    tool.type("hunter2\n");
    tool.shown_up_to("Again: ");
    tool.type("hunter2\n");
    CHECK(tool.end() == 0);
    const std::string& shown = tool.shown();
    CHECK(shown.find("hunter2") == std::string::npos);
    const auto hash = shown.find("scrypt:");
    REQUIRE(hash != std::string::npos);
    CHECK(fits(shown.substr(hash), "hunter2"));
}

TEST_CASE("passwd: after Ctrl-C the terminal is as it was") {
    OnTerminal tool;
    tool.shown_up_to("Password: ");
    CHECK_FALSE(tool.echoes());
    tool.type("hunter2\x03");
    CHECK(tool.end() == 128 + SIGINT);
    CHECK(tool.echoes());
    CHECK(tool.shown().find("hunter2") == std::string::npos);
    CHECK(tool.shown().find("scrypt:") == std::string::npos);
}

TEST_CASE("passwd: two that differ, or none, are a usage error") {
    for (const std::string typed : {"hunter2\nhunter3\n", "hunter2\n\n", "\n", "\x04"}) {
        CAPTURE(typed);
        OnTerminal tool;
        tool.shown_up_to("Password: ");
        const auto first = typed.substr(0, typed.find('\n') + 1);
        tool.type(first.empty() ? typed : first);
        if (first.size() > 1) {
            tool.shown_up_to("Again: ");
            tool.type(typed.substr(first.size()));
        }
        CHECK(tool.end() == 2);
        CHECK(tool.shown().find("scrypt:") == std::string::npos);
    }
}
