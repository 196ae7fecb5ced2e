#include "tests/memcached/dialogue.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace clacks::test {
namespace {

/// {x*3} is xxx.
std::string expand(std::string_view text) {
    std::string expanded;
    while (true) {
        const std::size_t open = text.find('{');
        expanded += text.substr(0, open);
        if (open == text.npos) return expanded;
        const std::size_t close = text.find('}', open);
        if (close == text.npos) throw std::logic_error("a brace without another");
        const std::string_view inside = text.substr(open + 1, close - open - 1);
        if (inside.size() > 2 && inside[1] == '*') {
            expanded.append(std::stoul(std::string(inside.substr(2))), inside[0]);
        } else {
            expanded += text.substr(open, close - open + 1);
        }
        text.remove_prefix(close + 1);
    }
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
    }
    return text;
}

/// The reply, with its numbers replaced where the expected one has #; the last of them is kept.
std::string with_numbers_hidden(const std::string& expected, const std::string& reply,
                                std::string& last) {
    std::string hidden;
    std::size_t at = 0;
    for (const char c : expected) {
        if (c != '#') {
            if (at >= reply.size() || reply[at] != c) break;
            hidden += reply[at++];
            continue;
        }
        std::string number;
        while (at < reply.size() && std::isdigit(static_cast<unsigned char>(reply[at]))) {
            number += reply[at++];
        }
        if (number.empty()) break;
        last = number;
        hidden += '#';
    }
    return hidden + reply.substr(at);
}

void append_lines(std::string& text, std::string_view mark, std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t size = lines.find("\r\n");
        text.append(mark).append(lines.substr(0, size)).append("\n");
        lines.remove_prefix(size == lines.npos ? lines.size() : size + 2);
    }
}

}  // namespace

std::vector<Exchange> parse(const Dialogue& dialogue) {
    std::vector<Exchange> exchanges(1);
    std::string_view text = dialogue.text;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty()) continue;
        const std::string said =
            expand(line.substr(std::min<std::size_t>(2, line.size()))) + "\r\n";
        if (line.front() == '>') {
            if (!exchanges.back().reply.empty()) exchanges.emplace_back();
            exchanges.back().request += said;
        } else if (line.front() == '<') {
            exchanges.back().reply += said;
        } else {
            throw std::logic_error("neither > nor <: " + std::string(line));
        }
    }
    return exchanges;
}

std::string hold(const Dialogue& dialogue,
                 const std::function<std::string(const std::string&)>& answer) {
    std::string text;
    std::string last;
    for (const Exchange& exchange : parse(dialogue)) {
        append_lines(text, "> ", exchange.request);
        const std::string reply = answer(replaced(exchange.request, "{cas}", last));
        append_lines(text, "< ", with_numbers_hidden(exchange.reply, reply, last));
    }
    return text;
}

std::string as_text(const Dialogue& dialogue) {
    std::string text;
    for (const Exchange& exchange : parse(dialogue)) {
        append_lines(text, "> ", exchange.request);
        append_lines(text, "< ", exchange.reply);
    }
    return text;
}

}  // namespace clacks::test
