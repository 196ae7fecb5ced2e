#include "client/tool/yaml_value.hpp"

#include <yaml-cpp/yaml.h>

#include "client/tool/failure.hpp"

namespace clacks::tool {

void check_yaml(const std::string& text) {
    try {
        const YAML::Node node = YAML::Load(text);
        if (node.IsMap() || node.IsSequence()) return;
    } catch (const YAML::Exception& e) {
        throw Failure(ExitCode::usage, "the value is no YAML: line " +
                                           std::to_string(e.mark.line + 1) + ": " + e.msg);
    }
    throw Failure(ExitCode::usage, "the YAML is no mapping and no list (store it without --yaml)");
}

}  // namespace clacks::tool
