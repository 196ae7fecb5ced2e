#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "clacks/options.hpp"

// Where to connect and as whom, from three sources: command line, environment and client.yaml, the
// first that says something wins. That the file is YAML only connection_options.cpp knows.
namespace clacks::tool {

/// What one source says; what it leaves open, a weaker one may say.
struct ConnectionOptions {
    std::optional<std::string> url;  ///< as given, `user@` included
    std::optional<std::string> user;
    std::optional<std::string> password;
    std::optional<std::string> ca;           ///< PEM file
    std::optional<bool> insecure;            ///< accept any certificate
    std::optional<std::string> certificate;  ///< PEM file, shown to a node that asks for one
    std::optional<std::string> key;          ///< PEM file; the certificate's own if there is none
};

/// getenv, or what a test puts in its place: null when there is no such variable.
using Lookup = std::function<const char*(const char*)>;
/// Takes a sentence for standard error.
using Warn = std::function<void(const std::string&)>;

/// CLACKS_URL, CLACKS_USER, CLACKS_PASSWORD and CLACKS_CA. An empty one counts as not set.
ConnectionOptions environment_options(const Lookup& lookup);

/// $XDG_CONFIG_HOME/clacks/client.yaml, else $HOME/.config/clacks/client.yaml; empty when neither
/// is set. A relative XDG_CONFIG_HOME does not count (its specification wants that).
std::filesystem::path client_file(const Lookup& lookup);

/// The keys url, user, password, insecure and, relative to the file, ca, certificate and key of
/// such a file; nothing when there is no file. Warns when it holds a password that others can read.
/// Throws Failure (usage) as `FILE:LINE: what is wrong, what is allowed`; an unknown key is wrong.
ConnectionOptions file_options(const std::filesystem::path& file, const Warn& warn);

/// The first line of a file, for --password-file. Warns when others can read it. Throws Failure
/// (usage).
std::string read_password_file(const std::filesystem::path& file, const Warn& warn);

/// Joins two sources. Some questions are decided together: whoever names a URL with a user answers
/// for the user, whoever names a certificate for its key, and whoever names a CA for `insecure`, so
/// that a --ca on the command line is never undone by an `insecure: true` in the file.
ConnectionOptions merge(ConnectionOptions stronger, const ConnectionOptions& weaker);

/// A URL, or what was meant to be one, fit to be shown: a password in it becomes dots.
std::string without_password(const std::string& text);

/// What the library is told, all sources joined; the URL defaults to the library's. Throws Failure
/// (usage) for a URL that is none, for a file that cannot be read, and when nobody named a user, or
/// neither password nor certificate; `file` is client_file, for the advice.
Options client_options(const ConnectionOptions& joined, const std::filesystem::path& file);

}  // namespace clacks::tool
