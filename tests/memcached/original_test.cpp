// What we say is what memcached says: the dialogues once more, with the one from the packages.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/memcached/dialogues.hpp"
#include "tests/processes/process.hpp"
#include "tests/processes/stream.hpp"

using namespace clacks::test;

namespace {

constexpr auto program = "/usr/bin/memcached";

/// A memcached of its own, on a unix socket in a directory of its own.
class Original {
public:
    Original() : directory_(make_directory()), process_(command()) {
        process_.wait_for("server listening");
    }
    ~Original() { std::filesystem::remove_all(directory_); }

    Stream connect() const { return Stream::to_unix(socket()); }

private:
    static std::string make_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "memcached-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        return name;
    }
    std::string socket() const { return directory_ + "/socket"; }
    std::vector<std::string> command() const {
        std::vector<std::string> words = {program, "-s", socket(), "-U", "0", "-t", "1", "-vv"};
        if (::geteuid() == 0) words.insert(words.end(), {"-u", "root"});
        return words;
    }

    std::string directory_;
    Process process_;
};

/// What comes back to a request: all that stands before the answer to one more question.
std::string ask(Stream& stream, const std::string& request) {
    const std::string end = "EN kno-such-key\r\n";
    std::string reply;
    stream.write(request + "mg no-such-key k\r\n", reply);
    while (!reply.ends_with(end)) {
        if (!stream.read(reply)) return reply;
    }
    reply.resize(reply.size() - end.size());
    return reply;
}

}  // namespace

TEST_CASE("memcached: Debian's answers as it is written, but where the dialogue says so") {
    if (!std::filesystem::exists(program)) {
        MESSAGE("there is no " << program);
        return;
    }
    for (const Dialogue& dialogue : all_dialogues()) {
        if (dialogue.differs) continue;
        CAPTURE(std::string(dialogue.sentence));
        const Original original;
        Stream stream = original.connect();
        const auto answer = [&](const std::string& request) { return ask(stream, request); };
        CHECK(hold(dialogue, answer) == as_text(dialogue));
    }
}

TEST_CASE("memcached: what is said to differ does") {
    if (!std::filesystem::exists(program)) {
        MESSAGE("there is no " << program);
        return;
    }
    for (const Dialogue& dialogue : all_dialogues()) {
        if (!dialogue.differs || std::string(dialogue.differs).find("may") != std::string::npos) {
            continue;
        }
        CAPTURE(std::string(dialogue.sentence));
        const Original original;
        Stream stream = original.connect();
        const auto answer = [&](const std::string& request) { return ask(stream, request); };
        CHECK(hold(dialogue, answer) != as_text(dialogue));
    }
}
