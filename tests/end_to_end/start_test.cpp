#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>

#include "tests/processes/free_port.hpp"
#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

constexpr const char* one_user = "users: [{name: a, password: b}]\n";

/// Runs a node that cannot start with this configuration.
Run run_config(const TemporaryDirectory& directory, const std::string& text,
               const std::vector<std::string>& more = {}) {
    const auto file = directory.write("bad.yaml", text);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    std::vector<std::string> arguments{"--config", file.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_clacksd(arguments);
}

/// What a node says that fails to start: the one line behind the log.
std::string last_words(const Run& run) {
    CAPTURE(run.errors);
    CHECK(run.code == 1);
    CHECK(count_of("clacksd: ", run.errors) == 1);
    const auto begin = run.errors.find("clacksd: ");
    if (begin == std::string::npos) return "";
    CHECK(run.errors.find('\n', begin) == run.errors.size() - 1);
    return run.errors.substr(begin);
}

/// What a node says whose configuration cannot be started, with --check and without.
std::string mistake(const TemporaryDirectory& directory, const std::string& text) {
    const Run checked = run_config(directory, text, {"--check"});
    const Run started = run_config(directory, text);
    CAPTURE(started.errors);
    CHECK(checked.code == 2);
    CHECK(started.code == 1);
    CHECK(started.errors == checked.errors);
    return started.errors;
}

/// `FILE:LINE: ` as mistake() has it.
std::string at_line(const TemporaryDirectory& directory, int line) {
    return (directory.path() / "bad.yaml").string() + ":" + std::to_string(line) + ": ";
}

std::string tls_section(const std::string& certificate, const std::string& key) {
    return "tls: {certificate: " + certificate + ", key: " + key + "}\n";
}

std::string tls_listener() {
    return "listen: [\"tls://127.0.0.1:" + std::to_string(free_port()) + "\"]\n";
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("start: a port in use is one clear line and exit code 1") {
    const NodeProcess node;
    const TemporaryDirectory directory;
    const std::string words = last_words(run_config(
        directory,
        std::string(one_user) + "listen: [\"" + node.tls_url() + "\"]\n" +
            tls_section(certificates().certificate.string(), certificates().key.string())));
    CHECK(words.find("cannot listen on " + node.tls_url()) != std::string::npos);
    CHECK(words.find("in use") != std::string::npos);
}

TEST_CASE("start: a certificate or a key that cannot be used is named with its line") {
    const TemporaryDirectory directory;
    const std::string certificate = certificates().certificate.string();
    const std::string key = certificates().key.string();
    const std::string garbage = directory.write("garbage.pem", "no PEM\n").string();
    const std::string missing = (directory.path() / "missing.pem").string();
    for (const std::string& bad : {garbage, missing, directory.path().string()}) {
        CAPTURE(bad);
        const auto words = [&](const std::string& tls) {
            return mistake(directory, one_user + tls_listener() + tls);
        };
        CHECK(words(tls_section(bad, key))
                  .starts_with(at_line(directory, 3) + "cannot read the certificate " + bad));
        CHECK(words(tls_section(certificate, bad))
                  .starts_with(at_line(directory, 3) + "cannot use the key " + bad));
    }
    CHECK(mistake(directory, one_user + tls_listener() + tls_section(missing, key)) ==
          at_line(directory, 3) + "cannot read the certificate " + missing +
              " (tls.certificate): No such file or directory\n");
}

TEST_CASE("start: a certificate that has expired is warned of, and the node serves") {
    const auto& expired = expired_certificates();
    const std::string words =
        " the certificate " + expired.certificate.string() + " (tls.certificate) expired on 20";
    const TemporaryDirectory directory;
    const Run checked = run_config(
        directory,
        one_user + tls_listener() + tls_section(expired.certificate.string(), expired.key.string()),
        {"--check"});
    CHECK(checked.code == 0);
    CHECK(checked.errors.starts_with(at_line(directory, 3) + "warning:" + words));
    NodeProcess node({.identity = expired});
    node.wait_for("warning:" + words);
    node.signal(SIGHUP);
    node.wait_for("warning config_warning what=");
    node.wait_for(words, 2);
    CHECK(node.connect(Way::unix_socket).line().starts_with("CLACKS "));
}

TEST_CASE("start: a certificate and a key that changed places are said to be no such thing") {
    const TemporaryDirectory directory;
    const std::string words =
        mistake(directory, one_user + tls_listener() +
                               "tls:\n  key: " + certificates().certificate.string() +
                               "\n  certificate: " + certificates().key.string() + "\n");
    CHECK(words.starts_with(at_line(directory, 5) + "cannot read the certificate " +
                            certificates().key.string()));
    CHECK(words.find("holds no certificate in PEM") != std::string::npos);
}

TEST_CASE("start: a key that belongs to another certificate is called that") {
    const TemporaryDirectory directory;
    const std::string certificate = certificates().certificate.string();
    const std::string key = foreign_certificates().key.string();
    const std::string words =
        mistake(directory, one_user + tls_listener() + tls_section(certificate, key));
    CHECK(words.starts_with(at_line(directory, 3)));
    CHECK(words.find("the key " + key) != std::string::npos);
    CHECK(words.find("with the certificate " + certificate) != std::string::npos);
    CHECK(words.find("key values mismatch") != std::string::npos);
}

TEST_CASE("start: a CA that is missing is named with its line") {
    const TemporaryDirectory directory;
    const std::string missing = (directory.path() / "ca.crt").string();
    const std::string words = mistake(
        directory, std::string(one_user) + "master: tls://127.0.0.1:1\ntls: {ca: ca.crt}\n");
    CHECK(words == at_line(directory, 3) + "cannot read the CA certificate " + missing +
                       " (tls.ca): No such file or directory\n");
}

TEST_CASE("start: every file and socket that cannot be used is told at once, in order") {
    const TemporaryDirectory directory;
    const std::string words =
        mistake(directory, std::string(one_user) +
                               "listen:\n- unix:none/a.sock\n- {unix: b.sock, group: no-such}\n"
                               "master: tls://127.0.0.1:1\ntls: {ca: ca.crt}\n");
    CHECK(count_of("\n", words) == 3);
    CHECK(words.find(at_line(directory, 3) + "cannot listen on unix://" +
                     (directory.path() / "none" / "a.sock").string() +
                     ": there is no directory ") == 0);
    CHECK(words.find(at_line(directory, 4) + "cannot listen on unix://" +
                     (directory.path() / "b.sock").string() + ": there is no group 'no-such'\n") !=
          std::string::npos);
    CHECK(words.find(at_line(directory, 6)) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(directory.path() / "b.sock"));
}

TEST_CASE("start: a mistake in the configuration is FILE:LINE and exit code 2") {
    const TemporaryDirectory directory;
    const std::string file = (directory.path() / "bad.yaml").string();
    for (const bool check : {false, true}) {
        const Run run = run_config(
            directory,
            std::string(one_user) + "listen: [unix:a.sock]\n" + "limits: {line: much}\nthreds: 4\n",
            check ? std::vector<std::string>{"--check"} : std::vector<std::string>{});
        CAPTURE(run.errors);
        CHECK(run.code == 2);
        CHECK(run.errors.find(file + ":3: ") != std::string::npos);
        CHECK(run.errors.find("limits.line") != std::string::npos);
        CHECK(run.errors.find(file + ":4: ") != std::string::npos);
        CHECK(run.errors.find("threds") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(directory.path() / "a.sock"));
    }
    const Run missing = run_clacksd({"--config", (directory.path() / "none.yaml").string()});
    CHECK(missing.code == 2);
    CHECK(missing.errors.find("none.yaml: cannot read the file") != std::string::npos);
}

TEST_CASE("start: --check calls a good configuration ok and does not start it") {
    const TemporaryDirectory directory;
    const Run run =
        run_config(directory, std::string(one_user) + "listen: [unix:a.sock]\n", {"--check"});
    CHECK(run.code == 0);
    CHECK(run.errors == (directory.path() / "bad.yaml").string() + ": ok\n");
    CHECK_FALSE(std::filesystem::exists(directory.path() / "a.sock"));
}

TEST_CASE("start: --check finds a database that could not be saved to; a node starts without") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "directory.db");
    const std::string place = directory.path().string();
    const auto said = [&](const std::string& database) {
        const Run run = run_config(directory,
                                   std::string(one_user) + "listen: [unix:a.sock]\npersistence:\n" +
                                       "  file: " + database + "\n",
                                   {"--check"});
        CHECK((run.code == 0) == run.errors.ends_with(": ok\n"));
        return run.errors;
    };
    const auto mistaken = [&](const std::string& why) {
        return at_line(directory, 4) + "'persistence.file': " + why +
               "; a node would not save anything\n";
    };
    CHECK(said("a.db") == place + "/bad.yaml: ok\n");
    CHECK(said("none/a.db") == mistaken("there is no directory " + place + "/none"));
    CHECK(said("bad.yaml/a.db") == mistaken("there is no directory " + place + "/bad.yaml"));
    CHECK(said("directory.db") == mistaken(place + "/directory.db is no file"));
    CHECK_FALSE(std::filesystem::exists(directory.path() / "a.db"));
    NodeProcess node({.more = "persistence: {file: none/a.db}\n"});
    node.wait_for("error database_not_writable");
    CHECK(node.log_in().ask("STATUS").find("persistence=failing") != std::string::npos);
    std::filesystem::create_directory(node.directory() / "none");
    CHECK(node.stop() == 0);
    CHECK(std::filesystem::exists(node.directory() / "none" / "a.db"));
}

TEST_CASE("start: --version and --help answer, and what is no option is exit code 2") {
    const Run version = run_clacksd({"--version"});
    CHECK(version.code == 0);
    CHECK(version.output.starts_with("clacksd 0."));
    const Run help = run_clacksd({"--help"});
    CHECK(help.code == 0);
    CHECK(help.output.find("--config FILE (required)") != std::string::npos);
    CHECK(help.output.find("debug, info, warning or error") != std::string::npos);
    CHECK(std::none_of(help.output.begin(), help.output.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; }));
    CHECK(help.errors == "");
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {}, {"--confg", "x"}, {"--config", "x", "--log-level", "loud"}}) {
        const Run run = run_clacksd(arguments);
        CHECK(run.code == 2);
        CHECK(run.errors.starts_with("clacksd: "));
        CHECK(count_of("\n", run.errors) == 1);
    }
    CHECK(run_clacksd({}).errors.starts_with("clacksd: --config is required"));
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"--confg", "x"}, {"--config", "x", "--confg"}, {"--confg"}}) {
        CHECK(run_clacksd(arguments).errors.starts_with("clacksd: '--confg' is neither an option"));
    }
}

TEST_CASE("start: a unix socket has its mode and goes with its node") {
    NodeProcess node({.listen = "  - {unix: private.sock, mode: \"0600\"}\n"});
    const std::string other = (node.directory() / "private.sock").string();
    CHECK(mode_of(node.socket()) == 0660);
    CHECK(mode_of(other) == 0600);
    CHECK(node.stop() == 0);
    CHECK_FALSE(std::filesystem::exists(node.socket()));
    CHECK_FALSE(std::filesystem::exists(other));
}

TEST_CASE("start: a socket that a dead node left is replaced") {
    NodeProcess node;
    node.kill();
    CHECK(std::filesystem::exists(node.socket()));
    node.start();
    CHECK(node.log_in().flush() == "");
}

TEST_CASE("start: a socket that is served, or a file that is none, is left alone") {
    const NodeProcess node;
    const TemporaryDirectory directory;
    const auto file = directory.write("precious", "data");
    const auto words = [&](const std::string& path) {
        return last_words(
            run_config(directory, std::string(one_user) + "listen: [\"unix:" + path + "\"]\n"));
    };
    CHECK(words(node.socket()).find("in use") != std::string::npos);
    CHECK(node.log_in().flush() == "");
    CHECK(words(file.string()).find("no socket is in the way") != std::string::npos);
    CHECK(contents(file) == "data");
}
