#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "client/tool/command_line.hpp"

/// What a run of the tool left behind.
struct ToolRun {
    int code = 0;
    std::string data;  ///< standard output
    std::string talk;  ///< standard error
};

/// The tool as main runs it, in this process. Knows only the given environment.
inline ToolRun run_tool(const std::vector<const char*>& arguments,
                        const std::map<std::string, std::string>& environment = {},
                        const std::string& standard_input = "") {
    using namespace clacks::tool;
    const Lookup lookup = [&](const char* name) -> const char* {
        const auto it = environment.find(name);
        return it == environment.end() ? nullptr : it->second.c_str();
    };
    std::istringstream input(standard_input);
    std::ostringstream data;
    std::ostringstream talk;
    Output output(data, talk);
    ToolRun run;
    try {
        run.code = static_cast<int>(run_command_line(arguments, lookup, input, output));
    } catch (const Failure& failure) {
        output.say(failure.what());
        run.code = static_cast<int>(failure.code());
    }
    run.data = data.str();
    run.talk = talk.str();
    return run;
}
