#include "client/tool/connection_options.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "client/tool/failure.hpp"
#include "tests/client_tool/temporary_directory.hpp"

using namespace clacks::tool;
namespace fs = std::filesystem;

namespace {

Lookup environment(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const char* name) -> const char* {
        const auto it = variables.find(name);
        return it == variables.end() ? nullptr : it->second.c_str();
    };
}

/// A client.yaml that was read: what it said, and what was warned about.
struct Reading {
    ConnectionOptions options;
    std::vector<std::string> warnings;
};
Reading read(const fs::path& file) {
    Reading reading;
    reading.options = file_options(
        file, [&](const std::string& warning) { reading.warnings.push_back(warning); });
    return reading;
}

std::string mistake_in(const std::string& yaml) {
    TemporaryDirectory directory;
    const fs::path file = directory.write("client.yaml", yaml);
    try {
        read(file);
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::usage);
        const std::string what = failure.what();
        REQUIRE(what.starts_with(file.string() + ":"));
        return what.substr(file.string().size() + 1);
    }
    return "";
}

std::string mistake_of(const ConnectionOptions& options) {
    try {
        client_options(options, "/home/me/client.yaml");
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::usage);
        return failure.what();
    }
    return "";
}

ConnectionOptions with_url(const char* url) {
    ConnectionOptions options;
    options.url = url;
    return options;
}

ConnectionOptions with_user(const char* user) {
    ConnectionOptions options;
    options.user = user;
    return options;
}

}  // namespace

TEST_CASE("options: each of url, user, password and ca comes from the strongest that has it") {
    const ConnectionOptions empty;
    ConnectionOptions full;
    full.url = "tls://full";
    full.user = "full";
    full.password = "full";
    full.ca = "full";
    ConnectionOptions other;
    other.url = "tls://other";
    other.user = "other";
    other.password = "other";
    other.ca = "other";

    for (const auto& [stronger, weaker, want] : {std::tuple{full, other, "full"},
                                                 {other, full, "other"},
                                                 {full, empty, "full"},
                                                 {empty, other, "other"}}) {
        const ConnectionOptions joined = merge(stronger, weaker);
        CHECK(joined.url == std::string("tls://") + want);
        CHECK(joined.user == want);
        CHECK(joined.password == want);
        CHECK(joined.ca == want);
    }
}

TEST_CASE("options: the user in a URL is as strong as the URL, and weaker than a user beside it") {
    struct Row {
        ConnectionOptions stronger;
        ConnectionOptions weaker;
        std::string want;
    };
    ConnectionOptions both = with_url("tls://inside@a");
    both.user = "beside";
    for (const Row& row : {Row{with_url("tls://inside@a"), with_user("weak"), "inside"},
                           Row{with_user("strong"), with_url("tls://inside@a"), "strong"},
                           Row{{}, with_url("unix://inside@/a"), "inside"},
                           Row{both, with_user("weak"), "beside"}, Row{{}, both, "beside"}}) {
        CAPTURE(row.want);
        ConnectionOptions joined = merge(row.stronger, row.weaker);
        joined.password = "p";
        CHECK(client_options(joined, {}).user == row.want);
    }
}

TEST_CASE("options: the user of a URL that is not used is nobody") {
    const auto joined = merge(with_url("tls://a"), with_url("tls://inside@b"));
    CHECK(mistake_of(joined).starts_with("no user"));
}

TEST_CASE("options: whoever names a ca answers for insecure, and the reverse") {
    TemporaryDirectory directory;
    ConnectionOptions ca;
    ca.ca = directory.write("ca.crt", "").string();
    ConnectionOptions insecure;
    insecure.insecure = true;
    ConnectionOptions rest = with_user("me");
    rest.password = "p";

    const auto verified = client_options(merge(merge(ca, rest), insecure), {});
    CHECK(verified.verify);
    CHECK(verified.ca_file == *ca.ca);
    const auto any = client_options(merge(merge(insecure, rest), ca), {});
    CHECK_FALSE(any.verify);
    CHECK(any.ca_file.empty());
    CHECK(client_options(rest, {}).verify);
}

TEST_CASE("options: the URL defaults to the library's, and one that is none is refused") {
    ConnectionOptions options = with_user("me");
    options.password = "p";
    CHECK(client_options(options, {}).url == clacks::Options{}.url);
    for (const std::string url : {"", "localhost", "http://a", "tls://", "tls://me:secret@a",
                                  "unix://a", "tls://a:99999"}) {
        CAPTURE(url);
        options.url = url;
        CHECK(mistake_of(options).find("is no URL of a node") != std::string::npos);
        CHECK(mistake_of(options).find("secret") == std::string::npos);
    }
}

TEST_CASE("options: a password in what is no URL is not shown, the rest is") {
    const std::pair<const char*, const char*> rows[] = {
        {"tls://me:secret@a", "tls://me:...@a"},
        {"tls://me:se@cret:x@a:1", "tls://me:...@a:1"},
        {"me:secret@a", "me:...@a"},
        {"tls://me@a:99999", "tls://me@a:99999"},
        {"http://a:1", "http://a:1"},
    };
    for (const auto& [text, shown] : rows) CHECK(without_password(text) == shown);
}

TEST_CASE("options: a certificate stands for the password, and its files must be there") {
    TemporaryDirectory directory;
    ConnectionOptions options = with_user("me");
    options.certificate = directory.write("me.crt", "").string();
    CHECK(client_options(options, {}).certificate_file == *options.certificate);
    CHECK(client_options(options, {}).password.empty());
    options.key = "/nowhere/me.key";
    CHECK(mistake_of(options) == "cannot read the key /nowhere/me.key: No such file or directory");
    options.certificate = "/nowhere/me.crt";
    CHECK(mistake_of(options) ==
          "cannot read the certificate /nowhere/me.crt: No such file or directory");
}

TEST_CASE("options: whoever names a certificate answers for its key") {
    ConnectionOptions stronger;
    stronger.certificate = "strong.crt";
    ConnectionOptions weaker;
    weaker.certificate = "weak.crt";
    weaker.key = "weak.key";
    CHECK_FALSE(merge(stronger, weaker).key);
    CHECK(merge({}, weaker).key == "weak.key");
    CHECK(merge({}, weaker).certificate == "weak.crt");
}

TEST_CASE("options: a CA's file that cannot be read is named") {
    ConnectionOptions options = with_user("me");
    options.password = "p";
    options.ca = "/nowhere/ca.crt";
    CHECK(mistake_of(options) ==
          "cannot read the CA's certificate /nowhere/ca.crt: No such file or directory");
}

TEST_CASE("options: without user or password the sentence says where they may stand") {
    CHECK(mistake_of({}) ==
          "no user to log in as (give --user, CLACKS_USER, or 'user:' in /home/me/client.yaml)");
    CHECK(mistake_of(with_user("me")) ==
          "no password for user 'me' (give --password-file, CLACKS_PASSWORD, or 'password:' in "
          "/home/me/client.yaml)");
}

TEST_CASE("environment: the four variables count unless they are empty") {
    const auto options = environment_options(environment({{"CLACKS_URL", "tls://a"},
                                                          {"CLACKS_USER", "me"},
                                                          {"CLACKS_PASSWORD", "secret"},
                                                          {"CLACKS_CA", ""}}));
    CHECK(options.url == "tls://a");
    CHECK(options.user == "me");
    CHECK(options.password == "secret");
    CHECK_FALSE(options.ca);
    CHECK_FALSE(options.insecure);
}

TEST_CASE("client.yaml: it lies in XDG_CONFIG_HOME, else below HOME") {
    CHECK(client_file(environment({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}})) ==
          "/x/clacks/client.yaml");
    CHECK(client_file(environment({{"XDG_CONFIG_HOME", "relative"}, {"HOME", "/h"}})) ==
          "/h/.config/clacks/client.yaml");
    CHECK(client_file(environment({{"HOME", "/h"}})) == "/h/.config/clacks/client.yaml");
    CHECK(client_file(environment({})).empty());
}

TEST_CASE("client.yaml: its keys are read, a ca is relative to the file") {
    TemporaryDirectory directory;
    const auto file =
        directory.write("client.yaml", "url: tls://a:1\nuser: me\npassword: 12345\nca: ca.crt\n");
    fs::permissions(file, fs::perms::owner_read);
    const Reading reading = read(file);
    CHECK(reading.options.url == "tls://a:1");
    CHECK(reading.options.user == "me");
    CHECK(reading.options.password == "12345");
    CHECK(reading.options.ca == (directory.path() / "ca.crt").string());
    CHECK_FALSE(reading.options.insecure);
    CHECK(reading.warnings.empty());

    const Reading shown = read(directory.write("shown.yaml", "certificate: c\nkey: k\n"));
    CHECK(shown.options.certificate == (directory.path() / "c").string());
    CHECK(shown.options.key == (directory.path() / "k").string());

    const auto absolute = directory.write("absolute.yaml", "ca: /etc/ca.crt\n");
    CHECK(read(absolute).options.ca == "/etc/ca.crt");
    CHECK(read(directory.write("insecure.yaml", "insecure: yes\n")).options.insecure == true);
}

TEST_CASE("client.yaml: a missing and an empty one say nothing") {
    TemporaryDirectory directory;
    CHECK_FALSE(read(directory.path() / "none.yaml").options.url);
    CHECK_FALSE(read(directory.write("file", "") / "below.yaml").options.url);
    CHECK_FALSE(read(directory.write("empty.yaml", "# nothing\n")).options.url);
    CHECK_FALSE(read({}).options.url);
}

TEST_CASE("client.yaml: a password that others can read is warned about, anything else is not") {
    TemporaryDirectory directory;
    const auto secret = directory.write("secret.yaml", "password: p\n");
    const auto open = directory.write("open.yaml", "url: tls://a\n");
    fs::permissions(open, fs::perms(0644));
    for (const auto& [mode, warnings] : {std::pair{0600U, 0U}, {0640U, 1U}, {0604U, 1U}}) {
        CAPTURE(mode);
        fs::permissions(secret, fs::perms(mode));
        const Reading reading = read(secret);
        CHECK(reading.warnings.size() == warnings);
    }
    CHECK(read(open).warnings.empty());
}

TEST_CASE("client.yaml: a mistake is said with its line and what is allowed") {
    CHECK(
        mistake_in("user: me\npasword: p\n") ==
        "2: unknown key 'pasword' (allowed: url, user, password, ca, insecure, certificate, key)");
    CHECK(mistake_in("user: me\nkey: me.key\n") == "1: 'key' needs 'certificate': whose key it is");
    CHECK(mistake_in("\ninsecure: maybe\n") == "2: 'insecure' is 'maybe' (allowed: true, false)");
    CHECK(mistake_in("url: [a, b]\n") == "1: the value of 'url' must be a single one");
    CHECK(mistake_in("user: a\nuser: b\n") == "2: 'user' is there twice");
    CHECK(mistake_in("just text\n") == "1: not a mapping (expected: 'key: value')");
    CHECK(mistake_in("ca: a\ninsecure: true\n") ==
          "1: 'ca' and 'insecure: true' contradict each other");
    CHECK(mistake_in("user: me\n  : : [\n").starts_with("2: "));
}

TEST_CASE("password file: its first line counts, without the line end") {
    TemporaryDirectory directory;
    for (const std::string text : {"secret\n", "secret", "secret\r\n", "secret\nsecond line\n"}) {
        CAPTURE(text);
        const auto file = directory.write("password", text);
        fs::permissions(file, fs::perms(0600));
        std::vector<std::string> warnings;
        const Warn warn = [&](const std::string& warning) { warnings.push_back(warning); };
        CHECK(read_password_file(file, warn) == "secret");
        CHECK(warnings.empty());
        fs::permissions(file, fs::perms(0644));
        read_password_file(file, warn);
        CHECK(warnings.size() == 1);
    }
}

TEST_CASE("password file: a missing or empty one is named") {
    TemporaryDirectory directory;
    const Warn ignore = [](const std::string&) {};
    CHECK_THROWS_WITH_AS(read_password_file(directory.path() / "none", ignore),
                         doctest::Contains("none"), Failure);
    CHECK_THROWS_AS(read_password_file(directory.write("empty", ""), ignore), Failure);
}
