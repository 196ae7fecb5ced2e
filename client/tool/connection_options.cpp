#include "client/tool/connection_options.hpp"

#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "clacks/url.hpp"
#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> value_of(const Lookup& lookup, const char* name) {
    const char* value = lookup(name);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

bool readable_by_others(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

void warn_if_readable(const fs::path& file, const Warn& warn) {
    if (readable_by_others(file))
        warn("warning: " + file.string() + " holds a password and others can read it (chmod 600 " +
             file.string() + ")");
}

[[noreturn]] void fail_at(const fs::path& file, const YAML::Mark& mark, const std::string& what) {
    throw Failure(ExitCode::usage,
                  file.string() + ":" + std::to_string(mark.line + 1) + ": " + what);
}

/// One file being read: knows where a mistake stands.
class FileReader {
public:
    explicit FileReader(const fs::path& file) : file_(file) {}

    ConnectionOptions read(const YAML::Node& root) {
        if (!root.IsDefined() || root.IsNull()) return {};
        if (!root.IsMap()) fail_at(file_, root.Mark(), "not a mapping (expected: 'key: value')");
        for (const auto& pair : root) take(pair.first, pair.second);
        if (options_.insecure.value_or(false) && options_.ca)
            fail_at(file_, root.Mark(), "'ca' and 'insecure: true' contradict each other");
        if (options_.key && !options_.certificate)
            fail_at(file_, root.Mark(), "'key' needs 'certificate': whose key it is");
        return std::move(options_);
    }

private:
    void take(const YAML::Node& key, const YAML::Node& value) {
        const std::string name = key.IsScalar() ? key.Scalar() : "";
        if (!value.IsScalar())
            fail_at(file_, key.Mark(), "the value of '" + name + "' must be a single one");
        if (name == "url")
            set(options_.url, value.Scalar(), key);
        else if (name == "user")
            set(options_.user, value.Scalar(), key);
        else if (name == "password")
            set(options_.password, value.Scalar(), key);
        else if (name == "ca")
            set(options_.ca, (file_.parent_path() / value.Scalar()).string(), key);
        else if (name == "insecure")
            set(options_.insecure, truth(value), key);
        else if (name == "certificate")
            set(options_.certificate, (file_.parent_path() / value.Scalar()).string(), key);
        else if (name == "key")
            set(options_.key, (file_.parent_path() / value.Scalar()).string(), key);
        else
            fail_at(file_, key.Mark(),
                    "unknown key '" + name +
                        "' (allowed: url, user, password, ca, insecure, certificate, key)");
    }

    template <class T>
    void set(std::optional<T>& option, T value, const YAML::Node& key) {
        if (option) fail_at(file_, key.Mark(), "'" + key.Scalar() + "' is there twice");
        option = std::move(value);
    }

    bool truth(const YAML::Node& value) {
        bool answer = false;
        if (!YAML::convert<bool>::decode(value, answer))
            fail_at(file_, value.Mark(),
                    "'insecure' is '" + value.Scalar() + "' (allowed: true, false)");
        return answer;
    }

    const fs::path& file_;
    ConnectionOptions options_;
};

/// The user in `tls://user@host`, if there is one. Whether the URL is right is seen when it is
/// used.
std::optional<std::string> user_of(const std::optional<std::string>& url) {
    if (!url) return std::nullopt;
    const auto parsed = parse_url(*url);
    return parsed && !parsed->user.empty() ? std::optional(parsed->user) : std::nullopt;
}

void need_readable(const std::optional<std::string>& file, const char* what) {
    if (file && !std::ifstream(*file))
        throw Failure(ExitCode::usage, std::string("cannot read the ") + what + ' ' + *file + ": " +
                                           std::strerror(errno));
}

}  // namespace

std::string without_password(const std::string& text) {
    const auto scheme = text.find("://");
    const auto at = text.rfind('@');
    if (at == text.npos) return text;
    const auto begin = scheme == text.npos || scheme > at ? 0 : scheme + 3;
    const auto colon = text.find(':', begin);
    if (colon == text.npos || colon > at) return text;
    return text.substr(0, colon + 1) + "..." + text.substr(at);
}

ConnectionOptions environment_options(const Lookup& lookup) {
    return {.url = value_of(lookup, "CLACKS_URL"),
            .user = value_of(lookup, "CLACKS_USER"),
            .password = value_of(lookup, "CLACKS_PASSWORD"),
            .ca = value_of(lookup, "CLACKS_CA"),
            .insecure = std::nullopt,
            .certificate = std::nullopt,
            .key = std::nullopt};
}

fs::path client_file(const Lookup& lookup) {
    const fs::path configuration = value_of(lookup, "XDG_CONFIG_HOME").value_or("");
    if (configuration.is_absolute()) return configuration / "clacks" / "client.yaml";
    const auto home = value_of(lookup, "HOME");
    return home ? fs::path(*home) / ".config" / "clacks" / "client.yaml" : fs::path();
}

ConnectionOptions file_options(const fs::path& file, const Warn& warn) {
    std::ifstream stream(file);
    if (!stream) {
        if (errno == ENOENT || errno == ENOTDIR || file.empty()) return {};
        throw Failure(ExitCode::usage,
                      "cannot read " + file.string() + ": " + std::strerror(errno));
    }
    try {
        ConnectionOptions options = FileReader(file).read(YAML::Load(stream));
        if (options.password) warn_if_readable(file, warn);
        return options;
    } catch (const YAML::Exception& e) {
        fail_at(file, e.mark, e.msg);
    }
}

std::string read_password_file(const fs::path& file, const Warn& warn) {
    std::ifstream stream(file);
    std::string password;
    if (!stream || !std::getline(stream, password))
        throw Failure(ExitCode::usage, "--password-file " + file.string() +
                                           ": cannot read a password from it (its first line)");
    if (password.ends_with('\r')) password.pop_back();
    warn_if_readable(file, warn);
    return password;
}

ConnectionOptions merge(ConnectionOptions stronger, const ConnectionOptions& weaker) {
    if (!stronger.user) stronger.user = user_of(stronger.url);
    if (stronger.ca && !stronger.insecure) stronger.insecure = false;
    if (!stronger.url) stronger.url = weaker.url;
    if (!stronger.user) stronger.user = weaker.user;
    if (!stronger.password) stronger.password = weaker.password;
    if (!stronger.insecure) {
        stronger.ca = weaker.ca;
        stronger.insecure = weaker.insecure;
    }
    if (!stronger.certificate) {
        stronger.certificate = weaker.certificate;
        stronger.key = weaker.key;
    }
    return stronger;
}

Options client_options(const ConnectionOptions& joined, const fs::path& file) {
    const std::string where = file.empty() ? "client.yaml" : file.string();
    Options options;
    if (joined.url) options.url = *joined.url;
    if (!parse_url(options.url))
        throw Failure(ExitCode::usage, "'" + without_password(options.url) +
                                           "' is no URL of a node (expected: "
                                           "tls://[user@]host[:port] or unix:///path, never with a "
                                           "password: --password-file or CLACKS_PASSWORD)");
    options.user = joined.user ? *joined.user : user_of(joined.url).value_or("");
    if (options.user.empty())
        throw Failure(
            ExitCode::usage,
            "no user to log in as (give --user, CLACKS_USER, or 'user:' in " + where + ")");
    if (!joined.password && !joined.certificate)
        throw Failure(ExitCode::usage, "no password for user '" + options.user +
                                           "' (give --password-file, CLACKS_PASSWORD, or "
                                           "'password:' in " +
                                           where + ")");
    options.password = joined.password.value_or("");
    need_readable(joined.ca, "CA's certificate");
    need_readable(joined.certificate, "certificate");
    need_readable(joined.key, "key");
    options.ca_file = joined.ca.value_or("");
    options.certificate_file = joined.certificate.value_or("");
    options.key_file = joined.key.value_or("");
    options.verify = !joined.insecure.value_or(false);
    return options;
}

}  // namespace clacks::tool
