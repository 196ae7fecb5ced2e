// How many round trips the tool needs: the node is silent until it has heard the question.
#include <doctest/doctest.h>

#include <future>

#include "tests/client/fake_node.hpp"
#include "tests/client_tool/run_tool.hpp"

namespace {

struct Talk {
    std::vector<const char*> arguments;
    const char* question;
    const char* answer;
    const char* printed;
};

}  // namespace

TEST_CASE("tool: the question goes out with the login") {
    for (const Talk& talk : {
             Talk{{"retrieve", "a"}, "RETRIEVE a | FLUSH c1", "RETRIEVED a=1\nFLUSHED c1\n", "1\n"},
             Talk{{"store", "a", "1"}, "STORE a=1 | FLUSH c1", "FLUSHED c1\n", ""},
             Talk{{"retrieve", "a", "b"},
                  "RETRIEVEMANY a b | FLUSH c1",
                  "RETRIEVED a=1\nRETRIEVED b=2\nFLUSHED c1\n",
                  "a=1\nb=2\n"},
             Talk{{"increment", "n"},
                  "INCREMENTANDRETRIEVE n=1 | FLUSH c1",
                  "RETRIEVED n=3\nFLUSHED c1\n",
                  "3\n"},
             Talk{{"listen", "a", "--count", "1"},
                  "LISTEN a | FLUSH c1",
                  "FLUSHED c1\nSET a=1\n",
                  "a=1\n"},
         }) {
        CAPTURE(talk.question);
        FakeNode node;
        const std::map<std::string, std::string> environment = {{"CLACKS_URL", node.options().url},
                                                                {"CLACKS_PASSWORD", "secret"}};
        auto run =
            std::async(std::launch::async, [&] { return run_tool(talk.arguments, environment); });
        Peer peer = node.accepts();
        peer.reads(4);
        CHECK(peer.reads(2) == talk.question);
        peer.says("CLACKS node\nOVERHEAD O Welcome!\nFEATURES " + std::string(all_features) +
                  "\nFLUSHED c0\n" + talk.answer);
        const ToolRun result = run.get();
        CHECK(result.code == 0);
        CHECK(result.data == talk.printed);
    }
}
