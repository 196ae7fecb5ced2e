#include "tests/node/transcript.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace clacks::node {

namespace {

/// The bytes of a Python literal: b'…' with \r, \n, \\ and \'.
std::string unescaped(std::string_view literal) {
    std::string bytes;
    for (std::size_t i = 2; i + 1 < literal.size(); ++i) {
        if (literal[i] != '\\') {
            bytes += literal[i];
            continue;
        }
        const char escaped = literal[++i];
        bytes += escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped;
    }
    return bytes;
}

/// `-2`, `+1+1us`: seconds and microseconds to be added.
std::chrono::microseconds parse_offset(const std::string& text) {
    std::chrono::microseconds sum{0};
    const char* at = text.c_str();
    while (*at != '\0') {
        char* end = nullptr;
        const long number = std::strtol(at, &end, 10);
        if (end == at) throw std::runtime_error("no offset: " + text);
        const bool micro = std::string_view(end).starts_with("us");
        sum += micro ? std::chrono::microseconds(number) : std::chrono::seconds(number);
        at = end + (micro ? 2 : 0);
    }
    return sum;
}

constexpr std::string_view empty_line = "(empty line)";
constexpr std::string_view bytes_mark = "(bytes) ";

}  // namespace

Transcript::Transcript(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) lines_.push_back(line);
    if (lines_.empty()) throw std::runtime_error("cannot read " + path_);
}

void Transcript::play() {
    for (std::size_t at = 0; at < lines_.size(); ++at) {
        const std::string& line = lines_[at];
        INFO(path_ << ':' << at + 1 << ": " << line);
        if (line.starts_with("# ")) {
            happens(std::string_view(line).substr(2));
        } else if (line.substr(1, 2) == "> ") {
            says(peer(line.substr(0, 1)), line.substr(3));
        } else if (line.substr(1, 2) == "< ") {
            hears(peer(line.substr(0, 1)), at);
        } else {
            FAIL("not a line of a transcript");
        }
    }
    for (const auto& [letter, peer] : peers_) {
        INFO(path_ << ": left unread at " << letter);
        CHECK(peer->hears() == "");
    }
}

void Transcript::says(TestPeer& peer, std::string text) {
    if (text.starts_with(bytes_mark)) {
        return peer.says_bytes(unescaped(std::string_view(text).substr(bytes_mark.size())));
    }
    peer.says(expand(text));
}

/// Checks the line at `at`, of KEYSYNC lines as many as follow each other; then `at` is the last.
void Transcript::hears(TestPeer& peer, std::size_t& at) {
    const std::string start = lines_[at].substr(0, 3);
    std::vector<std::string> expected;
    std::vector<std::string> heard;
    const auto is_keysync = [&](std::size_t i) {
        return i < lines_.size() && lines_[i].starts_with(start + "KEYSYNC ");
    };
    const std::size_t first = at;
    do {
        const std::string text = lines_[at].substr(3);
        expected.push_back(text == empty_line ? "" : expand(text));
        heard.push_back(peer.hears_line().value_or("(nothing)"));
    } while (is_keysync(first) && is_keysync(at + 1) && ++at != 0);
    std::sort(expected.begin(), expected.end());
    std::sort(heard.begin(), heard.end());
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(heard[i] == expected[i]);
}

void Transcript::happens(std::string_view what) {
    const std::string letter(what.substr(0, 1));
    const std::string_view rest = what.substr(1);
    if (rest == " connects") {
        peers_[letter] = &node_.connect();
    } else if (rest == " is connected to") {
        peers_[letter] = &node_.connect_to_master();
    } else if (rest == " is closed by the server") {
        CHECK(peer(letter).closed);
    } else if (what == "the node stops") {
        for (const auto& entry : peers_) {
            node_.hangs_up(*entry.second, CloseReason::shutting_down);
        }
    } else if (what.ends_with(" s pass")) {
        node_.advance(std::chrono::seconds(std::stoi(std::string(what))));
    }
}

std::string Transcript::expand(std::string_view text) const {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        result += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty()) break;
        const std::size_t close = text.find('}');
        result += value_of(text.substr(1, close - 1));
        text.remove_prefix(close + 1);
    }
    return result;
}

std::string Transcript::value_of(std::string_view placeholder) const {
    if (placeholder.starts_with("now")) {
        std::string text;
        protocol::format_time(node_.now.wall + parse_offset(std::string(placeholder.substr(3))),
                              text);
        return text;
    }
    const TestPeer& named = peer(placeholder.substr(0, 1));
    if (placeholder.ends_with(".host")) return named.host;
    if (placeholder.ends_with(".port")) return named.port;
    return named.id;
}

TestPeer& Transcript::peer(std::string_view letter) const {
    const auto found = peers_.find(letter);
    if (found == peers_.end()) throw std::runtime_error("nobody is called " + std::string(letter));
    return *found->second;
}

}  // namespace clacks::node
