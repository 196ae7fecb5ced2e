#include "tests/processes/node_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <exception>
#include <stdexcept>

#include "tests/processes/free_port.hpp"

namespace clacks::test {

namespace {

constexpr const char* clacksd = CLACKSD_FILE;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
    }
}

}  // namespace

const char* to_string(Way way) {
    switch (way) {
        case Way::unix_socket:
            return "unix";
        case Way::tls_1_2:
            return "TLS 1.2";
        case Way::tls_1_3:
            return "TLS 1.3";
    }
    return "";
}

NodeProcess::NodeProcess(NodeConfig config)
    : config_(std::move(config)), port_(config_.port != 0 ? config_.port : free_port()) {
    while (!start_or_collide()) port_ = free_port();
}

NodeProcess::~NodeProcess() {
    if (!process_ || !process_->running()) return;
    int code = -1;
    try {
        code = stop();
    } catch (const std::exception& error) {
        FAIL_CHECK(error.what());
    }
    if (code != 0 || std::uncaught_exceptions() > 0) MESSAGE(config_.name, ":\n", log());
    CHECK(code == 0);
}

void NodeProcess::start() {
    if (!start_or_collide()) throw std::runtime_error("somebody has taken the port:\n" + log());
}

/// False: the port is in use.
bool NodeProcess::start_or_collide() {
    write_config();
    const std::vector<std::string> command{clacksd, "--config",
                                           (directory_.path() / "node.yaml").string()};
    process_.emplace(command, config_.environment);
    try {
        process_->wait_for(" ready ");
    } catch (const std::runtime_error&) {
        if (log().find("Address already in use") == std::string::npos) throw;
        process_->wait();
        return false;
    }
    return true;
}

void NodeProcess::write_config() const {
    std::string text =
        "name: " + config_.name + "\nlisten:\n  - unix:node.sock\n" + "  - tls://127.0.0.1:PORT\n" +
        config_.listen + "tls:\n  certificate: " + config_.identity.certificate.string() +
        "\n  key: " + config_.identity.key.string() + "\n  ca: " + config_.identity.ca.string() +
        "\n" + config_.tls + "users:\n  - {name: " + main_user + ", password: " + config_.password +
        "}\n" + config_.users + "log: {level: debug}\n" +
        (config_.master.empty() ? "" : "master: " + config_.master + "\n") + config_.more;
    replace_all(text, "PORT", std::to_string(port_));
    directory_.write("node.yaml", text);
    std::filesystem::permissions(
        directory_.path() / "node.yaml",
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

int NodeProcess::stop() {
    process_->signal(SIGTERM);
    return process_->wait();
}

void NodeProcess::kill() {
    process_->signal(SIGKILL);
    process_->wait();
}

LineClient NodeProcess::connect(Way way, TlsOptions tls) const {
    if (way == Way::unix_socket) return LineClient(Stream::to_unix(socket()));
    Stream stream = Stream::to_tcp("127.0.0.1", port_);
    tls.version = way == Way::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
    if (tls.ca.empty()) tls.ca = certificates().ca.string();
    stream.start_tls(tls);
    return LineClient(std::move(stream));
}

LineClient NodeProcess::log_in(Way way, std::string_view user, std::string_view password) const {
    LineClient client = connect(way);
    client.log_in(user, password);
    return client;
}

Run run_clacksd(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), clacksd);
    return run(arguments);
}

}  // namespace clacks::test
