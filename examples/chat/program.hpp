#pragma once

#include <CLI/CLI.hpp>
#include <clacks/message.hpp>
#include <clacks/options.hpp>
#include <functional>
#include <string>

// What the three programs have in common: where they connect, what they tell of it, how they end.
namespace chat {

/// Adds --url, --user, --password-file, --ca, --insecure, --cert and --key. What the command line
/// leaves open is taken from CLACKS_URL, CLACKS_USER, CLACKS_PASSWORD and CLACKS_CA.
void add_connection_options(CLI::App& app, clacks::Options& options);

/// Adds --name and --room, with their defaults.
void add_room_options(CLI::App& app, std::string& name, std::string& room);

/// What a message tells of the connection, in words. Empty if it is a signal.
std::string news_of(const clacks::Message& message);

/// Reads the command line, runs `body` and returns the exit code of the program: 0 done, 1 failed,
/// 2 usage, 3 cannot connect or log in. Says why on standard error.
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace chat
