#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace clacks::memcached {

/// The words of a line: what stands between its spaces.
class Words {
public:
    explicit Words(std::string_view text) : rest_(text) {}

    /// The next one, empty when there is none.
    std::string_view next() {
        const std::size_t begin = rest_.find_first_not_of(' ');
        if (begin == rest_.npos) return rest_ = {};
        rest_.remove_prefix(begin);
        const std::string_view word = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(word.size());
        return word;
    }

    /// What follows the words that were taken.
    std::string_view rest() const { return rest_; }

    /// The last word of them.
    std::string_view last() const {
        const std::size_t end = rest_.find_last_not_of(' ');
        if (end == rest_.npos) return {};
        const std::string_view text = rest_.substr(0, end + 1);
        return text.substr(text.find_last_of(' ') + 1);  // npos + 1 is 0
    }

private:
    std::string_view rest_;
};

/// A decimal number that is all of `text`; a plus sign may stand before it, as memcached has it.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || at != end || text.empty()) return std::nullopt;
    return number;
}

}  // namespace clacks::memcached
