#include "clacks/step.hpp"

#include <array>
#include <charconv>

namespace clacks {

Step::Step(double number) {
    std::array<char, 32> digits{};  // the shortest form of a double has at most 24
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text_.assign(digits.data(), end);
}

}  // namespace clacks
