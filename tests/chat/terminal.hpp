#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/chat/screen.hpp"
#include "tests/processes/process.hpp"

namespace clacks::test {

/// A program on a pseudo-terminal of 80 columns, and what it shows there.
class Terminal {
public:
    /// Starts the program at the path `command.front()`; it has this environment and no other.
    Terminal(const std::vector<std::string>& command, const Environment& environment);
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    /// Kills it if it still runs.
    ~Terminal();

    /// Bytes, as the keyboard sends them.
    void type(std::string_view keys);
    void signal(int number) const;
    void resize(int columns);

    /// Waits until the screen's text ends like that. Throws what it shows if that does not happen.
    void expect(std::string_view end);
    /// Waits until `text` stands somewhere on the screen.
    void expect_somewhere(std::string_view text);
    /// Waits until the condition holds; `what` says it in words.
    void wait_until(const std::string& what, const std::function<bool()>& reached);
    std::string text() const { return screen_.text(); }

    /// Whether the terminal echoes and gives whole lines, as a shell leaves it.
    bool is_ordinary() const;
    void make_ordinary();
    /// Waits until a program edits lines here.
    void expect_editor();

    /// Waits for the end of the program: the exit code, or 128 and the signal that killed it.
    int wait();

private:
    bool read_some(int patience_milliseconds);

    int descriptor_ = -1;
    pid_t pid_ = 0;
    bool hung_up_ = false;
    Screen screen_;
};

}  // namespace clacks::test
