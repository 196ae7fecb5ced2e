#pragma once

namespace clacks::test {

/// A TCP port that nobody uses on 127.0.0.1 just now. Somebody may take it before the caller does;
/// hence from below the range out of which the kernel gives ports to connecting sockets.
int free_port();

}  // namespace clacks::test
