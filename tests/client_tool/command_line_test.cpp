#include "client/tool/command_line.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/temporary_directory.hpp"

TEST_CASE("command line: what does not fit is a usage error, said in one line") {
    const std::vector<std::vector<const char*>> rows = {
        {},
        {"nonsense"},
        {"notify"},
        {"notify", "a", "b"},
        {"set", "a"},
        {"store", "a", "b", "c"},
        {"listen"},
        {"listen", "a", "--count", "0"},
        {"listen", "a", "--count", "x"},
        {"retrieve", "a", "--nonsense"},
        {"keys", "--url"},
        {"--ca", "x", "--insecure", "keys"},
        {"certificate"},
        {"certificate", "--out", "x", "--days", "0"},
        {"certificate", "--out", "x", "--client", "a", "--name", "b"},
        {"notify", "a", "clear"},
        {"help", "nonsense"},
        {"--key", "x", "keys"},
        {"--timeout", "0", "--user", "me", "--password-file", "/dev/null", "keys"},
    };
    for (const auto& row : rows) {
        std::string words;
        for (const char* word : row) words += std::string(word) + ' ';
        CAPTURE(words);
        const ToolRun run = run_tool(row);
        CHECK(run.code == 2);
        CHECK(run.data.empty());
        CHECK(run.talk.starts_with("clacks: "));
        CHECK(std::count(run.talk.begin(), run.talk.end(), '\n') == 1);
    }
}

TEST_CASE("command line: a mistake is said with what may have been meant, and with the usage") {
    struct Row {
        std::vector<const char*> arguments;
        const char* words;
    };
    for (const Row& row : {
             Row{{"stor", "a", "1"}, "there is no verb 'stor'; did you mean 'store'?"},
             Row{{"inc", "a"}, "did you mean 'increment'?"},
             Row{{"zzzzzz"}, "there is no verb 'zzzzzz' (usage: clacks [OPTIONS] VERB;"},
             Row{{"get", "a"}, "there is no verb 'get'; did you mean 'retrieve'?"},
             Row{{"help", "lisen"}, "did you mean 'listen'?"},
             Row{{"help", "zzzzzz"}, "(clacks --help lists the verbs)"},
             Row{{"--user", "me", "expire", "a", "0"}, "at most 100 years); or 'never'"},
             Row{{"monitor", "--sample", "2"}, "'2' is no share: a number above 0, at most 1"},
             Row{{"store", "x", "--foo"}, "write -- in front of a value that begins with '-'"},
             Row{{"store", "x", "--foo"}, "(usage: clacks store [OPTIONS] NAME VALUE;"},
             Row{{"keys", "--foooooo"}, "keys has no option '--foooooo' (usage"},
             Row{{"--usr", "x", "status"}, "status has no option '--usr'; did you mean '--user'?"},
             Row{{"keys", "--limt", "5"}, "keys has no option '--limt'; did you mean '--limit'?"},
             Row{{"notify", "x", "y"}, "notify sends no value; set NAME VALUE does"},
             Row{{"store", "x"}, "VALUE is required (usage: clacks store [OPTIONS] NAME VALUE;"},
             Row{{"tls://me:secret@a", "keys"}, "'tls://me:...@a'"},
         }) {
        CAPTURE(row.words);
        const ToolRun run = run_tool(row.arguments);
        CAPTURE(run.talk);
        CHECK(run.code == 2);
        CHECK(run.talk.find(row.words) != std::string::npos);
        CHECK(run.talk.find("secret") == std::string::npos);
    }
}

TEST_CASE("command line: help VERB is what VERB --help is") {
    for (const char* verb : {"listen", "setandstore", "keys", "help"}) {
        CAPTURE(verb);
        const ToolRun asked = run_tool({"help", verb});
        CHECK(asked.code == 0);
        CHECK(asked.data == run_tool({verb, "--help"}).data);
    }
    CHECK(run_tool({"help"}).data == run_tool({"--help"}).data);
}

TEST_CASE("command line: help and version are data and no failure") {
    const ToolRun help = run_tool({"--help"});
    CHECK(help.code == 0);
    CHECK(help.talk.empty());
    for (const std::string word :
         {"notify", "setandstore", "listen", "retrieve", "increment", "monitor", "certificate",
          "passwd", "--url", "CLACKS_PASSWORD"}) {
        CAPTURE(word);
        CHECK(help.data.find(word) != std::string::npos);
    }
    const ToolRun listen = run_tool({"listen", "--help"});
    CHECK(listen.code == 0);
    CHECK(listen.data.find("NAME=VALUE") != std::string::npos);
    const ToolRun version = run_tool({"--version"});
    CHECK(version.code == 0);
    CHECK(version.data.starts_with("clacks "));
}

TEST_CASE("command line: a verb that needs a node says what is missing to reach one") {
    const ToolRun nobody = run_tool({"keys"});
    CHECK(nobody.code == 2);
    CHECK(nobody.talk.starts_with("clacks: no user to log in as"));
    const ToolRun passwordless = run_tool({"keys", "--user", "me"});
    CHECK(passwordless.code == 2);
    CHECK(passwordless.talk.find("CLACKS_PASSWORD") != std::string::npos);
}

TEST_CASE("command line: nobody at the other end is exit code 3, with the URL and advice") {
    TemporaryDirectory directory;
    const std::string url = "unix://" + (directory.path() / "none.sock").string();
    const ToolRun run = run_tool({"notify", "a", "--url", url.c_str()},
                                 {{"CLACKS_USER", "me"}, {"CLACKS_PASSWORD", "p"}});
    CHECK(run.code == 3);
    CHECK(run.talk.starts_with("clacks: cannot connect to " + url + ": "));
    CHECK(run.talk.find("is clacksd running there?") != std::string::npos);
}

TEST_CASE("command line: certificate needs no node and no user, and names what it wrote") {
    TemporaryDirectory directory;
    const std::string out = (directory.path() / "tls").string();
    const ToolRun made = run_tool({"certificate", "--out", out.c_str(), "--name", "localhost",
                                   "--name", "127.0.0.1", "--days", "10"});
    CHECK(made.code == 0);
    CHECK(made.data == "ca=" + out + "/ca.crt\ncertificate=" + out + "/server.crt\nkey=" + out +
                           "/server.key\n");
    CHECK(made.talk == "clacks: made a new CA\n");

    const ToolRun again = run_tool({"certificate", "--out", out.c_str()});
    CHECK(again.code == 2);
    CHECK(again.talk.find("server.crt exists already; --force") != std::string::npos);

    const ToolRun client =
        run_tool({"--json", "certificate", "--out", out.c_str(), "--client", "me"});
    CHECK(client.code == 0);
    CHECK(client.talk.empty());
    CHECK(client.data == R"({"ca":")" + out + R"(/ca.crt","certificate":")" + out +
                             R"(/me.crt","key":")" + out + "/me.key\"}\n");
    CHECK(std::filesystem::exists(out + "/me.key"));
}
