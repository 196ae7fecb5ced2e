#pragma once

#include <string>
#include <vector>

#include "tests/chat/terminal.hpp"
#include "tests/processes/node_process.hpp"
#include "tests/processes/process.hpp"

namespace clacks::test {

/// What the programs of the chat find in their environment: the node, and who logs in there.
Environment environment_for(const NodeProcess& node);

/// Somebody with the chat in front of him. The constructor returns when he was told who is there.
class Person : public Terminal {
public:
    Person(const NodeProcess& node, const std::string& name,
           const std::vector<std::string>& options = {}, const Environment& more = {});
};

/// The bot, known to the one who sees it join.
class Bot : public Process {
public:
    Bot(const NodeProcess& node, Person& witness);
};

}  // namespace clacks::test
