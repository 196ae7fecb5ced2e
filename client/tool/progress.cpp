#include "client/tool/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace clacks::tool {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds redraw_interval{100};
/// Before that a rate is chance.
constexpr std::chrono::duration<double> settled{0.5};
constexpr std::size_t narrowest_bar = 5;
constexpr std::size_t widest_bar = 30;

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}

std::string size_text(std::uint64_t bytes) {
    constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double size = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < std::size(units)) {
        size /= 1024;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %s", size, units[unit]);
    return text;
}

/// `0:06`, `12:34`, `1:02:03`.
std::string clock_text(double seconds) {
    const auto whole = static_cast<long>(std::ceil(seconds));
    char text[32];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                      whole % 60);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
    return text;
}

/// At most so wide, its frame included; nothing if that is too little to tell anything.
std::string bar(double share, std::size_t columns) {
    constexpr std::size_t frame = 3;
    if (columns < narrowest_bar + frame) return "";
    const std::size_t width = std::min(columns - frame, widest_bar);
    const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
    return '[' + std::string(full, '#') + std::string(width - full, '-') + "] ";
}

/// Of the terminal that the talk goes to.
std::size_t terminal_columns() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

}  // namespace

std::string amount(std::uint64_t count, Unit unit) {
    return unit == Unit::bytes ? size_text(count)
                               : grouped(count) + (count == 1 ? " key" : " keys");
}

std::string progress_line(const std::string& what, Unit unit, const Advance& a,
                          std::size_t columns) {
    const bool known = a.all != 0;
    const std::uint64_t done = known ? std::min(a.done, a.all) : a.done;
    const double share = known ? static_cast<double>(done) / static_cast<double>(a.all) : 0;
    std::string text;
    if (known) {
        char percent[8];
        std::snprintf(percent, sizeof percent, "%3d%%  ", static_cast<int>(share * 100));
        text += percent + (unit == Unit::bytes ? size_text(done) : grouped(done)) + " of " +
                amount(a.all, unit);
    } else {
        text += amount(done, unit);
    }
    if (a.took >= settled && done > 0) {
        const double rate = static_cast<double>(done) / a.took.count();
        const auto a_second = static_cast<std::uint64_t>(rate);
        text += "  " + (unit == Unit::bytes ? size_text(a_second) : grouped(a_second)) + "/s";
        if (known) text += "  " + clock_text(static_cast<double>(a.all - done) / rate) + " left";
    }
    const std::string front = what + "  ";
    // One column stays free: in the last one some terminals begin a new line.
    const std::size_t usable = columns - std::min<std::size_t>(columns, 1);
    const std::size_t used = front.size() + text.size();
    const std::size_t left = usable - std::min(usable, used);
    return (front + (known ? bar(share, left) : "") + text).substr(0, usable);
}

Progress::Progress(Output& output, std::string what, Unit unit, std::uint64_t all)
    : output_(output),
      what_(std::move(what)),
      unit_(unit),
      advance_{.all = all},
      began_(steady_clock::now()) {}

Progress::~Progress() { output_.status(""); }

void Progress::at(std::uint64_t done) { at(done, advance_.all); }

void Progress::at(std::uint64_t done, std::uint64_t all) {
    if (!output_.on_terminal()) return;
    advance_.done = done;
    advance_.all = all;
    const auto now = steady_clock::now();
    if (now - drawn_ < redraw_interval) return;
    drawn_ = now;
    advance_.took = now - began_;
    output_.status(progress_line(what_, unit_, advance_, terminal_columns()));
}

}  // namespace clacks::tool
