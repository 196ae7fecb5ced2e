#pragma once

#include <stdexcept>
#include <string>

// How the tool ends. Whatever goes wrong in a verb is thrown as a Failure up to main, which prints
// its sentence and exits with its code.
namespace clacks::tool {

enum class ExitCode : int {
    done = 0,
    negative = 1,  ///< the answer is no: no such key, condition not met, a file that must not be
                   ///< overwritten
    usage = 2,     ///< command line, environment or client.yaml
    no_connection = 3,  ///< cannot connect or log in, or the connection was lost for good
    refused = 4,        ///< the node answered with OVERHEAD E
};

/// What happened, where, and what to do about it: one sentence without "clacks:" in front.
class Failure : public std::runtime_error {
public:
    Failure(ExitCode code, const std::string& sentence)
        : std::runtime_error(sentence), code_(code) {}
    ExitCode code() const { return code_; }

private:
    ExitCode code_;
};

}  // namespace clacks::tool
