#include "tests/end_to_end/tree.hpp"

#include <stdexcept>

#include "tests/processes/patience.hpp"

namespace clacks::test {

NodeConfig below(const std::string& master_url, std::string name) {
    return {.name = std::move(name),
            .master = master_url,
            .more = "interclacks: {reconnect_delay: 20ms, reconnect_delay_max: 100ms}\n"};
}

Tree::Tree() {
    wait_until_linked(slave, master);
    wait_until_linked(leaf, slave);
}

void wait_until_linked(const NodeProcess& slave, const NodeProcess& master, int count) {
    // The name of the connection tells it from those that the slave itself is master of.
    const std::string name = slave.config().master == master.unix_url()
                                 ? "unixdomainsocket:uplink:"
                                 : "127.0.0.1:" + std::to_string(master.port()) + ":";
    slave.wait_for("link_synced client=" + name, count);
}

std::string settle(LineClient& from, LineClient& to) {
    // A name of its own each time: a late echo of an earlier one must not pass for it.
    static int serial = 0;
    const std::string name = "settled-" + std::to_string(++serial);
    std::string got = to.ask("LISTEN " + name);
    from.say("NOTIFY " + name);
    got += to.lines_until("NOTIFY " + name);
    to.ask("UNLISTEN " + name);
    return got.substr(0, got.size() - name.size() - std::string_view("NOTIFY \n").size());
}

void ask_until(LineClient& client, std::string_view question, std::string_view wanted) {
    const auto deadline = deadline_from_now();
    std::string answer = client.ask(question);
    while (answer != wanted) {
        if (milliseconds_until(deadline) == 0) throw std::runtime_error("still: " + answer);
        answer = client.ask(question);
    }
}

}  // namespace clacks::test
