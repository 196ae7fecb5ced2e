// The program of examples/memcached.
#include <doctest/doctest.h>
#include <unistd.h>
#include <csignal>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/memcached/serving.hpp"
#include "tests/processes/process.hpp"

using namespace clacks::test;

TEST_CASE("example: a directory of files is a memcached") {
    std::string directory =
        (std::filesystem::temp_directory_path() / "memcached-files-XXXXXX").string();
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    std::ofstream(directory + "/there") << "already";
    const std::string socket = directory + "/.socket";
    {
        Process program({FILES_PROGRAM, directory, "unix://" + socket});
        program.wait_for("listening on unix://");
        auto client = Stream::to_unix(socket);
        CHECK(ask(client, "get there\r\n") == "VALUE there 0 7\r\nalready\r\nEND\r\n");
        CHECK(ask(client, "set new 0 0 4\r\na\r\nb\r\nappend new 0 0 1\r\nc\r\n") ==
              "STORED\r\nSTORED\r\n");
        std::ifstream file(directory + "/new", std::ios::binary);
        CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "a\r\nbc");
        CHECK(ask(client, "delete there\r\nget there\r\n") == "DELETED\r\nEND\r\n");
        CHECK_FALSE(std::filesystem::exists(directory + "/there"));
        CHECK(ask(client, "get ../etc .socket\r\nset ../x 0 0 1\r\nx\r\n") ==
              "END\r\nSERVER_ERROR not the name of a file\r\n");
        program.signal(SIGTERM);
        CHECK(program.wait() == 0);
    }
    CHECK_FALSE(std::filesystem::exists(socket));
    std::filesystem::remove_all(directory);
    const Run without = run({FILES_PROGRAM, "/tmp"});
    CHECK(without.code == 2);
    const Run elsewhere = run({FILES_PROGRAM, "/tmp", "tcp://0.0.0.0:0"});
    CHECK(elsewhere.code == 1);
    CHECK(elsewhere.errors.find("without TLS only on this machine") != std::string::npos);
}
