#include "memcached/parser.hpp"

#include <limits>

#include "memcached/errors.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

/// How the arguments of a verb are read.
enum class Shape : std::uint8_t { keys, storage, key_number, key, rest };

struct Row {
    std::string_view word;
    Verb verb;
    Shape shape;
};

constexpr std::array rows{
    Row{"get", Verb::get, Shape::keys},
    Row{"set", Verb::set, Shape::storage},
    Row{"add", Verb::add, Shape::storage},
    Row{"cas", Verb::cas, Shape::storage},
    Row{"gat", Verb::gat, Shape::keys},
    Row{"gets", Verb::gets, Shape::keys},
    Row{"gats", Verb::gats, Shape::keys},
    Row{"incr", Verb::incr, Shape::key_number},
    Row{"decr", Verb::decr, Shape::key_number},
    Row{"quit", Verb::quit, Shape::rest},
    Row{"touch", Verb::touch, Shape::key_number},
    Row{"stats", Verb::stats, Shape::rest},
    Row{"watch", Verb::watch, Shape::rest},
    Row{"delete", Verb::remove, Shape::key},
    Row{"append", Verb::append, Shape::storage},
    Row{"prepend", Verb::prepend, Shape::storage},
    Row{"replace", Verb::replace, Shape::storage},
    Row{"version", Verb::version, Shape::rest},
    Row{"shutdown", Verb::shutdown, Shape::rest},
    Row{"flush_all", Verb::flush_all, Shape::rest},
    Row{"verbosity", Verb::verbosity, Shape::rest},
    Row{"lru_crawler", Verb::crawl, Shape::rest},
    Row{"cache_memlimit", Verb::memory_limit, Shape::rest},
};

const Row* find_row(std::string_view word) {
    for (const Row& row : rows) {
        if (row.word == word) return &row;
    }
    return nullptr;
}

bool take_noreply(Words& words, Command& command) {
    return command.noreply = words.last() == "noreply";
}

Refusal refuse(std::string_view why, const Command& command) {
    return {.reply = command.noreply ? std::string_view() : why,
            .value_bytes = command.has_value ? command.value_bytes + std::uint64_t{2} : 0};
}

/// get <key>*, gat <exptime> <key>*. One key that is too long is the answer to all of them.
std::optional<Refusal> parse_keys(Words words, Command& command) {
    const bool touches = command.verb == Verb::gat || command.verb == Verb::gats;
    const std::string_view exptime = touches ? words.next() : std::string_view();
    command.key = words.next();
    command.arguments = words.rest();
    if (command.key.empty()) return refuse(errors::bad_format, command);
    if (touches) {
        const auto number = parse_number<std::int64_t>(exptime);
        if (!number) return refuse(errors::bad_exptime, command);
        command.exptime = *number;
    }
    for (auto key = command.key; !key.empty(); key = words.next()) {
        if (key.size() > longest_key) return refuse(errors::bad_format, command);
    }
    return std::nullopt;
}

/// set <key> <flags> <exptime> <bytes> [noreply], cas <…> <cas unique> [noreply]. When only the
/// size can be read the value is known not to be commands.
std::optional<Refusal> parse_storage(Words words, Command& command) {
    constexpr std::uint32_t most_bytes = std::numeric_limits<std::int32_t>::max() - 2;
    command.key = words.next();
    const auto flags = parse_number<std::uint32_t>(words.next());
    const auto exptime = parse_number<std::int64_t>(words.next());
    const auto bytes = parse_number<std::uint32_t>(words.next());
    if (!bytes || *bytes > most_bytes) return refuse(errors::bad_format, command);
    command.has_value = true;
    command.value_bytes = *bytes;
    take_noreply(words, command);
    if (command.verb == Verb::cas) {
        const auto unique = parse_number<std::uint64_t>(words.next());
        if (!unique) return refuse(errors::bad_format, command);
        command.number = *unique;
    }
    if (!flags || !exptime || command.key.size() > longest_key) {
        return refuse(errors::bad_format, command);
    }
    command.client_flags = *flags;
    command.exptime = *exptime;
    return std::nullopt;
}

/// incr <key> <delta> [noreply], touch <key> <exptime> [noreply]
std::optional<Refusal> parse_key_number(Words words, Command& command) {
    command.key = words.next();
    const std::string_view number = words.next();
    if (number.empty()) return refuse(errors::bad_format, command);
    take_noreply(words, command);
    if (command.key.size() > longest_key) return refuse(errors::bad_format, command);
    if (command.verb == Verb::touch) {
        const auto exptime = parse_number<std::int64_t>(number);
        if (!exptime) return refuse(errors::bad_exptime, command);
        command.exptime = *exptime;
    } else {
        const auto delta = parse_number<std::uint64_t>(number);
        if (!delta) return refuse(errors::bad_delta, command);
        command.number = *delta;
    }
    return std::nullopt;
}

/// delete <key> [noreply]. Old clients say a 0 before it.
std::optional<Refusal> parse_key(Words words, Command& command) {
    command.key = words.next();
    if (command.key.empty() || command.key.size() > longest_key) {
        take_noreply(words, command);
        return refuse(errors::bad_format, command);
    }
    std::string_view word = words.next();
    if (word == "0") word = words.next();
    command.noreply = word == "noreply";
    if (command.noreply) word = words.next();
    return word.empty() ? std::nullopt : std::optional(Refusal{.reply = errors::delete_usage});
}

std::optional<Refusal> parse_rest(Words words, Command& command) {
    take_noreply(words, command);
    command.arguments = words.rest();
    const std::string_view first = Words(words).next();
    if (command.verb == Verb::flush_all && !first.empty() && first != "noreply") {
        const auto delay = parse_number<std::int64_t>(first);
        if (!delay) return refuse(errors::bad_exptime, command);
        command.exptime = *delay;
    }
    if (command.verb == Verb::verbosity && !parse_number<std::uint32_t>(first)) {
        return refuse(errors::bad_format, command);
    }
    if (command.verb == Verb::memory_limit) {
        const auto megabytes = parse_number<std::uint32_t>(first);
        if (!megabytes) return refuse(errors::unknown_command, command);
        command.number = *megabytes;
    }
    return std::nullopt;
}

std::optional<Verb> meta_verb(char letter) {
    switch (letter) {
        case 'g':
            return Verb::meta_get;
        case 's':
            return Verb::meta_set;
        case 'd':
            return Verb::meta_delete;
        case 'a':
            return Verb::meta_arithmetic;
        case 'n':
            return Verb::meta_noop;
        case 'e':
            return Verb::meta_debug;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<Refusal> parse(std::string_view line, KeyBuffer& buffer, Command& command) {
    Words words(line);
    const std::string_view word = words.next();
    if (word.size() == 2 && word[0] == 'm') {
        if (const auto verb = meta_verb(word[1])) {
            command.verb = *verb;
            return parse_meta(words.rest(), buffer, command);
        }
    }
    if (word.size() < 2) return Refusal{.reply = errors::bad_format};
    const Row* const row = find_row(word);
    if (!row) {
        // Whoever takes us for a web server shall not go on to send what may be commands.
        if (words.last().starts_with("HTTP/")) return Refusal{.closes = true};
        return Refusal{.reply = errors::unknown_command};
    }
    command.verb = row->verb;
    switch (row->shape) {
        case Shape::keys:
            return parse_keys(words, command);
        case Shape::storage:
            return parse_storage(words, command);
        case Shape::key_number:
            return parse_key_number(words, command);
        case Shape::key:
            return parse_key(words, command);
        case Shape::rest:
            return parse_rest(words, command);
    }
    return std::nullopt;
}

}  // namespace clacks::memcached
