#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace clacks {

/// What async_receive gives: signals, what the monitor sees, and what happens to the connection.
struct Message {
    enum class Kind : std::uint8_t {
        set,     ///< somebody's SET: name and value
        notify,  ///< somebody's NOTIFY: name
        debug,   ///< monitor: name is the client id (or CONNECTED …), value the line as it was
        error,   ///< the node refused something: value is its text. It names no command
        disconnected,  ///< the connection is lost, value says why. Signals may be missed from here
                       ///< on, and what was just sent may not have arrived
        reconnected,   ///< logged in again; listens and monitor are in place
        gap,   ///< `count` signals of `name` are missing here: the node left them out, because they
               ///< were read too slowly. Name "**": of further names, when it was a thousand.
               ///< Name "": so many lines of what the monitor sees (limits.monitor of the node)
        lost,  ///< `count` messages had to be dropped here: received_bytes were full while an
               ///< answer was awaited, so that reading could not stop
    };

    Kind kind = Kind::notify;
    std::string name = {};
    std::string value = {};  ///< as it was sent, line breaks and all
    std::size_t count = 0;
    bool operator==(const Message&) const = default;
};

}  // namespace clacks
