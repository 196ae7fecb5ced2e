#include "tests/client/print.hpp"

using clacks::Message;

std::string print(const Message& m) {
    switch (m.kind) {
        case Message::Kind::set:
            return "set " + m.name + '=' + m.value;
        case Message::Kind::notify:
            return "notify " + m.name;
        case Message::Kind::debug:
            return "debug " + m.name + '=' + m.value;
        case Message::Kind::error:
            return "error " + m.value;
        case Message::Kind::disconnected:
            return "disconnected";
        case Message::Kind::reconnected:
            return "reconnected";
        case Message::Kind::gap:
            return "gap " + m.name + ' ' + std::to_string(m.count);
        case Message::Kind::lost:
            return "lost " + std::to_string(m.count);
    }
    return "unknown";
}

std::string print(const std::optional<Message>& message) {
    return message ? print(*message) : "nothing";
}

std::string print(const clacks::detail::Answer& answer) {
    std::string text = std::to_string(answer.request) + ": ";
    if (answer.failure)
        return text + answer.failure.error.message() + " (" + answer.failure.text + ")";
    if (answer.replies.empty()) return text + "done";
    std::string replies;
    for (const auto& reply : answer.replies) {
        replies += replies.empty() ? "" : ", ";
        replies += clacks::protocol::info(reply.verb).word;
        if (!reply.version.empty()) replies += ' ' + reply.version;
        if (!reply.text.empty()) replies += '=' + reply.text;
    }
    return text + replies;
}

std::string joined(std::string_view lines) {
    std::string text;
    std::string line;
    for (char c : lines) {
        if (c == '\r') continue;
        if (c != '\n') {
            line += c;
            continue;
        }
        text += (text.empty() ? "" : " | ") + line;
        line.clear();
    }
    return line.empty() ? text : text + " | (cut) " + line;
}
