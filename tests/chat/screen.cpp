#include "tests/chat/screen.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace clacks::test {

namespace {

/// Bytes of the UTF-8 character that begins so.
std::size_t length_of(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Enough for what the tests write: from U+3000 to U+9FFF characters are wide.
int cells_of(std::string_view character) {
    return character.size() == 3 && character >= "\xE3\x80\x80" && character <= "\xE9\xBF\xBF" ? 2
                                                                                               : 1;
}

}  // namespace

Screen::Screen(int rows, int columns)
    : columns_(columns),
      rows_(static_cast<std::size_t>(rows), Row(static_cast<std::size_t>(columns), " ")) {}

void Screen::feed(std::string_view bytes) {
    rest_ += bytes;
    while (!rest_.empty()) {
        const std::size_t taken = take(rest_);
        if (taken == 0) return;  // the rest has not come yet
        rest_.erase(0, taken);
    }
}

std::size_t Screen::take(std::string_view bytes) {
    if (bytes.front() == '\x1B') {
        if (bytes.size() < 2) return 0;
        if (bytes[1] != '[')
            throw std::runtime_error("the screen got ESC " + std::string(1, bytes[1]));
        const auto final = bytes.find_first_not_of("0123456789;?", 2);
        if (final == bytes.npos) return 0;
        sequence(bytes.substr(2, final - 2), bytes[final]);
        return final + 1;
    }
    if (static_cast<unsigned char>(bytes.front()) < ' ' || bytes.front() == '\x7F') {
        control(bytes.front());
        return 1;
    }
    const std::size_t length = length_of(bytes.front());
    if (bytes.size() < length) return 0;
    put(std::string(bytes.substr(0, length)), cells_of(bytes.substr(0, length)));
    return length;
}

void Screen::put(const std::string& character, int cells) {
    if (column_ + cells > columns_) {
        column_ = 0;
        line_feed();
    }
    auto& row = rows_[static_cast<std::size_t>(row_)];
    row[static_cast<std::size_t>(column_)] = character;
    if (cells == 2) row[static_cast<std::size_t>(column_ + 1)] = "";
    column_ += cells;
}

void Screen::control(char character) {
    switch (character) {
        case '\r':
            column_ = 0;
            break;
        case '\n':
            line_feed();
            break;
        case '\b':
            column_ = std::max(std::min(column_, columns_ - 1) - 1, 0);
            break;
        case '\a':
            break;
        default:
            throw std::runtime_error("the screen got control character " +
                                     std::to_string(static_cast<int>(character)));
    }
}

void Screen::sequence(std::string_view parameters, char final) {
    const int given = std::atoi(std::string(parameters).c_str());
    const int count = std::max(given, 1);
    auto& row = rows_[static_cast<std::size_t>(row_)];
    const auto cursor = row.begin() + std::min(column_, columns_ - 1);
    switch (final) {
        case 'A':
            row_ = std::max(row_ - count, 0);
            return;
        case 'B':
            row_ = std::min(row_ + count, static_cast<int>(rows_.size()) - 1);
            return;
        case 'C':
            column_ = std::min(column_ + count, columns_ - 1);
            return;
        case 'D':
            column_ = std::max(column_ - count, 0);
            return;
        case 'G':
            column_ = std::min(count, columns_) - 1;
            return;
        case 'P':  // takes characters out of the row
            row.erase(cursor, cursor + std::min<std::ptrdiff_t>(count, row.end() - cursor));
            row.resize(static_cast<std::size_t>(columns_), " ");
            return;
        case '@':  // makes room in the row
            row.insert(cursor, static_cast<std::size_t>(count), " ");
            row.resize(static_cast<std::size_t>(columns_));
            return;
        case 'J':  // clears to the end of the screen
            if (given != 0) break;
            for (auto below = rows_.begin() + row_ + 1; below != rows_.end(); ++below)
                std::fill(below->begin(), below->end(), " ");
            std::fill(cursor, row.end(), " ");
            return;
        case 'K':
            if (given != 0) break;
            std::fill(cursor, row.end(), " ");
            return;
        default:
            break;
    }
    throw std::runtime_error("the screen got CSI " + std::string(parameters) + final);
}

void Screen::line_feed() {
    if (row_ + 1 < static_cast<int>(rows_.size())) {
        ++row_;
    } else {
        rows_.erase(rows_.begin());
        rows_.emplace_back(static_cast<std::size_t>(columns_), " ");
    }
}

std::string Screen::text() const {
    std::string all;
    std::size_t end = 0;  // of what is worth telling
    for (int r = 0; r < static_cast<int>(rows_.size()); ++r) {
        const Row& row = rows_[static_cast<std::size_t>(r)];
        int used = columns_;
        while (used > 0 && row[static_cast<std::size_t>(used - 1)] == " ") --used;
        if (r == row_) used = std::max(used, column_);
        for (int c = 0; c < used; ++c) {
            if (r == row_ && c == column_) all += '|';
            all += row[static_cast<std::size_t>(c)];
        }
        if (used > 0 || r == row_) end = all.size();
        all += '\n';
    }
    return all.substr(0, end);
}

void Screen::resize(int columns) {
    columns_ = columns;
    for (auto& row : rows_) row.resize(static_cast<std::size_t>(columns), " ");
    column_ = std::min(column_, columns_);
}

}  // namespace clacks::test
