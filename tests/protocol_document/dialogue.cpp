#include "tests/protocol_document/dialogue.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace clacks::protocol_document {
namespace {

constexpr std::string_view indentation = "    ";

struct Line {
    int number;
    std::string text;
};

bool is_actor(char c) { return c >= 'A' && c <= 'Z'; }

bool looks_like_dialogue(const Line& line) {
    const std::string_view text = line.text;
    if (text.starts_with("# ")) return true;
    return text.size() >= 2 && is_actor(text[0]) && (text[1] == '>' || text[1] == '<');
}

/// What stands between `before` and `after`, if `text` begins and ends with them.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
    if (text.size() < before.size() + after.size()) return std::nullopt;
    if (!text.starts_with(before) || !text.ends_with(after)) return std::nullopt;
    text.remove_prefix(before.size());
    text.remove_suffix(after.size());
    return text;
}

std::optional<Step> parse_speech(std::string_view text) {
    if (text.size() < 4 || !is_actor(text[0]) || text[2] != ' ') return std::nullopt;
    if (text[1] != '>' && text[1] != '<') return std::nullopt;
    Step step;
    step.kind = text[1] == '>' ? Step::Kind::send : Step::Kind::receive;
    step.actor = text[0];
    if (text.substr(3) != "(empty line)") step.text = text.substr(3);
    return step;
}

std::optional<Step> parse_event(std::string_view text) {
    struct Form {
        std::string_view before;
        std::string_view after;
        Step::Kind kind;
        bool has_time;
    };
    static constexpr Form forms[] = {
        {"# ", " connects", Step::Kind::connect, false},
        {"# the node connects to ", "", Step::Kind::connect_to_master, false},
        {"# ", " goes away", Step::Kind::leave, false},
        {"# ", " is closed", Step::Kind::closed, false},
        {"# ", " s pass", Step::Kind::pass, true},
        {"# the node stops in ", " s", Step::Kind::stop, true},
    };
    for (const Form& form : forms) {
        const auto word = between(text, form.before, form.after);
        if (!word) continue;
        Step step;
        step.kind = form.kind;
        if (!form.has_time) {
            if (word->size() != 1 || !is_actor(word->front())) continue;
            step.actor = word->front();
            return step;
        }
        long seconds = 0;
        const auto [end, error] =
            std::from_chars(word->data(), word->data() + word->size(), seconds);
        if (error != std::errc() || end != word->data() + word->size()) continue;
        step.time = std::chrono::seconds(seconds);
        return step;
    }
    return std::nullopt;
}

/// Joins each line that ends in a backslash with the next one, without the next one's blanks.
std::vector<Line> joined(const std::vector<Line>& block) {
    std::vector<Line> result;
    bool open = false;
    for (const Line& line : block) {
        if (open) {
            result.back().text +=
                line.text.substr(std::min(line.text.find_first_not_of(' '), line.text.size()));
        } else {
            result.push_back(line);
        }
        open = result.back().text.ends_with('\\');
        if (open) result.back().text.pop_back();
    }
    return result;
}

void parse_block(const std::vector<Line>& block, Dialogues& result) {
    if (std::none_of(block.begin(), block.end(), looks_like_dialogue)) return;
    Dialogue dialogue;
    for (const Line& line : joined(block)) {
        auto step = line.text.starts_with('#') ? parse_event(line.text) : parse_speech(line.text);
        if (!step) {
            result.not_understood.push_back(std::to_string(line.number) + ": " + line.text);
            continue;
        }
        step->line = line.number;
        dialogue.steps.push_back(std::move(*step));
    }
    if (!dialogue.steps.empty()) result.all.push_back(std::move(dialogue));
}

}  // namespace

Dialogues dialogues(const std::vector<std::string>& document) {
    Dialogues result;
    std::vector<Line> block;
    int number = 0;
    for (const std::string& line : document) {
        ++number;
        if (line.starts_with(indentation)) {
            block.push_back({number, line.substr(indentation.size())});
            continue;
        }
        parse_block(block, result);
        block.clear();
    }
    parse_block(block, result);
    return result;
}

}  // namespace clacks::protocol_document
