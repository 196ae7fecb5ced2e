#include "protocol/command.hpp"

#include <algorithm>
#include <iterator>

namespace clacks::protocol {
namespace {

struct Halves {
    std::string_view before;  ///< all of the text when the separator is not in it
    std::string_view after;
    bool found;
};

Halves split(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {text, {}, false};
    return {text.substr(0, at), text.substr(at + 1), true};
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find(' ') == std::string_view::npos;
}

bool parse_name_value(std::string_view text, Command& command) {
    const auto [name, value, found] = split(text, '=');
    command.name = name;
    command.value = value;
    return found && is_name(name);
}

// `INCREMENT e=` is the key `e=`, `INCREMENT =5` the key `=5`: as Net::Clacks has it.
bool parse_name_step(std::string_view text, Command& command) {
    command.name = text;
    const std::size_t at = text.rfind('=');
    if (at != std::string_view::npos && at != 0 && at + 1 != text.size()) {
        command.name = text.substr(0, at);
        command.value = text.substr(at + 1);
    }
    return is_name(command.name);
}

bool parse_overhead(std::string_view text, Command& command) {
    const auto [letters, value, found] = split(text, ' ');
    command.flags = Flags(letters);
    command.value = value;
    return !letters.empty();
}

bool parse_keysync(std::string_view text, Command& command) {
    const auto [changed_text, after_changed, has_accessed] = split(text, ' ');
    const auto [accessed_text, after_accessed, has_mode] = split(after_changed, ' ');
    const auto [mode, name_value, has_name] = split(after_accessed, ' ');
    const auto changed = parse_time(changed_text);
    const auto accessed = parse_time(accessed_text);
    if (!changed || !accessed || mode.empty()) return false;
    command.changed = *changed;
    command.accessed = *accessed;
    command.mode = mode;
    return parse_name_value(name_value, command);
}

bool parse_word_name(Arguments shape, std::string_view text, Command& command) {
    const auto [word, rest, found] = split(text, ' ');
    command.mode = word;
    if (!found || word.empty()) return false;
    if (shape == Arguments::word_name_value) return parse_name_value(rest, command);
    command.name = rest;
    return is_name(rest);
}

/// Fills `command` from what follows its verb; false if it does not fit.
bool parse_arguments(Arguments shape, std::string_view text, Command& command) {
    switch (shape) {
        case Arguments::none:
            return text.empty();
        case Arguments::name:
            command.name = text;
            return is_name(text);
        case Arguments::key:
            command.name = text;
            return !text.empty();
        case Arguments::names:
            (is_name(text) ? command.name : command.value) = text;
            return !text.empty();
        case Arguments::text:
            command.value = text;
            return !text.empty();
        case Arguments::maybe_text:
            command.value = text;
            return true;
        case Arguments::word_name:
        case Arguments::word_name_value:
            return parse_word_name(shape, text, command);
        case Arguments::name_value:
            return parse_name_value(text, command);
        case Arguments::name_step:
            return parse_name_step(text, command);
        case Arguments::overhead:
            return parse_overhead(text, command);
        case Arguments::keysync:
            return parse_keysync(text, command);
    }
    return false;
}

void format_name_value(const Command& command, std::string& out) {
    out += command.name;
    out += '=';
    out += command.value;
}

void format_keysync(const Command& command, std::string& out) {
    format_time(command.changed, out);
    out += ' ';
    format_time(command.accessed, out);
    out += ' ';
    out += command.mode;
    out += ' ';
    format_name_value(command, out);
}

void format_arguments(Arguments shape, const Command& command, std::string& out) {
    switch (shape) {
        case Arguments::none:
            return;
        case Arguments::name:
        case Arguments::key:
            out += command.name;
            return;
        case Arguments::text:
        case Arguments::maybe_text:
            out += command.value;
            return;
        case Arguments::names:
            out += command.name.empty() ? command.value : command.name;
            return;
        case Arguments::word_name:
            out += command.mode;
            out += ' ';
            out += command.name;
            return;
        case Arguments::word_name_value:
            out += command.mode;
            out += ' ';
            return format_name_value(command, out);
        case Arguments::name_value:
            return format_name_value(command, out);
        case Arguments::name_step:
            if (!command.value.empty()) return format_name_value(command, out);
            out += command.name;
            return;
        case Arguments::overhead:
            out += command.flags.letters();
            if (command.value.empty()) return;
            out += ' ';
            out += command.value;
            return;
        case Arguments::keysync:
            return format_keysync(command, out);
    }
}

}  // namespace

std::string Flags::letters() const {
    std::string letters;
    std::copy_if(known.begin(), known.end(), std::back_inserter(letters),
                 [this](char c) { return has(c); });
    return letters.empty() ? "Z" : letters;
}

boost::system::result<Command> parse(std::string_view line) {
    const auto [word, text, found] = split(line, ' ');
    const VerbInfo* verb = find_verb(word);
    if (verb == nullptr) return ParseError::unknown_verb;
    Command command{.verb = verb->verb};
    if (!parse_arguments(verb->arguments, text, command)) return ParseError::malformed;
    return command;
}

void format(const Command& command, std::string& out) {
    const VerbInfo& verb = info(command.verb);
    out += verb.word;
    const bool bare = verb.arguments == Arguments::none ||
                      (verb.arguments == Arguments::maybe_text && command.value.empty());
    if (!bare) out += ' ';
    format_arguments(verb.arguments, command, out);
    out += "\r\n";
}

}  // namespace clacks::protocol
