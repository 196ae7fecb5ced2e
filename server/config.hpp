#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/log_settings.hpp"
#include "server/memcached/settings.hpp"
#include "server/net/settings.hpp"
#include "server/node/settings.hpp"
#include "server/storage_settings.hpp"

// The configuration of a node. Every key, its default and what is allowed: configs/reference.yaml.
namespace clacks::server {

/// Where that stands which only a look at the machine can find wrong. Lines from 1.
struct Places {
    std::vector<int> listen;  ///< as net::Settings::listen
    int certificate = 0;
    int key = 0;
    int ca = 0;
    int database = 0;
    std::vector<int> memcached_listen;  ///< as MemcachedSettings::listen
    int auth_file = 0;
};

struct Config {
    node::Settings node;
    net::Settings net;
    StorageSettings storage;
    MemcachedSettings memcached;
    LogSettings log;
    Places places;
};

/// Something that is wrong, or unwise, in a configuration file.
struct ConfigError {
    std::string file;
    int line = 0;  ///< from 1; 0: the file as a whole
    std::string text;
};

/// `FILE:LINE: text`, or `FILE: text` where no line is to blame.
std::string to_string(const ConfigError& error);

/// The same for something that is unwise only: `FILE:LINE: warning: text`.
std::string to_warning(const ConfigError& error);

/// Either a configuration that can be started, or every mistake of the file, in its order.
struct Loaded {
    std::optional<Config> config;
    std::vector<ConfigError> errors;
    std::vector<ConfigError> warnings;  ///< with either
};

/// What `${NAME}` stands for; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process. Not while another thread changes it.
std::optional<std::string> process_environment(const std::string& name);

/// Reads a file. Paths in it are taken as relative to its directory and come out absolute.
Loaded load_config(const std::filesystem::path& file,
                   const Environment& environment = process_environment);

/// Reads `text` as if it stood in `file`, which need not exist.
Loaded parse_config(std::string_view text, const std::filesystem::path& file,
                    const Environment& environment = process_environment);

}  // namespace clacks::server
