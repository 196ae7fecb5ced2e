#pragma once

#include <string>
#include <string_view>

// What travels between the programs of the chat: signals. The node keeps none of them.
//
//   SET chat::lobby=ann: hello        ann says something
//   SET chat::lobby=* ann waves       ann does something
//   SET chat::lobby=+ ann             ann joined
//   SET chat::lobby=- ann             ann left
//   SET chat::lobby::who=ann          ann asks who is there; everybody answers, her alone:
//   SET chat::lobby::here::ann=bob
//   NOTIFY chat::clock                the clock strikes
namespace chat {

inline constexpr std::string_view clock_signal = "chat::clock";

/// One thing that happens in a room.
struct Line {
    enum class Kind { said, did, joined, left };

    Kind kind = Kind::said;
    std::string name = {};
    std::string text = {};  ///< what was said or done
    bool operator==(const Line&) const = default;
};

/// As it travels.
std::string to_value(const Line& line);

/// The inverse. Every program may speak in a room: a value of another form was said by "?".
Line to_line(std::string_view value);

/// As people see it, fit for a terminal whatever was sent.
std::string to_text(const Line& line);

/// Whether somebody, or a room, can be called that: at most 32 bytes of UTF-8, no blanks, no
/// control characters, no ':' or '=', and none of + - * / ? at its beginning.
bool is_name(std::string_view text);

/// The names of a room's signals, and of the bot's counters in the store.
class Room {
public:
    explicit Room(std::string_view name) : lines_("chat::" + std::string(name)) {}

    const std::string& lines() const { return lines_; }
    std::string who() const { return lines_ + "::who"; }
    std::string here(std::string_view name) const {
        return lines_ + "::here::" + std::string(name);
    }
    std::string count() const { return lines_ + "::count"; }
    std::string fresh_count() const { return lines_ + "::count::fresh"; }

private:
    std::string lines_;
};

}  // namespace chat
