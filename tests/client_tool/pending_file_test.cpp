#include "client/tool/pending_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "tests/client_tool/temporary_directory.hpp"

using clacks::tool::PendingFile;

namespace {

bool has_nothing(const TemporaryDirectory& directory) {
    return std::filesystem::is_empty(directory.path());
}

}  // namespace

TEST_CASE("pending file: nobody sees it before it is complete") {
    const TemporaryDirectory directory;
    const auto target = directory.path() / "file";
    PendingFile file(target);
    file.write("con");
    CHECK_FALSE(std::filesystem::exists(target));
    struct stat about {};
    REQUIRE(::stat(file.path().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    file.write("tent");
    file.move_into_place(0640, false);
    CHECK(contents(target) == "content");
    REQUIRE(::stat(target.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0640);
}

TEST_CASE("pending file: what is given up leaves nothing") {
    const TemporaryDirectory directory;
    PendingFile(directory.path() / "file").write("content");
    CHECK(has_nothing(directory));
}

TEST_CASE("pending file: what is there is replaced only when asked for") {
    const TemporaryDirectory directory;
    const auto target = directory.write("file", "old");
    {
        PendingFile file(target);
        file.write("new");
        CHECK_THROWS_AS(file.move_into_place(0600, false), std::system_error);
    }
    CHECK(contents(target) == "old");
    PendingFile file(target);
    file.write("new");
    file.move_into_place(0600, true);
    CHECK(contents(target) == "new");
}

TEST_CASE("pending file: a process that is ended by Ctrl-C leaves nothing") {
    const TemporaryDirectory directory;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const pid_t child = ::fork();
        if (child == 0) {
            // Not the test's, and what its parent ignores.
            ::signal(signal, SIG_DFL);
            PendingFile file(directory.path() / "file");
            if (::access(file.path().c_str(), F_OK) == 0) ::raise(signal);
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
        CHECK(has_nothing(directory));
    }
}
