#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "server/config.hpp"
#include "tests/server/config_support.hpp"

using namespace clacks;
using namespace clacks::server;
namespace fs = std::filesystem;

namespace {

const fs::path configs = CLACKS_CONFIGS;

std::optional<std::string> development_password(const std::string& name) {
    if (name == "CLACKS_PASSWORD") return "secret";
    return std::nullopt;
}

std::string text_of_file(const fs::path& file) {
    std::ifstream in(file);
    REQUIRE(in.is_open());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Config loaded_file(std::string_view name) {
    Loaded result = load_config(configs / name, development_password);
    REQUIRE(printed(result.errors) == "");
    return *std::move(result.config);
}

// The keys a section allows, as its own error message lists them. "" is the top.
std::vector<std::string> allowed_keys(const std::string& section) {
    std::string text = section.empty() ? "nonsense: 1\n" : section + ": {nonsense: 1}\n";
    if (section == "permissions") text = "users: [{name: a}, {permissions: {nonsense: 1}}]\n";
    const std::string errors = printed(parsed(text).errors);
    const std::regex list(R"(unknown key 'nonsense'[^\n]*allowed: ([a-z_0-9, ]+)\n)");
    std::smatch match;
    REQUIRE(std::regex_search(errors, match, list));
    std::vector<std::string> keys;
    const std::string words = match[1];
    const std::regex word("[a-z_0-9]+");
    for (std::sregex_iterator at(words.begin(), words.end(), word), end; at != end; ++at) {
        keys.push_back(at->str());
    }
    return keys;
}

// A directory of its own that goes away with it.
class Directory {
public:
    Directory() {
        std::string pattern = (fs::temp_directory_path() / "clacks-config-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Directory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    fs::path write(std::string_view name, std::string_view text, mode_t mode) const {
        const fs::path file = path_ / name;
        std::ofstream(file) << text;
        REQUIRE(chmod(file.c_str(), mode) == 0);
        return file;
    }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

}  // namespace

TEST_CASE("configs: every file loads") {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(configs)) {
        CAPTURE(entry.path().string());
        if (entry.path().extension() != ".yaml") continue;
        ++count;
        const Loaded result = load_config(entry.path(), development_password);
        CHECK(printed(result.errors) == "");
        CHECK(result.config.has_value());
    }
    CHECK(count >= 4);
}

TEST_CASE("configs: reference.yaml holds the defaults") {
    const Config file = loaded_file("reference.yaml");
    const Config none = loaded("listen: unix://" + (configs / "clacks.sock").string() +
                               "\n"
                               "users: {name: exampleuser, password: unsafepassword}\n");
    const Config code;

    CHECK(file.node.name == none.node.name);
    CHECK(addresses(file) == addresses(none));
    CHECK(users(file) == users(none));
    CHECK(file.net.masters.empty());
    CHECK(code.net.masters.empty());
    CHECK(file.net.threads == code.net.threads);
    CHECK(file.net.gather == code.net.gather);

    CHECK(file.node.timeouts.ping == code.node.timeouts.ping);
    CHECK(file.node.timeouts.authentication == code.node.timeouts.authentication);
    CHECK(file.node.timeouts.stalled_write == code.node.timeouts.stalled_write);
    CHECK(file.node.timeouts.link_ping == code.node.timeouts.link_ping);
    CHECK(file.node.timeouts.keepalive == code.node.timeouts.keepalive);

    CHECK(file.node.limits.connections == code.node.limits.connections);
    CHECK(file.node.limits.unauthenticated == code.node.limits.unauthenticated);
    CHECK(file.node.limits.line_bytes == code.node.limits.line_bytes);
    CHECK(file.node.limits.key_bytes == code.node.limits.key_bytes);
    CHECK(file.node.limits.output_bytes == code.node.limits.output_bytes);
    CHECK(file.node.limits.listens == code.node.limits.listens);
    CHECK(file.node.limits.monitor_bytes == code.node.limits.monitor_bytes);

    CHECK(file.node.cache.deleted == code.node.cache.deleted);
    CHECK(file.node.cache.stale == code.node.cache.stale);
    CHECK(file.node.cache.cleanup == code.node.cache.cleanup);

    CHECK(file.memcached.listen.empty());
    CHECK(file.memcached.item_bytes == code.memcached.item_bytes);
    CHECK(file.memcached.idle_timeout == code.memcached.idle_timeout);
    CHECK(file.memcached.flush_all == code.memcached.flush_all);
    CHECK(file.memcached.shutdown == code.memcached.shutdown);
    CHECK(file.memcached.auth_file == code.memcached.auth_file);
    CHECK(file.memcached.notify.empty());
    CHECK(code.memcached.notify.empty());
    CHECK(file.storage.file == code.storage.file);
    CHECK(file.storage.interval == code.storage.interval);

    CHECK(file.net.tls.certificate == code.net.tls.certificate);
    CHECK(file.net.tls.key == code.net.tls.key);
    CHECK(file.net.tls.ca == code.net.tls.ca);
    CHECK(file.net.tls.client_certificates == code.net.tls.client_certificates);
    CHECK(file.net.tls.minimum_version == code.net.tls.minimum_version);

    CHECK(file.net.links.verify_peer == code.net.links.verify_peer);
    CHECK(file.net.links.reconnect_delay == code.net.links.reconnect_delay);
    CHECK(file.net.links.reconnect_delay_max == code.net.links.reconnect_delay_max);

    CHECK(file.log.level == code.log.level);
    CHECK(file.log.format == code.log.format);
}

TEST_CASE("configs: reference.yaml has every key there is") {
    const std::string reference = text_of_file(configs / "reference.yaml");
    for (const std::string section :
         {"", "tls", "users", "permissions", "listen", "master", "interclacks", "timeouts",
          "limits", "cache", "persistence", "memcached", "log"}) {
        for (const std::string& key : allowed_keys(section)) {
            CAPTURE(section);
            CAPTURE(key);
            CHECK(std::regex_search(reference, std::regex("\\b" + key + ":")));
        }
    }
}

TEST_CASE("configs: the small tree hangs together") {
    const Config master = loaded_file("master.yaml");
    const Config slave = loaded_file("slave.yaml");
    const Config leaf = loaded_file("leaf.yaml");
    REQUIRE(slave.net.masters.size() == 1);
    REQUIRE(leaf.net.masters.size() == 1);
    CHECK(slave.net.masters[0].address == master.net.listen.at(0));
    CHECK(leaf.net.masters[0].address == slave.net.listen.at(0));
    CHECK(leaf.net.listen.size() == 1);
    CHECK(std::holds_alternative<transport::UnixAddress>(leaf.net.listen.at(0)));
    CHECK(slave.net.links.verify_peer);
    CHECK(leaf.net.links.verify_peer);
    CHECK(users(master) == "clacks secret rwmi");
    CHECK(users(slave) == users(master));
    CHECK(users(leaf) == users(master));
}

TEST_CASE("config: a file's paths are relative to its directory, wherever we are") {
    const Directory directory;
    const fs::path file = directory.write(
        "node.yaml", "listen: unix:node.sock\nusers: {name: a, password: b}\n", 0600);
    const Loaded result = load_config(fs::relative(file), no_environment);
    REQUIRE(result.config);
    CHECK(addresses(*result.config) ==
          "unix " + (directory.path() / "node.sock").string() + " 660 ");
}

TEST_CASE("config: a password in a file that everyone may read is a warning") {
    const Directory directory;
    const std::string_view literal = "listen: unix:/s\nusers:\n- name: a\n  password: b\n";
    const std::string_view variable =
        "listen: unix:/s\nusers:\n- name: a\n  password: ${CLACKS_PASSWORD}\n";
    const std::string_view masters =
        "users: {name: a, password: \"${CLACKS_PASSWORD}\"}\n"
        "master: {tls: 'm:1', user: a, password: b}\n";
    const std::string text =
        "a password in a file that every user may read: chmod o-r, or take it "
        "from the environment as ${NAME}\n";
    const auto warnings = [&](std::string_view yaml, mode_t mode) {
        const Loaded result =
            load_config(directory.write("node.yaml", yaml, mode), development_password);
        CHECK(result.config.has_value());
        return printed(result.warnings);
    };
    CHECK(warnings(literal, 0644) == "4: " + text);
    CHECK(warnings(masters, 0604) == "2: " + text);
    CHECK(warnings(literal, 0640) == "");
    CHECK(warnings(variable, 0644) == "");
    CHECK(warnings("listen: unix:/s\n"
                   "users:\n"
                   "- {name: a, password: \"${CLACKS_PASSWORD}\"}\n"
                   "- {name: b, password: 'scrypt:14:8:1:c2FsdHNhbHQ=:aGFzaGhhc2hoYXNoaGFzaA=='}\n",
                   0644) == "");
}

TEST_CASE("config: a file that cannot be read is an error without a line") {
    const Directory directory;
    const fs::path missing = directory.path() / "missing.yaml";
    const Loaded result = load_config(missing, no_environment);
    REQUIRE(result.errors.size() == 1);
    CHECK_FALSE(result.config.has_value());
    CHECK(to_string(result.errors[0]) ==
          missing.string() + ": cannot read the file: No such file or directory");
    CHECK(printed(load_config(directory.path(), no_environment).errors) ==
          "0: cannot read the file: Is a directory\n");
}
