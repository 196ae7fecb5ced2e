#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

#include "client/tool/verb.hpp"

// The verbs that carry a whole store: backup, export, import.
namespace clacks::tool {

Run declare_backup(CLI::App& verb);
Run declare_export(CLI::App& verb);
Run declare_import(CLI::App& verb);

/// A file to be made, and --force.
struct NewFile {
    std::filesystem::path path;
    bool replace = false;

    void declare(CLI::App& verb, const char* help);
    /// Throws Failure (usage) when something is there that must not be replaced: better before the
    /// work than after it.
    void check() const;
};

}  // namespace clacks::tool
