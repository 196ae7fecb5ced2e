#pragma once

#include <string>

#include "tests/processes/node_process.hpp"

namespace clacks::test {

/// A node whose master is at this URL, and which does not wait long to dial it again.
NodeConfig below(const std::string& master_url, std::string name);

/// master — slave — leaf, TLS between the first two, a unix socket between the others. All linked
/// and in step.
struct Tree {
    NodeProcess master{NodeConfig{.name = "master"}};
    NodeProcess slave{below(master.tls_url(), "slave")};
    NodeProcess leaf{below(slave.unix_url(), "leaf")};

    Tree();
};

/// Returns when both have exchanged their stores, for the `count`th time in this run of the slave.
void wait_until_linked(const NodeProcess& slave, const NodeProcess& master, int count = 1);

/// Returns when what `from` has said so far has been executed where `to` is connected, however many
/// nodes lie between. Returns what `to` got until then.
std::string settle(LineClient& from, LineClient& to);

/// Asks until the answer is `wanted`, which is whole lines. Throws if it never is.
void ask_until(LineClient& client, std::string_view question, std::string_view wanted);

}  // namespace clacks::test
