#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/tool/output.hpp"

namespace clacks::tool {

/// What is counted.
enum class Unit : std::uint8_t { bytes, keys };

/// How far something has come.
struct Advance {
    std::uint64_t done = 0;
    std::uint64_t all = 0;  ///< 0: not known
    std::chrono::duration<double> took{};
};

/// `[#########-----------]  45%  450,000 of 1,000,000 keys  95,000/s  0:06 left`; without what
/// is not known. Fits `columns`: the bar is as wide as there is room, and the first to go.
std::string progress_line(const std::string& what, Unit unit, const Advance& advance,
                          std::size_t columns);

/// `1,234,567`, and of bytes `1.2 MiB`.
std::string amount(std::uint64_t count, Unit unit);

/// A bar on the terminal while something takes its time; nothing where nobody watches.
class Progress {
public:
    /// `what` is done, in a word. `all` may be 0: not known.
    Progress(Output& output, std::string what, Unit unit, std::uint64_t all);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Cheap: it draws some times a second.
    void at(std::uint64_t done);
    void at(std::uint64_t done, std::uint64_t all);

private:
    Output& output_;
    const std::string what_;
    const Unit unit_;
    Advance advance_;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point drawn_;
};

}  // namespace clacks::tool
