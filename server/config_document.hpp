#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.hpp"

// A configuration file while it is read, so that every mistake is found, with its line, in one go.
// Which keys there are: config_sections.cpp.
namespace clacks::server {

/// A file being read: where it is, and what was wrong with it so far.
class Document {
public:
    Document(const std::filesystem::path& file, const Environment& environment);

    /// The map at the top of `text`. Nothing, and an error, if there is none.
    std::optional<YAML::Node> parse(std::string_view text);

    void error(int line, std::string text);
    void warn(int line, std::string text);

    /// `text` with each `${NAME}` replaced, `$${` by `${`. Nothing, and an error, if that fails.
    std::optional<std::string> expand(const std::string& text, int line);

    /// `path` as it is if absolute, else below the file's directory. Absolute either way.
    std::string absolute(const std::string& path) const;

    /// Remembers that a password stands in the file itself, at `line`.
    void holds_password(int line);
    std::optional<int> password_line() const { return password_line_; }

    /// Errors and warnings in the order of their lines.
    Loaded finish(Config config) &&;

private:
    std::string file_;
    std::filesystem::path directory_;
    const Environment& environment_;
    std::vector<ConfigError> errors_;
    std::vector<ConfigError> warnings_;
    std::optional<int> password_line_;
};

/// A value and its name for messages. A null value (`key:` with nothing behind it) is as good as
/// none: what it stands for keeps its default.
struct Value {
    YAML::Node node;
    int line = 0;
    std::string name;
};

/// The text of a scalar, with `${NAME}` replaced. Nothing if it is null; nothing, and an error, if
/// it is a map or a list.
std::optional<std::string> text_of(Document& document, const Value& value);

/// The line of a mark, from 1; yaml-cpp counts from 0, and from -1 where it does not know.
int line_of(const YAML::Mark& mark);

bool is_control(char c);

/// `text` in quotes, without control characters and not too long, for messages.
std::string in_quotes(std::string_view text);

/// `a, b, c`.
std::string joined(const std::vector<std::string_view>& words);

}  // namespace clacks::server
