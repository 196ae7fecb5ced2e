#pragma once

#include <memory>
#include <string>

#include "client/tool/verb.hpp"

// The verbs that only tell the node to do something, made from the library's functions.
namespace clacks::tool {

inline void add_name(CLI::App& verb, std::string& name) {
    verb.add_option("NAME", name, "levels are separated by '::'")->required();
}

inline void add_value(CLI::App& verb, std::string& value) {
    verb.add_option("VALUE", value,
                    "any bytes; '-' reads standard input to its end. Write -- in\nfront of a value "
                    "that begins with '-'")
        ->required();
}

/// VERB NAME
template <void (BlockingClient::*command)(std::string_view)>
Run declare_name(CLI::App& verb) {
    auto name = std::make_shared<std::string>();
    add_name(verb, *name);
    return [name](Context& context) {
        return context.tell(*name, [&](BlockingClient& node) { (node.*command)(*name); });
    };
}

/// VERB NAME VALUE
template <void (BlockingClient::*command)(std::string_view, std::string_view)>
Run declare_name_value(CLI::App& verb) {
    struct Arguments {
        std::string name;
        std::string value;
    };
    auto arguments = std::make_shared<Arguments>();
    add_name(verb, arguments->name);
    add_value(verb, arguments->value);
    return [arguments](Context& context) {
        const std::string value =
            context.value(arguments->value);  // before connecting: may be slow
        return context.tell(arguments->name,
                            [&](BlockingClient& node) { (node.*command)(arguments->name, value); });
    };
}

}  // namespace clacks::tool
