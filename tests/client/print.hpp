#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clacks/message.hpp"
#include "client/answer.hpp"

// What the client gives, as one line of text each: tests compare that.

/// `set a=1`, `notify b`, `debug cid=LISTEN a`, `error text`, `disconnected`, `lost 3` …
std::string print(const clacks::Message& message);
std::string print(const std::optional<clacks::Message>& message);

/// `1: RETRIEVED=value`, `2: NOTRETRIEVED`, `3: KEY=a, KEY=b, KEYLISTEND`, `4: STORED version`,
/// `5: done`, `6: permission denied (permission_denied)`.
std::string print(const clacks::detail::Answer& answer);

/// Lines with LF or CR LF as `one | two`.
std::string joined(std::string_view lines);

template <class T>
std::string print(const std::vector<T>& all) {
    std::string text;
    for (const T& one : all) text += (text.empty() ? "" : " | ") + print(one);
    return text;
}
