#include <clacks/blocking.hpp>
#include <cstdio>

// Uses enough of the library that everything below it must be linked.
int main() {
    clacks::BlockingClient client({.url = "unix:///nonexistent/clacks.sock"});
    try {
        client.connect();
    } catch (const clacks::Error& e) {
        return std::puts(e.what()) < 0 ? 1 : 0;
    }
    return 1;
}
