#include "memcached/reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <concepts>
#include <limits>

#include "memcached/errors.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

void append_number(std::string& out, std::integral auto number) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

/// The numbers of the line before a value, made on the stack: growing the output for each of them
/// was a tenth of the time of a get.
class Numbers {
public:
    void add(std::unsigned_integral auto number) {
        *end_++ = ' ';
        end_ = std::to_chars(end_, text_.data() + text_.size(), number).ptr;
    }
    void end_line() { end_ = std::copy(line_end.begin(), line_end.end(), end_); }
    std::string_view text() const { return {text_.data(), end_}; }

private:
    static constexpr std::string_view line_end = "\r\n";
    static constexpr std::size_t most_digits = std::numeric_limits<std::uint64_t>::digits10 + 1;

    std::array<char, 3 * (1 + most_digits) + line_end.size()> text_;
    char* end_ = text_.data();
};

/// An access may be a little ahead of `now`, as versions are: see CacheOperations.
std::int64_t seconds_since(WallTime accessed, WallTime now) {
    return std::chrono::floor<std::chrono::seconds>(std::max(now, accessed) - accessed).count();
}

std::string_view classic_word(Verb verb) {
    switch (verb) {
        case Verb::remove:
            return "DELETED";
        case Verb::touch:
            return "TOUCHED";
        case Verb::flush_all:
            return "OK";
        default:
            return "STORED";
    }
}

/// Returns whether the outcome is an error, said in the same words by all commands.
bool append_error(std::string& out, const Result& result) {
    switch (result.outcome) {
        case Outcome::non_numeric:
            append_line(out, errors::non_numeric);
            return true;
        case Outcome::too_large:
            append_line(out, errors::too_large);
            return true;
        case Outcome::out_of_memory:
            append_line(out, errors::out_of_memory);
            return true;
        case Outcome::rejected:
        case Outcome::failed:
            out += "SERVER_ERROR ";
            append_line(out, result.message);
            return true;
        default:
            return false;
    }
}

std::string_view meta_word(const Command& command, const Result& result) {
    switch (result.outcome) {
        case Outcome::exists:
            return "EX";
        case Outcome::not_stored:
            return "NS";
        case Outcome::not_found:
            return command.verb == Verb::meta_get ? "EN" : "NF";
        default:
            return "HD";
    }
}

bool is_hidden(const Command& command, const Result& result) {
    if (!command.meta.quiet) return false;
    return command.verb == Verb::meta_get ? result.outcome == Outcome::not_found
                                          : result.outcome == Outcome::done;
}

/// What the flags ask for, in their order. T and N count from where they stand.
class FlagReplies {
public:
    FlagReplies(std::string& out, const Command& command, const Result& result, WallTime now)
        : out_(out),
          command_(command),
          item_(result.item),
          done_(result.outcome == Outcome::done),
          now_(now),
          expires_(item_.expired_before) {}

    void append_all() {
        Words words(command_.meta.text);
        for (auto flag = words.next(); !flag.empty(); flag = words.next()) append(flag);
    }

private:
    void append(std::string_view flag) {
        switch (flag.front()) {
            case 'O':
                out_ += ' ';
                out_ += flag;
                return;
            case 'k':
                out_ += " k";
                out_ += command_.key_text;
                if (command_.meta.base64_key) out_ += " b";
                return;
            case 'c':
                if (command_.verb == Verb::meta_set) return number(" c", done_ ? item_.cas : 0);
                break;
            default:
                break;
        }
        if (done_ && command_.verb != Verb::meta_delete) append_of_item(flag.front());
    }

    void append_of_item(char flag) {
        switch (flag) {
            case 'c':
                return number(" c", item_.cas);
            case 'T':
                expires_ = item_.expires;
                return;
            case 'N':
                if (item_.created) expires_ = expires_at(*command_.meta.vivify, now_);
                return;
            case 't':
                if (command_.verb != Verb::meta_set) number(" t", seconds_left(expires_, now_));
                return;
            case 's':
                if (command_.verb != Verb::meta_arithmetic) number(" s", item_.value.size());
                return;
            default:
                break;
        }
        if (command_.verb == Verb::meta_get) append_of_access(flag);
    }

    void append_of_access(char flag) {
        switch (flag) {
            case 'f':
                return number(" f", item_.flags);
            case 'h':
                out_ += item_.fetched ? " h1" : " h0";
                return;
            case 'l':
                return number(" l", seconds_since(item_.accessed, now_));
            default:
                return;
        }
    }

    void number(std::string_view flag, std::integral auto value) {
        out_ += flag;
        append_number(out_, value);
    }

    std::string& out_;
    const Command& command_;
    const Item& item_;
    const bool done_;
    const WallTime now_;
    WallTime expires_;
};

/// ME <key> exp=… : for people who look for what is wrong.
void append_debug(std::string& out, const Command& command, const Result& result, WallTime now) {
    if (result.outcome != Outcome::done) return append_line(out, "EN");
    const Item& item = result.item;
    out += "ME ";
    out += command.key_text;
    out += " exp=";
    append_number(out, seconds_left(item.expires, now));
    out += " la=";
    append_number(out, seconds_since(item.accessed, now));
    out += " cas=";
    append_number(out, item.cas);
    out += item.fetched ? " fetch=yes cls=1 size=" : " fetch=no cls=1 size=";
    append_number(out, command.key.size() + item.value.size());
    out += "\r\n";
}

}  // namespace

void append_value(std::string& out, std::string_view key, const Result& result, bool with_cas) {
    if (result.outcome != Outcome::done) return;
    const Item& item = result.item;
    Numbers numbers;
    numbers.add(item.flags);
    numbers.add(item.value.size());
    if (with_cas) numbers.add(item.cas);
    numbers.end_line();
    out += "VALUE ";
    out += key;
    out += numbers.text();
    out += item.value;
    out += "\r\n";
}

void append_classic(std::string& out, const Command& command, const Result& result) {
    if (append_error(out, result)) return;
    const bool counts = command.verb == Verb::incr || command.verb == Verb::decr;
    switch (result.outcome) {
        case Outcome::not_found:
            return append_line(out, "NOT_FOUND");
        case Outcome::exists:
            return append_line(out, "EXISTS");
        case Outcome::not_stored:
            return append_line(out, "NOT_STORED");
        default:
            return append_line(out, counts ? result.item.value : classic_word(command.verb));
    }
}

void append_meta(std::string& out, const Command& command, const Result& result, WallTime now) {
    if (command.verb == Verb::meta_debug) return append_debug(out, command, result, now);
    if (append_error(out, result) || is_hidden(command, result)) return;
    const bool has_value =
        result.outcome == Outcome::done && command.meta.value &&
        (command.verb == Verb::meta_get || command.verb == Verb::meta_arithmetic);
    const Item& item = result.item;
    if (has_value) {
        out += "VA ";
        append_number(out, item.value.size());
    } else {
        out += meta_word(command, result);
    }
    FlagReplies(out, command, result, now).append_all();
    if (command.verb == Verb::meta_get) {
        if (item.token_sent) out += " Z";
        if (item.stale) out += " X";
        if (item.won) out += " W";
    }
    out += "\r\n";
    if (has_value) append_line(out, item.value);
}

}  // namespace clacks::memcached
