// The flags of meta commands: letters, each followed by its token.
#include <bitset>
#include <limits>

#include "memcached/base64.hpp"
#include "memcached/errors.hpp"
#include "memcached/parser.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

constexpr unsigned most_flags = 20;
constexpr std::size_t longest_opaque = 32;  ///< with its O

template <class Number, class Target>
std::string_view take_number(std::string_view token, Target& target) {
    const auto number = parse_number<Number>(token);
    if (!number) return errors::bad_token;
    target = *number;
    return {};
}

/// Returns what is wrong with it, or nothing.
std::string_view take_flag(char letter, std::string_view token, KeyBuffer& buffer,
                           Command& command) {
    MetaFlags& meta = command.meta;
    switch (letter) {
        case 'b':
            if (const auto key = decode_base64(command.key_text, buffer)) {
                command.key = *key;
                meta.base64_key = true;
                return {};
            }
            return errors::bad_base64;
        case 'N':
            return take_number<std::int64_t>(token, meta.vivify);
        case 'T':
            meta.ttl_after_vivify = meta.vivify.has_value();
            return take_number<std::int64_t>(token, meta.ttl);
        case 'R':
            return take_number<std::int64_t>(token, meta.recache);
        case 'C':
            return take_number<std::uint64_t>(token, meta.compare);
        case 'E':
            return take_number<std::uint64_t>(token, meta.new_cas);
        case 'J':
            return take_number<std::uint64_t>(token, meta.initial);
        case 'D':
            return take_number<std::uint64_t>(token, meta.delta);
        case 'F':
            return take_number<std::uint32_t>(token, meta.client_flags).empty()
                       ? std::string_view()
                       : errors::bad_format;
        case 'M':
            meta.mode = token.empty() ? ' ' : token.front();
            return {};
        case 'v':
            meta.value = true;
            return {};
        case 'q':
            meta.quiet = true;
            return {};
        case 'u':
            meta.no_bump = true;
            return {};
        case 'I':
            meta.invalidate = true;
            return {};
        case 'x':
            meta.remove_value = true;
            return {};
        // Answered from the text; P and L are for whoever passes the command on.
        case 'O':
        case 'P':
        case 'L':
        case 'c':
        case 'f':
        case 'h':
        case 'k':
        case 'l':
        case 's':
        case 't':
            return {};
        default:
            return errors::invalid_flag;
    }
}

/// Of several wrong tokens the last is named, but a wrong letter ends it: as memcached does.
std::string_view take_flags(KeyBuffer& buffer, Command& command) {
    if (command.key_text.size() > longest_key) return errors::bad_format;
    Words words(command.meta.text);
    std::bitset<128> seen;
    std::string_view wrong;
    unsigned count = 0;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        if (++count > most_flags) return errors::too_many_flags;
        const auto letter = static_cast<unsigned char>(word.front());
        if (letter >= seen.size() || seen[letter]) return errors::duplicate_flag;
        seen.set(letter);
        const auto error = take_flag(word.front(), word.substr(1), buffer, command);
        if (error == errors::invalid_flag) return error;
        if (!error.empty()) wrong = error;
    }
    return wrong;
}

std::string_view check_mode(const Command& command) {
    const char mode = command.meta.mode;
    if (mode == 0) return {};
    if (command.verb == Verb::meta_set) {
        return std::string_view("EAPRS").find(mode) == std::string_view::npos ? errors::bad_set_mode
                                                                              : std::string_view();
    }
    if (command.verb == Verb::meta_arithmetic) {
        return std::string_view("ID+-").find(mode) == std::string_view::npos
                   ? errors::bad_arithmetic_mode
                   : std::string_view();
    }
    return {};
}

std::string_view check_opaque(const Command& command) {
    Words words(command.meta.text);
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        if (word.front() == 'O' && word.size() > longest_opaque) return errors::opaque_too_long;
    }
    return {};
}

}  // namespace

std::optional<Refusal> parse_meta(std::string_view text, KeyBuffer& buffer, Command& command) {
    if (command.verb == Verb::meta_noop) return std::nullopt;
    Words words(text);
    command.key_text = words.next();
    command.key = command.key_text;
    if (command.key.empty()) return Refusal{.reply = errors::bad_format};
    Refusal refusal;
    if (command.verb == Verb::meta_set) {
        constexpr std::uint32_t most_bytes = std::numeric_limits<std::int32_t>::max() - 2;
        const auto bytes = parse_number<std::uint32_t>(words.next());
        if (!bytes || *bytes > most_bytes) return Refusal{.reply = errors::bad_format};
        command.has_value = true;
        command.value_bytes = *bytes;
        refusal.value_bytes = *bytes + std::uint64_t{2};
    }
    command.meta.text = words.rest();
    refusal.reply = take_flags(buffer, command);
    if (!refusal.reply.empty() && command.key_text.size() <= longest_key &&
        (command.verb == Verb::meta_delete || command.verb == Verb::meta_arithmetic)) {
        refusal.reply = errors::invalid_or_duplicate_flag;
    }
    if (refusal.reply.empty()) refusal.reply = check_mode(command);
    if (refusal.reply.empty()) refusal.reply = check_opaque(command);
    if (refusal.reply.empty()) return std::nullopt;
    return refusal;
}

}  // namespace clacks::memcached
