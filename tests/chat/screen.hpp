#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clacks::test {

/// The screen of a terminal, as far as libedit and the chat use one: an xterm that wraps lines and
/// scrolls. Throws std::runtime_error at a sequence that it does not know, so that none of those
/// that must not come through is overlooked.
class Screen {
public:
    Screen(int rows, int columns);

    /// Bytes as a program writes them. A character or sequence may be cut anywhere.
    void feed(std::string_view bytes);

    /// The rows without the blanks at their ends; up to the last that is not empty or has the
    /// cursor. Where the cursor stands in the middle of text, '|' is put in front of the character.
    std::string text() const;

    /// As when the window is made wider or narrower; rows are not wrapped anew.
    void resize(int columns);

private:
    using Row =
        std::vector<std::string>;  ///< a cell is a character; "" the right half of a wide one

    std::size_t take(std::string_view bytes);
    void put(const std::string& character, int cells);
    void control(char character);
    void sequence(std::string_view parameters, char final);
    void line_feed();

    int columns_;
    std::vector<Row> rows_;
    int row_ = 0;
    int column_ = 0;  ///< columns_: at the margin, the next character wraps
    std::string rest_;
};

}  // namespace clacks::test
