#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/client_tool/temporary_directory.hpp"

/// A node on a unix socket that says what a test wants: it greets and welcomes everyone, answers
/// FLUSH, and asks the script about every line behind the login. Serves one connection after the
/// other on a thread of its own.
class ScriptedNode {
public:
    /// Gets a line without its end, gives the bytes to answer with. `drop` closes the connection.
    using Script = std::function<std::string(const std::string& line)>;
    static constexpr const char* drop = "drop";

    /// The script of a node that offers all that clacksd does; without it, it is a plain one, and
    /// knows no verb of clacksd's own.
    static Script clacksd(Script script);

    explicit ScriptedNode(Script script = {});
    ScriptedNode(const ScriptedNode&) = delete;
    ScriptedNode& operator=(const ScriptedNode&) = delete;
    ~ScriptedNode();

    /// What makes the tool connect here as "me".
    std::map<std::string, std::string> environment() const;

    /// The lines that came and that it knows, but for CLACKS, OVERHEAD A, FEATURES, FLUSH, PING and
    /// QUIT.
    std::vector<std::string> lines() const;

private:
    void serve();
    void converse(int connection);
    std::string answer(const std::string& line);

    TemporaryDirectory directory_;
    const Script script_;
    int listener_ = -1;
    bool plain_ = true;  ///< the present connection was told so
    mutable std::mutex mutex_;
    int connection_ = -1;
    bool stopping_ = false;
    std::vector<std::string> lines_;
    std::thread thread_;
};
