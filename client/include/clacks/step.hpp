#pragma once

#include <concepts>
#include <string>

namespace clacks {

/// By how much to increment or decrement: a number of any type, or its decimal text.
class Step {
public:
    Step() = default;
    template <std::integral N>
    requires(!std::same_as<N, bool> && !std::same_as<N, char>) Step(N number)
        : text_(std::to_string(number)) {}  // NOLINT: a number is a step
    Step(double number);                    // NOLINT: likewise
    explicit Step(std::string text) : text_(std::move(text)) {}

    /// As it stands on the line.
    const std::string& text() const { return text_; }

private:
    std::string text_ = "1";
};

}  // namespace clacks
