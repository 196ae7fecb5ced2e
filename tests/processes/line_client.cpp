#include "tests/processes/line_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "protocol/credentials.hpp"

namespace clacks::test {

namespace {

/// Long enough to see what went wrong.
std::string_view shortened(std::string_view text) { return text.substr(0, 200); }

}  // namespace

void LineClient::send(std::string_view bytes) { stream_.write(bytes, received_); }

void LineClient::say(std::string_view lines) {
    std::string bytes;
    for (const char each : lines) bytes += each == '\n' ? "\r\n" : std::string(1, each);
    if (!lines.ends_with('\n')) bytes += "\r\n";
    send(bytes);
}

bool LineClient::take_line(std::string& line) {
    const auto end = received_.find('\n', taken_);
    if (end == std::string::npos) return false;
    line = received_.substr(taken_, end - taken_);
    taken_ = end + 1;
    if (!line.ends_with('\r')) throw std::runtime_error("a line ends without CR: " + line);
    line.pop_back();
    return true;
}

void LineClient::read_more(std::string_view wanted) {
    received_.erase(0, taken_);
    taken_ = 0;
    std::string why = "the peer has closed";
    try {
        if (stream_.read(received_)) return;
    } catch (const std::runtime_error& error) {
        why = error.what();
    }
    throw std::runtime_error("no " + std::string(shortened(wanted)) + " but: " + why);
}

std::string LineClient::line() {
    std::string result;
    while (!take_line(result)) read_more("line");
    return result;
}

std::string LineClient::lines(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += line() + '\n';
    return all;
}

std::string LineClient::lines_until(std::string_view last) {
    std::string all;
    std::string next;
    do {
        while (!take_line(next)) {
            std::string wanted = "line '";
            wanted.append(last).append("' after\n").append(shortened(all));
            read_more(wanted);
        }
        all += next + '\n';
    } while (next != last);
    return all;
}

std::string LineClient::lines_until_closed() {
    while (stream_.read(received_)) {
    }
    stream_.close();
    std::string all;
    for (std::string next; take_line(next);) all += next + '\n';
    if (taken_ != received_.size()) throw std::runtime_error("half a line: " + received_);
    return all;
}

std::string LineClient::ask(std::string_view lines) {
    say(lines);
    return flush();
}

std::string LineClient::flush() {
    const std::string id = "flush-" + std::to_string(++flushes_);
    say("FLUSH " + id);
    std::string all = lines_until("FLUSHED " + id);
    return all.substr(0, all.size() - id.size() - std::string_view("FLUSHED \n").size());
}

std::string LineClient::difference_from(std::string_view expected) {
    std::size_t same = 0;
    while (same < expected.size()) {
        if (taken_ == received_.size()) read_more(expected.substr(same));
        const auto got = std::string_view(received_).substr(taken_, expected.size() - same);
        const auto wanted = expected.substr(same, got.size());
        if (got != wanted) {
            const auto at = std::mismatch(got.begin(), got.end(), wanted.begin()).first;
            const auto good = static_cast<std::size_t>(at - got.begin());
            const auto line = expected.rfind('\n', same + good) + 1;
            return "wanted: " + std::string(shortened(expected.substr(line))) + "\ngot from byte " +
                   std::to_string(same + good) + ": " + std::string(shortened(got.substr(good)));
        }
        taken_ += got.size();
        same += got.size();
    }
    return "";
}

std::string LineClient::login_lines(std::string_view user, std::string_view password) {
    const protocol::Credentials credentials{std::string(user), std::string(password)};
    return "CLACKS test\nOVERHEAD A " + protocol::encode_token(credentials) + "\n";
}

void LineClient::log_in(std::string_view user, std::string_view password) {
    say(login_lines(user, password));
    const std::string answer = lines(3);
    if (!answer.starts_with("CLACKS ") || !answer.ends_with("\nOVERHEAD O Welcome!\n")) {
        throw std::runtime_error("cannot log in: " + answer);
    }
}

}  // namespace clacks::test
