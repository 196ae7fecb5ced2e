#include "server/config_document.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace clacks::server {
namespace {

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

int line_of(const YAML::Mark& mark) { return std::max(mark.line, 0) + 1; }

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string out = "'";
    for (const char c : text.substr(0, longest)) out += is_control(c) ? '?' : c;
    out += text.size() > longest ? "…'" : "'";
    return out;
}

std::string joined(const std::vector<std::string_view>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

std::optional<std::string> text_of(Document& document, const Value& value) {
    if (!value.node || value.node.IsNull()) return std::nullopt;
    if (!value.node.IsScalar()) {
        document.error(value.line, fmt::format("'{}' must be a single value, not a {}", value.name,
                                               value.node.IsMap() ? "map" : "list"));
        return std::nullopt;
    }
    return document.expand(value.node.Scalar(), value.line);
}

Document::Document(const std::filesystem::path& file, const Environment& environment)
    : file_(file.string()),
      directory_(std::filesystem::absolute(file).parent_path()),
      environment_(environment) {}

std::optional<YAML::Node> Document::parse(std::string_view text) {
    try {
        const auto documents = YAML::LoadAll(std::string(text));
        if (documents.size() > 1) {
            error(line_of(documents[1].Mark()), "a second YAML document; one is allowed");
            return std::nullopt;
        }
        if (documents.empty() || documents[0].IsNull()) return YAML::Node(YAML::NodeType::Map);
        if (documents[0].IsMap()) return documents[0];
        error(line_of(documents[0].Mark()), "the file must be a map of keys, like 'name: master'");
    } catch (const YAML::Exception& failure) {
        error(line_of(failure.mark), "not valid YAML: " + failure.msg);
    }
    return std::nullopt;
}

void Document::error(int line, std::string text) {
    errors_.push_back({file_, line, std::move(text)});
}

void Document::warn(int line, std::string text) {
    warnings_.push_back({file_, line, std::move(text)});
}

std::optional<std::string> Document::expand(const std::string& text, int line) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t dollar = text.find("${", at);
        out.append(text, at, dollar - at);
        if (dollar == std::string::npos) break;
        if (dollar > at && text[dollar - 1] == '$') {  // `$${`: the first one is already there
            out += '{';
            at = dollar + 2;
            continue;
        }
        const std::size_t name = dollar + 2;
        const std::size_t end = text.find('}', name);
        const std::string variable = text.substr(name, end - name);
        if (end == std::string::npos || variable.empty() ||
            !std::all_of(variable.begin(), variable.end(), is_name_char)) {
            error(line,
                  "'${' must be followed by the name of an environment variable and '}'; "
                  "for a literal '${' write '$${'");
            return std::nullopt;
        }
        const auto value = environment_(variable);
        if (!value) {
            error(line, fmt::format("the environment variable {} is not set", variable));
            return std::nullopt;
        }
        out += *value;
        at = end + 1;
    }
    return out;
}

std::string Document::absolute(const std::string& path) const {
    return (directory_ / path).lexically_normal().string();
}

void Document::holds_password(int line) {
    if (!password_line_) password_line_ = line;
}

Loaded Document::finish(Config config) && {
    const auto by_line = [](const ConfigError& a, const ConfigError& b) { return a.line < b.line; };
    std::stable_sort(errors_.begin(), errors_.end(), by_line);
    std::stable_sort(warnings_.begin(), warnings_.end(), by_line);
    Loaded loaded{std::nullopt, std::move(errors_), std::move(warnings_)};
    if (loaded.errors.empty()) loaded.config = std::move(config);
    return loaded;
}

}  // namespace clacks::server
