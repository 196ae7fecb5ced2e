// Two Apache httpd that share TLS sessions through two nodes of a tree: one made at the first is
// resumed at the second.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/memcached_clients/memcached_node.hpp"
#include "tests/processes/free_port.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

constexpr auto program = "/usr/sbin/apache2";
constexpr auto modules = "/usr/lib/apache2/modules";

/// An httpd that keeps its TLS sessions at a memcached on a port of 127.0.0.1.
class Httpd {
public:
    Httpd(int cache_port, const std::string& text) : process_(command(cache_port, text)) {}
    /// Killed, it would leave its children behind.
    ~Httpd() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    Httpd(const Httpd&) = delete;
    Httpd& operator=(const Httpd&) = delete;

    int port() const { return port_; }
    const std::filesystem::path& directory() const { return directory_.path(); }

    /// "New", "Reused" or "" when it does not answer, for a TLS connection with these options.
    std::string connect(const std::vector<std::string>& options) const {
        std::vector<std::string> words = {
            "/usr/bin/openssl", "s_client",   "-connect", "127.0.0.1:" + std::to_string(port_),
            "-tls1_2",          "-no_ticket", "-ign_eof"};
        words.insert(words.end(), options.begin(), options.end());
        const std::string said = run(words, {}, "GET / HTTP/1.0\r\n\r\n").output;
        for (const std::string kind : {"New", "Reused"}) {
            if (said.find("\n" + kind + ", ") != std::string::npos) return kind;
        }
        return "";
    }
    /// The same, once it listens.
    std::string connect_first(const std::vector<std::string>& options) const {
        const auto deadline = deadline_from_now();
        std::string kind;
        while (kind.empty() && milliseconds_until(deadline) > 0) kind = connect(options);
        return kind;
    }

private:
    std::vector<std::string> command(int cache_port, const std::string& text) {
        const std::string path = directory_.path().string();
        const std::string load = std::string(modules) + "/mod_";
        std::string config;
        for (const std::string name :
             {"mpm_event", "authz_core", "dir", "ssl", "socache_memcache"}) {
            config += "LoadModule " + name + "_module " + load + name + ".so\n";
        }
        std::filesystem::create_directory(directory_.path() / "documents");
        directory_.write("documents/index.html", text);
        if (::geteuid() == 0) config += "User www-data\nGroup www-data\n";
        config += "Listen 127.0.0.1:" + std::to_string(port_) +
                  "\nServerName localhost\n"
                  "SSLSessionCache memcache:127.0.0.1:" +
                  std::to_string(cache_port) +
                  "\nSSLSessionCacheTimeout 300\nSSLSessionTickets off\nSSLProtocol TLSv1.2\n"
                  "SSLEngine on\nSSLCertificateFile " +
                  certificates().certificate.string() + "\nSSLCertificateKeyFile " +
                  certificates().key.string() + "\nDocumentRoot " + path + "/documents\nPidFile " +
                  path + "/pid\nDefaultRuntimeDir " + path + "\nErrorLog " + path + "/errors\n";
        directory_.write("httpd.conf", config);
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        return {program, "-f", path + "/httpd.conf", "-D", "FOREGROUND"};
    }

    const int port_ = free_port();
    const TemporaryDirectory directory_;
    Process process_;
};

}  // namespace

TEST_CASE("memcached programs: two httpd share their TLS sessions through two nodes") {
    if (!std::filesystem::exists(program)) {
        MESSAGE("there is no " << program);
        return;
    }
    MemcachedNode master{NodeConfig{.name = "master"}};
    MemcachedNode slave{below(master.node().tls_url(), "slave")};
    wait_until_linked(slave.node(), master.node());
    const Httpd first(master.port(), "first");
    const Httpd second(slave.port(), "second");
    const std::string session = (first.directory() / "session").string();
    CHECK(second.connect_first({}) == "New");
    CHECK(first.connect_first({"-sess_out", session}) == "New");
    // It has to reach the other node; a moment, but how long nobody promises.
    const auto deadline = deadline_from_now();
    std::string kind = second.connect({"-sess_in", session});
    while (kind == "New" && milliseconds_until(deadline) > 0) {
        kind = second.connect({"-sess_in", session});
    }
    CHECK(kind == "Reused");
    CHECK(first.connect({"-sess_in", session}) == "Reused");
    LineClient client = slave.node().log_in();
    CHECK(client.ask("KEYLIST").find("KEY mod_ssl-sess:") != std::string::npos);

    SUBCASE("what is removed from one node is not resumed at the other") {
        LineClient manager = master.node().log_in();
        manager.ask("CLEARCACHE");
        settle(manager, client);
        CHECK(second.connect({"-sess_in", session}) == "New");
    }
    SUBCASE("the second goes on when the master is gone") {
        CHECK(master.node().stop() == 0);
        CHECK(second.connect({"-sess_in", session}) == "Reused");
    }
}
