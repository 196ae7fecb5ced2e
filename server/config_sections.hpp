#pragma once

#include <yaml-cpp/yaml.h>

#include "server/config.hpp"
#include "server/config_document.hpp"

namespace clacks::server {

/// Fills `config`, which holds the defaults, from `node`, the map at the top of a file, and reports
/// to `document` what is wrong. Leaves the node's name empty when the file has none.
void read_config(Document& document, const YAML::Node& node, Config& config);

}  // namespace clacks::server
