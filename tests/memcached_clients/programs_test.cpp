// Clients and tools that others wrote, unchanged.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/memcached_clients/memcached_node.hpp"

using namespace clacks::test;

namespace {

const std::string scripts = MEMCACHED_CLIENTS;

bool is_there(const std::string& file) {
    if (std::filesystem::exists(file)) return true;
    MESSAGE("there is no " << file);
    return false;
}

/// What a client of `command` with host, port and path behind it said, if it is not content.
std::string complaint(std::vector<std::string> command) {
    MemcachedNode node;
    command.insert(command.end(), {"127.0.0.1", node.port_text(), node.socket()});
    const Run result = run(command);
    return result.code == 0 ? "" : "exit " + std::to_string(result.code) + ": " + result.errors;
}

}  // namespace

TEST_CASE("memcached programs: memccapable finds what it tests in order") {
    const std::string program = "/usr/bin/memccapable";
    if (!is_there(program)) return;
    MemcachedNode node;
    const Run result = run({program, "-a", "-h", "127.0.0.1", "-p", node.port_text()});
    CAPTURE(result.output + result.errors);
    CHECK(result.code == 0);
    CHECK(result.output.find("All tests passed") != std::string::npos);
}

TEST_CASE("memcached programs: memcslap loads a node") {
    const std::string program = "/usr/bin/memcslap";
    if (!is_there(program)) return;
    MemcachedNode node;
    for (const char* what : {"set", "get", "mget"}) {
        CAPTURE(std::string(what));
        const Run result =
            run({program, "--servers=127.0.0.1:" + node.port_text(), "--concurrency=4",
                 "--execute-number=200", std::string("--test=") + what});
        CAPTURE(result.output + result.errors);
        CHECK(result.code == 0);
    }
    CHECK(node.connect().ask("stats\r\n").find("STAT get_misses 0\r\n") != std::string::npos);
}

TEST_CASE("memcached programs: memcstat shows the figures of a node") {
    const std::string program = "/usr/bin/memcstat";
    if (!is_there(program)) return;
    MemcachedNode node;
    const Run result = run({program, "--servers=127.0.0.1:" + node.port_text()});
    CHECK(result.code == 0);
    CHECK(result.output.find("curr_connections: ") != std::string::npos);
    CHECK(result.output.find("pid: " + std::to_string(node.node().pid())) != std::string::npos);
}

TEST_CASE("memcached programs: pymemcache") {
    if (!is_there("/usr/lib/python3/dist-packages/pymemcache")) return;
    CHECK(complaint({"/usr/bin/python3", "-B", scripts + "/pymemcache_client.py"}) == "");
}

TEST_CASE("memcached programs: python-memcached") {
    if (!is_there("/usr/lib/python3/dist-packages/memcache.py")) return;
    CHECK(complaint({"/usr/bin/python3", "-B", scripts + "/memcache_client.py"}) == "");
}

TEST_CASE("memcached programs: Perl's Cache::Memcached") {
    if (!is_there("/usr/share/perl5/Cache/Memcached.pm")) return;
    CHECK(complaint({"/usr/bin/perl", scripts + "/cache_memcached.pl", "Cache::Memcached"}) == "");
}

TEST_CASE("memcached programs: Perl's Cache::Memcached::Fast") {
    if (run({"/usr/bin/perl", "-MCache::Memcached::Fast", "-e", "1"}).code != 0) {
        MESSAGE("there is no Cache::Memcached::Fast");
        return;
    }
    CHECK(complaint({"/usr/bin/perl", scripts + "/cache_memcached.pl", "Cache::Memcached::Fast"}) ==
          "");
}

TEST_CASE("memcached programs: PHP's memcached") {
    if (!is_there("/usr/bin/php")) return;
    CHECK(complaint({"/usr/bin/php", scripts + "/memcached.php"}) == "");
}

TEST_CASE("memcached programs: libmemcached") {
    const std::string program = LIBMEMCACHED_CLIENT;
    if (program.empty()) {
        MESSAGE("there is no libmemcached");
        return;
    }
    CHECK(complaint({program}) == "");
}
