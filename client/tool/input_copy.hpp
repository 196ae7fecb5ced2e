#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <string>

namespace clacks::tool {

/// A file that can be read more than once, also where the original cannot: standard input and pipes
/// are copied to a file without a name first.
class InputCopy {
public:
    /// "-" is `standard_input`. Throws Failure (usage) if it cannot be read.
    InputCopy(const std::string& file, std::istream& standard_input);

    /// The stream at its beginning.
    std::istream& begin();
    std::uint64_t bytes() const { return bytes_; }
    /// For sentences.
    const std::string& name() const { return name_; }

private:
    void copy(std::istream& original);

    std::string name_;
    std::fstream stream_;
    std::uint64_t bytes_ = 0;
};

}  // namespace clacks::tool
