#pragma once

#include <string_view>

namespace clacks::server {

/// Tells systemd how we are ("READY=1"), if it started us with Type=notify; nothing otherwise.
/// Source: sd_notify(3), the datagram on $NOTIFY_SOCKET.
void notify_service_manager(std::string_view state);

/// The same for "RELOADING=1"; "READY=1" ends it.
void notify_reloading();

}  // namespace clacks::server
