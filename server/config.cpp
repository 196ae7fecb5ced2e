#include "server/config.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "server/config_document.hpp"
#include "server/config_sections.hpp"

namespace clacks::server {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
    return name.data();
}

Loaded unreadable(const std::filesystem::path& file, std::error_code why) {
    return {std::nullopt, {{file.string(), 0, "cannot read the file: " + why.message()}}, {}};
}

std::error_code last_error() { return {errno, std::generic_category()}; }

// Others than its owner and group may read the file.
bool readable_by_all(const std::filesystem::path& file) {
    struct stat status {};
    return stat(file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

Loaded read(Document document, std::string_view text, bool readable) {
    Config config;
    if (const auto top = document.parse(text)) read_config(document, *top, config);
    if (config.node.name.empty()) config.node.name = host_name();
    if (readable && document.password_line()) {
        document.warn(*document.password_line(),
                      "a password in a file that every user may read: chmod o-r, or take it from "
                      "the environment as ${NAME}");
    }
    return std::move(document).finish(std::move(config));
}

}  // namespace

std::string to_string(const ConfigError& error) {
    if (error.line == 0) return fmt::format("{}: {}", error.file, error.text);
    return fmt::format("{}:{}: {}", error.file, error.line, error.text);
}

std::string to_warning(const ConfigError& error) {
    return to_string(ConfigError{error.file, error.line, "warning: " + error.text});
}

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

Loaded load_config(const std::filesystem::path& file, const Environment& environment) {
    std::error_code why;
    if (std::filesystem::is_directory(file, why)) {
        return unreadable(file, std::make_error_code(std::errc::is_a_directory));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable(file, last_error());
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad()) return unreadable(file, last_error());
    return read(Document(file, environment), text.view(), readable_by_all(file));
}

Loaded parse_config(std::string_view text, const std::filesystem::path& file,
                    const Environment& environment) {
    return read(Document(file, environment), text, false);
}

}  // namespace clacks::server
