#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string>

#include "client/tool/command_line.hpp"

int main(int argc, char** argv) {
    using namespace clacks::tool;
    std::ios::sync_with_stdio(false);
    Output output(std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1);
    ExitCode code = ExitCode::done;
    try {
        const std::span<const char* const> arguments(argv, argv + argc);
        code = run_command_line(arguments.subspan(argc > 0 ? 1 : 0), ::getenv, std::cin, output);
    } catch (const Failure& failure) {
        output.say(failure.what());
        code = failure.code();
    } catch (const std::exception& error) {
        output.say(std::string("unexpected: ") + error.what());
        code = ExitCode::negative;
    }
    return static_cast<int>(code);
}
