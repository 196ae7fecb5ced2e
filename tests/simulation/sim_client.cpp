#include "tests/simulation/sim_client.hpp"

#include <stdexcept>
#include <utility>

#include "tests/simulation/sim_net.hpp"

namespace clacks::simulation {

SimClient::SimClient(SimNet& net, SimNode& node, protocol::Credentials credentials)
    : net_(net), node_(node), credentials_(std::move(credentials)) {
    reconnect();
}

void SimClient::reconnect() {
    if (wire_) wire_->close(*this);
    wire_ = node_.accept(*this, Delay{});
    // NOPING: a test that lets hours pass need not look after its clients.
    send("CLACKS sim\r\nOVERHEAD A " + protocol::encode_token(credentials_) + "\r\nNOPING");
    if (lines().find("OVERHEAD O Welcome!") == std::string::npos) {
        throw std::logic_error("login failed at " + node_.name);
    }
}

void SimClient::send(std::string_view line) {
    if (!wire_) throw std::logic_error("a client of " + node_.name + " is not connected");
    wire_->send(*this, std::string(line) + "\r\n");
    net_.advance(SimTime(0));
}

std::string SimClient::lines() {
    std::string text;
    for (auto end = received_.find("\r\n"); end != std::string::npos;
         end = received_.find("\r\n")) {
        const std::string line = received_.substr(0, end);
        received_.erase(0, end + 2);
        if (line == "NOP") continue;
        text += (text.empty() ? "" : " | ") + (line.empty() ? "(empty line)" : line);
    }
    return text;
}

std::string SimClient::ask(std::string_view line) {
    send(line);
    return lines();
}

}  // namespace clacks::simulation
