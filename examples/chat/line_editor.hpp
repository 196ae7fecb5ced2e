#pragma once

#include <histedit.h>

#include <boost/asio/signal_set.hpp>
#include <cwchar>
#include <memory>
#include <string>

#include "console.hpp"
#include "input.hpp"

namespace chat {

/// A terminal with a line that can be edited, by libedit, while others are printed above it.
///
/// libedit is used one key at a time: whenever standard input can be read, it is given the key and
/// comes back, and the event loop goes on. The line is on the screen from one read_line to its end;
/// to print, it is taken off the screen and drawn again below.
class LineEditor : public Console {
public:
    LineEditor(const asio::any_io_executor& executor, std::string prompt);
    /// Leaves the terminal as it was, without the half-typed line.
    ~LineEditor() override;

    asio::awaitable<std::optional<std::string>> read_line() override;
    void print(const std::string& line) override;
    void print_own(const std::string& line) override { print(line); }

private:
    struct Closer {
        void operator()(EditLine* editor) const { ::el_end(editor); }
        void operator()(History* history) const { ::history_end(history); }
    };

    static char* prompt_of(EditLine* editor);
    static int next_character(EditLine* editor, wchar_t* character);

    void begin();
    std::optional<std::string> take_key();
    std::string end(std::string line);
    void redraw();

    void draw();
    void erase(const wchar_t* to, int rows_below);
    int rows_up_to(const wchar_t* to) const;

    Input input_;
    asio::signal_set changes_;  ///< of the window's size; or we were stopped and go on
    std::string prompt_;
    std::unique_ptr<History, Closer> history_;
    std::unique_ptr<EditLine, Closer> editor_;
    bool editing_ = false;  ///< prompt and line are on the screen
    bool ended_ = false;
};

}  // namespace chat
