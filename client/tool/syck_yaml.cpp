#include "client/tool/syck_yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string_view>
#include <utility>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

// The parser makes characters of escapes, we want bytes. So `\xC3` is read as `\U0010F0C3`, a
// character that nobody uses, and made a byte behind the parser. Where a backslash escapes nothing,
// outside of double quotes, the parser leaves that text as it is, and it is made what it was.
constexpr std::string_view stand_in = "\\U0010F0";
constexpr std::string_view character = "\xf4\x8f\x82";       // of U+10F080 to U+10F0BF, and ...
constexpr std::string_view next_character = "\xf4\x8f\x83";  // ... from there to U+10F0FF

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string with_stand_ins(std::string_view yaml) {
    std::string out;
    out.reserve(yaml.size());
    for (std::size_t i = 0; i < yaml.size(); ++i) {
        if (yaml[i] != '\\' || i + 1 == yaml.size()) {
            out += yaml[i];
            continue;
        }
        const bool byte = i + 3 < yaml.size() && yaml[i + 1] == 'x' && is_hex(yaml[i + 2]) &&
                          is_hex(yaml[i + 3]) && yaml[i + 2] >= '8';
        out += byte ? stand_in : yaml.substr(i, 2);
        ++i;
    }
    return out;
}

std::string without_stand_ins(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view front = text.substr(0, character.size());
        if (text.starts_with(stand_in)) {
            out += "\\x";
            text.remove_prefix(stand_in.size());
        } else if (text.size() > front.size() && (front == character || front == next_character)) {
            const auto low = static_cast<unsigned char>(text[front.size()]);
            out += static_cast<char>(front == character ? low : low + 0x40);
            text.remove_prefix(front.size() + 1);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

[[noreturn]] void fail_at(const YAML::Mark& mark, const std::string& why) {
    throw Failure(ExitCode::usage, "line " + std::to_string(mark.line + 1) + ": " + why);
}

/// The parser's events, put together to items.
class ItemBuilder final : public YAML::EventHandler {
public:
    explicit ItemBuilder(const std::function<void(const SyckItem&)>& take) : take_(take) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { scalar(mark, std::nullopt); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  const std::string& value) override {
        scalar(mark, without_stand_ins(value));
    }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        const bool fits = depth_ == 0 || (depth_ == 1 && key_);
        if (!fits) fail_at(mark, "a mapping where a text should be");
        ++depth_;
        if (depth_ == 2) {
            item_.key = *std::exchange(key_, std::nullopt);
            item_.fields.clear();
        }
    }
    void OnMapEnd() override {
        if (--depth_ == 1) take_(item_);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        fail_at(mark, "an alias where a text should be");
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        fail_at(mark, "a list where a text should be");
    }
    void OnSequenceEnd() override {}

private:
    void scalar(const YAML::Mark& mark, std::optional<std::string> text) {
        if (depth_ == 0) fail_at(mark, "it is no mapping");
        if (!key_) {
            key_ = text.value_or("~");
            if (depth_ == 1) item_.line = static_cast<std::size_t>(mark.line) + 1;
            return;
        }
        const std::string key = *std::exchange(key_, std::nullopt);
        if (depth_ == 2) {
            item_.fields.insert_or_assign(key, std::move(text));
            return;
        }
        item_.key = key;
        item_.fields.clear();
        item_.fields.emplace("", std::move(text));
        take_(item_);
    }

    const std::function<void(const SyckItem&)>& take_;
    int depth_ = 0;
    std::optional<std::string> key_;  ///< its value comes next
    SyckItem item_;
};

}  // namespace

void read_syck(const std::string& yaml, const std::function<void(const SyckItem&)>& take) {
    std::istringstream input(with_stand_ins(yaml));
    ItemBuilder builder(take);
    try {
        if (!YAML::Parser(input).HandleNextDocument(builder))
            throw Failure(ExitCode::usage, "there is no YAML in it");
    } catch (const YAML::Exception& error) {
        fail_at(error.mark, error.msg);
    }
}

}  // namespace clacks::tool
