#include "bench/dialect.hpp"

#include <fmt/format.h>

namespace clacks::bench {

namespace {

/// Sixteen digits and something that does not compress or repeat with the record size.
std::string value_of_zero(std::size_t size) {
    std::string value(zero);
    for (unsigned i = 0; value.size() < size; ++i) value += static_cast<char>('a' + i * 7 % 26);
    return value;
}

/// Replaces `mark` by `text`; returns where it stands, or npos.
std::size_t fill(std::string& pattern, std::string_view mark, std::string_view text) {
    const auto at = pattern.find(mark);
    if (at != std::string::npos) pattern.replace(at, mark.size(), text);
    return at;
}

}  // namespace

void count_up(Digits number) {
    for (std::size_t i = number.size(); i-- > 0;) {
        if (number[i] != '9') {
            ++number[i];
            return;
        }
        number[i] = '0';
    }
}

Frame::Frame(std::string_view pattern, std::size_t size_of_value)
    : bytes_(pattern),
      key_(fill(bytes_, "{key}", some_key)),  // the key stands before the value, if both are there
      value_(fill(bytes_, "{value}", value_of_zero(size_of_value))) {}

void Frame::append_to(std::string& out, std::string_view key, std::string_view number) const {
    const auto start = out.size();
    out += bytes_;
    if (key_ != std::string::npos) key.copy(out.data() + start + key_, some_key.size());
    if (value_ != std::string::npos) number.copy(out.data() + start + value_, zero.size());
}

Dialect redis_dialect(unsigned listeners) {
    return {
        .login = "*1\r\n$4\r\nPING\r\n",
        .welcome = "+PONG\r\n",
        .listen = fmt::format("*2\r\n$9\r\nSUBSCRIBE\r\n$15\r\n{}\r\n", topic),
        .listening = fmt::format("*3\r\n$9\r\nsubscribe\r\n$15\r\n{}\r\n:1\r\n", topic),
        .publish = Frame("*3\r\n$7\r\nPUBLISH\r\n$15\r\n{key}\r\n$128\r\n{value}\r\n"),
        .published = fmt::format(":{}\r\n", listeners),
        .delivery = Frame("*3\r\n$7\r\nmessage\r\n$15\r\n{key}\r\n$128\r\n{value}\r\n"),
        .barrier = "*2\r\n$4\r\nPING\r\n$5\r\nbench\r\n",
        .passed = "*2\r\n$4\r\npong\r\n$5\r\nbench\r\n",
        .store = Frame("*3\r\n$3\r\nSET\r\n$15\r\n{key}\r\n$128\r\n{value}\r\n"),
        .stored = "+OK\r\n",
        .retrieve = Frame("*2\r\n$3\r\nGET\r\n$15\r\n{key}\r\n"),
        .retrieved = Frame("$128\r\n{value}\r\n"),
        .small_store = "",
        .settle = "",
        .settled = "",
    };
}

Dialect memcached_dialect() {
    const Frame none("");
    return {
        .login = "mn\r\n",
        .welcome = "MN\r\n",
        .listen = "",
        .listening = "",
        .publish = none,
        .published = "",
        .delivery = none,
        .barrier = "",
        .passed = "",
        .store = Frame("set {key} 0 0 100\r\n{value}\r\n", 100),
        .stored = "STORED\r\n",
        .retrieve = Frame("get {key}\r\n"),
        .retrieved = Frame("VALUE {key} 0 100\r\n{value}\r\nEND\r\n", 100),
        .small_store = "set {0} 0 0 {2} noreply\r\n{1}\r\n",
        .settle = "mn\r\n",
        .settled = "MN\r\n",
    };
}

Dialect clacks_dialect() {
    return {
        .login = "CLACKS bench\r\nOVERHEAD A YmVuY2g=:YmVuY2g=\r\n",  // Base64 of bench, twice
        .welcome = "OVERHEAD O Welcome!\r\n",
        .listen = fmt::format("LISTEN {}\r\nFLUSH listening\r\n", topic),
        .listening = "FLUSHED listening\r\n",
        .publish = Frame("SET {key}={value}\r\n"),
        .published = "",
        .delivery = Frame("SET {key}={value}\r\n"),
        .barrier = "FLUSH bench\r\n",
        .passed = "FLUSHED bench\r\n",
        .store = Frame("STORE {key}={value}\r\n"),
        .stored = "",
        .retrieve = Frame("RETRIEVE {key}\r\n"),
        .retrieved = Frame("RETRIEVED {key}={value}\r\n"),
        .small_store = "STORE {0}={1}\r\n",
        .settle = "FLUSH bench\r\n",
        .settled = "FLUSHED bench\r\n",
    };
}

}  // namespace clacks::bench
