#include "tests/client_tool/scripted_node.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "protocol/verb.hpp"

namespace {

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;  // the tool has gone: its test sees that
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool is_extension(const std::string& line) {
    const auto* verb = clacks::protocol::find_verb(line.substr(0, line.find(' ')));
    return verb && verb->extension;
}

}  // namespace

ScriptedNode::Script ScriptedNode::clacksd(Script script) {
    return [script = std::move(script)](const std::string& line) -> std::string {
        if (line != "FEATURES") return script(line);
        return "FEATURES patterns listenandretrieve expiry conditions increment_and_retrieve "
               "exists "
               "retrievemany keylist_pages status tree monitor_filter save flags\r\n";
    };
}

ScriptedNode::ScriptedNode(Script script) : script_(std::move(script)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (directory_.path() / "node.sock").string();
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0)
        throw std::system_error(errno, std::generic_category(), path);
    thread_ = std::thread([this] { serve(); });
}

ScriptedNode::~ScriptedNode() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        if (connection_ >= 0) ::shutdown(connection_, SHUT_RDWR);
    }
    thread_.join();
    ::close(listener_);
}

std::map<std::string, std::string> ScriptedNode::environment() const {
    return {{"CLACKS_URL", "unix://" + (directory_.path() / "node.sock").string()},
            {"CLACKS_USER", "me"},
            {"CLACKS_PASSWORD", "secret"}};
}

std::vector<std::string> ScriptedNode::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

void ScriptedNode::serve() {
    for (;;) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_ || connection < 0) {
                if (connection >= 0) ::close(connection);
                return;
            }
            connection_ = connection;
        }
        converse(connection);
        const std::lock_guard lock(mutex_);
        connection_ = -1;
        ::close(connection);
    }
}

void ScriptedNode::converse(int connection) {
    send_all(connection, "CLACKS scripted\r\nOVERHEAD M Authentication required\r\n");
    std::string pending;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t got = ::recv(connection, chunk.data(), chunk.size(), 0);
        if (got <= 0) return;
        pending.append(chunk.data(), static_cast<std::size_t>(got));
        for (auto end = pending.find("\r\n"); end != std::string::npos;
             end = pending.find("\r\n")) {
            const std::string reply = answer(pending.substr(0, end));
            pending.erase(0, end + 2);
            if (reply == drop) return;
            send_all(connection, reply);
        }
    }
}

std::string ScriptedNode::answer(const std::string& line) {
    if (line == "FLUSH c0") return "FLUSHED c0\r\n";  // of the login
    const std::string scripted = script_ ? script_(line) : "";
    if (line == "QUIT") return drop;
    if (line.starts_with("CLACKS ") || line == "PING" || line.empty()) return scripted;
    if (line == "FEATURES") plain_ = scripted.empty();
    if (plain_ && is_extension(line)) return "OVERHEAD E unknown_command " + line + "\r\n";
    if (line == "FEATURES") return scripted;
    if (line.starts_with("OVERHEAD A"))
        return scripted.empty() ? "OVERHEAD O Welcome!\r\n" : scripted;
    if (line.starts_with("FLUSH ")) return "FLUSHED " + line.substr(6) + "\r\n" + scripted;
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    return scripted;
}
