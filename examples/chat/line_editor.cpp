#include "line_editor.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cwctype>
#include <stdexcept>
#include <utility>

namespace chat {

using namespace asio::experimental::awaitable_operators;

namespace {

constexpr int history_lines = 200;
constexpr const char* end_of_input = "\x04";  // Ctrl-D on an empty line

/// How long to wait for the rest of a key. An arrow key sends several characters in one go; after
/// the Escape key nothing follows, and the chat must go on.
constexpr std::chrono::milliseconds rest_of_key{100};

int cells_of(wchar_t character) {
    if (std::iswcntrl(static_cast<wint_t>(character))) return 2;  // ^A
    return std::max(::wcwidth(character), 0);
}

}  // namespace

LineEditor::LineEditor(const asio::any_io_executor& executor, std::string prompt)
    : input_(executor),
      changes_(executor, SIGWINCH, SIGCONT),
      prompt_(std::move(prompt)),
      history_(::history_init()),
      editor_(::el_init("chat", stdin, stdout, stderr)) {
    if (!history_ || !editor_) throw std::runtime_error("cannot edit lines on this terminal");
    HistEvent ignored;
    ::history(history_.get(), &ignored, H_SETSIZE, history_lines);
    EditLine* el = editor_.get();
    ::el_set(el, EL_CLIENTDATA, this);
    ::el_set(el, EL_PROMPT, prompt_of);
    ::el_set(el, EL_EDITOR, "emacs");
    ::el_set(el, EL_HIST, ::history, history_.get());
    ::el_wset(el, EL_GETCFN, next_character);
    // Between two lines the terminal is in its ordinary mode for a moment; what is typed in this
    // moment is not lost, but must not be echoed.
    ::el_set(el, EL_SETTY, "-x", "-echo", nullptr);
}

LineEditor::~LineEditor() {
    if (editing_) erase(::el_wline(editor_.get())->cursor, 0);
    ::el_set(editor_.get(), EL_UNBUFFERED, 0);
}

char* LineEditor::prompt_of(EditLine* editor) {
    LineEditor* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    return self->prompt_.data();
}

/// What libedit reads with: one character of UTF-8. Returns 0 if there is none, or not all of it.
int LineEditor::next_character(EditLine* editor, wchar_t* character) {
    LineEditor* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    std::mbstate_t state{};
    for (;;) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, static_cast<int>(rest_of_key.count())) == 0) return 0;
        char byte = 0;
        if (::read(STDIN_FILENO, &byte, 1) <= 0) {
            self->ended_ = true;
            return 0;
        }
        const std::size_t length = std::mbrtowc(character, &byte, 1, &state);
        if (length <= 1) return 1;
        if (length == static_cast<std::size_t>(-1)) state = {};  // no UTF-8: the byte is left out
    }
}

asio::awaitable<std::optional<std::string>> LineEditor::read_line() {
    begin();
    while (!ended_) {
        const auto event = co_await (input_.ready() || changes_.async_wait(asio::use_awaitable));
        if (event.index() != 0)
            redraw();
        else if (auto line = take_key())
            co_return line;
    }
    co_return std::nullopt;
}

void LineEditor::begin() {
    if (editing_) return;
    ::el_set(editor_.get(), EL_UNBUFFERED, 1);  // draws the prompt
    editing_ = true;
}

/// Lets libedit deal with one key. Returns the line if that was its end.
std::optional<std::string> LineEditor::take_key() {
    int bytes = 0;
    const char* line = ::el_gets(editor_.get(), &bytes);
    if (!line || bytes <= 0) return std::nullopt;
    std::string text(line, static_cast<std::size_t>(bytes));
    if (text.back() == '\n') return end(std::move(text));
    if (text == end_of_input) ended_ = true;
    return std::nullopt;
}

/// The line is complete, the cursor below it.
std::string LineEditor::end(std::string line) {
    erase(::el_wline(editor_.get())->lastchar - 1, 1);
    ::el_set(editor_.get(), EL_UNBUFFERED, 0);
    editing_ = false;
    HistEvent ignored;
    if (line.size() > 1) ::history(history_.get(), &ignored, H_ENTER, line.c_str());
    line.pop_back();
    return line;
}

void LineEditor::print(const std::string& line) {
    if (editing_) erase(::el_wline(editor_.get())->cursor, 0);
    std::fputs((line + "\n").c_str(), stdout);
    if (editing_) draw();
    std::fflush(stdout);
}

void LineEditor::redraw() {
    erase(::el_wline(editor_.get())->cursor, 0);
    ::el_set(editor_.get(), EL_PREP_TERM, 0);  // the shell may have had the terminal: libedit
    ::el_set(editor_.get(), EL_PREP_TERM, 1);  // shall not believe that it is as it left it
    ::el_resize(editor_.get());
    draw();
}

void LineEditor::draw() { ::el_set(editor_.get(), EL_REFRESH); }

/// Takes prompt and line off the screen, where the cursor is `rows_below` the row of `to`.
void LineEditor::erase(const wchar_t* to, int rows_below) {
    std::string sequence = "\r";
    if (const int rows = rows_up_to(to) + rows_below; rows > 0)
        sequence += "\x1B[" + std::to_string(rows) + "A";
    sequence += "\x1B[J";
    std::fputs(sequence.c_str(), stdout);
    std::fflush(stdout);
}

/// How many rows below the prompt's the place `to` in the line is.
int LineEditor::rows_up_to(const wchar_t* to) const {
    int columns = 80;
    ::el_get(editor_.get(), EL_GETTC, "co", &columns);
    int row = 0;
    int column = 0;
    const auto advance = [&](wchar_t character) {
        const int cells = cells_of(character);
        if (column + cells > columns) {
            ++row;
            column = 0;
        }
        column += cells;
        if (column == columns) {
            ++row;
            column = 0;
        }
    };
    std::mbstate_t state{};
    std::wstring prompt(prompt_.size(), L'\0');
    const char* from = prompt_.c_str();
    prompt.resize(std::mbsrtowcs(prompt.data(), &from, prompt.size(), &state));
    for (const wchar_t character : prompt) advance(character);
    for (const wchar_t* at = ::el_wline(editor_.get())->buffer; at != to; ++at) advance(*at);
    return row;
}

}  // namespace chat
