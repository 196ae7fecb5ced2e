#pragma once

#include "bench/target.hpp"

namespace clacks::bench {

/// By how many bytes the server's resident memory grows with each of some connections that have
/// logged in and are then silent. A few made before do not count: they pay for what is shared.
double idle_connection_bytes(const Target& target, unsigned connections);

}  // namespace clacks::bench
