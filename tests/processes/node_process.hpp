#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tests/client_tool/temporary_directory.hpp"
#include "tests/processes/certificates.hpp"
#include "tests/processes/line_client.hpp"
#include "tests/processes/process.hpp"

namespace clacks::test {

/// The first user of every node here, unless its configuration says otherwise.
inline constexpr const char* main_user = "clacks";
inline constexpr const char* main_password = "semaphore-7";

/// What is particular about a node. Each text is YAML, whole lines.
struct NodeConfig {
    std::string name = "node";
    std::string master = {};  ///< one URL
    std::string more = {};    ///< further sections of the file
    std::string listen = {};  ///< further items of `listen`; PORT is the node's own port
    std::string users = {};   ///< further items of `users`
    std::string password = main_password;
    std::string tls = {};  ///< further keys of `tls`
    tool::CertificateFiles identity = certificates();
    int port = 0;  ///< 0: some free one
    Environment environment = {};
};

/// How to come to a node.
enum class Way { unix_socket, tls_1_2, tls_1_3 };
inline constexpr Way every_way[] = {Way::unix_socket, Way::tls_1_2, Way::tls_1_3};
const char* to_string(Way way);

/// A clacksd in a directory of its own, listening on a unix socket and, with TLS, on 127.0.0.1.
/// Whoever destroys it while it runs says SIGTERM and checks that it then ends well.
class NodeProcess {
public:
    /// Starts it and returns when it says `ready`. Throws what it said if it ends instead.
    explicit NodeProcess(NodeConfig config = {});
    ~NodeProcess();

    void start();
    /// Says SIGTERM and returns the exit code.
    int stop();
    /// As when the machine loses its power.
    void kill();
    void signal(int number) const { process_->signal(number); }
    int wait() { return process_->wait(); }
    pid_t pid() const { return process_->pid(); }

    /// Waits until `text` stands `count` times in the log of the present run.
    void wait_for(std::string_view text, int count = 1) const { process_->wait_for(text, count); }
    std::size_t resident_bytes() const { return process_->resident_bytes(); }
    std::chrono::milliseconds processor_time() const { return process_->processor_time(); }
    std::string log() const { return process_->errors(); }

    const NodeConfig& config() const { return config_; }
    std::filesystem::path directory() const { return directory_.path(); }
    std::string socket() const { return (directory_.path() / "node.sock").string(); }
    int port() const { return port_; }
    std::string unix_url() const { return "unix://" + socket(); }
    std::string tls_url() const { return "tls://127.0.0.1:" + std::to_string(port_); }

    /// Not logged in; has not read the greeting.
    LineClient connect(Way way = Way::unix_socket, TlsOptions tls = {}) const;
    LineClient log_in(Way way = Way::unix_socket, std::string_view user = main_user,
                      std::string_view password = main_password) const;

private:
    bool start_or_collide();
    void write_config() const;

    const NodeConfig config_;
    TemporaryDirectory directory_;
    int port_;
    std::optional<Process> process_;
};

/// Runs clacksd with these arguments to its end.
Run run_clacksd(std::vector<std::string> arguments);

}  // namespace clacks::test
