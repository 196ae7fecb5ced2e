#include "client/tool/commands.hpp"

namespace clacks::tool {

std::span<const Verb> signal_verbs() {
    static constexpr Verb verbs[] = {
        {"notify", "signal NAME to whoever listens to it", declare_name<&BlockingClient::notify>},
        {"set", "signal NAME with a value, without storing it",
         declare_name_value<&BlockingClient::set>},
        {"setandstore", "signal NAME with a value and store it",
         declare_name_value<&BlockingClient::set_and_store>},
    };
    return verbs;
}

}  // namespace clacks::tool
