// libmemcached against a node: libmemcached_client HOST PORT PATH. Prints what is wrong.
#include <libmemcached/memcached.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

void need(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

struct Free {
    void operator()(memcached_st* client) const { memcached_free(client); }
};
using Client = std::unique_ptr<memcached_st, Free>;

std::string get(memcached_st* client, const std::string& key) {
    std::size_t size = 0;
    std::uint32_t flags = 0;
    memcached_return_t result = MEMCACHED_FAILURE;
    char* const value = memcached_get(client, key.data(), key.size(), &size, &flags, &result);
    const std::string text = value ? std::string(value, size) : memcached_strerror(client, result);
    std::free(value);  // NOLINT: as its manual has it
    return text;
}

void use(memcached_st* client) {
    const auto set = [&](const std::string& key, const std::string& value) {
        return memcached_set(client, key.data(), key.size(), value.data(), value.size(), 100, 7);
    };
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    need(set("c", "value") == MEMCACHED_SUCCESS, "set");
    need(get(client, "c") == "value", "get");
    need(set("c-bytes", bytes) == MEMCACHED_SUCCESS, "set bytes");
    need(get(client, "c-bytes") == bytes, "get bytes");
    need(memcached_add(client, "c", 1, "x", 1, 0, 0) == MEMCACHED_NOTSTORED, "add");
    need(memcached_append(client, "c", 1, "!", 1, 0, 0) == MEMCACHED_SUCCESS, "append");
    need(get(client, "c") == "value!", "appended");
    need(set("c-n", "5") == MEMCACHED_SUCCESS, "set number");
    std::uint64_t number = 0;
    need(memcached_increment(client, "c-n", 3, 4, &number) == MEMCACHED_SUCCESS && number == 9,
         "increment");
    need(memcached_touch(client, "c-n", 3, 50) == MEMCACHED_SUCCESS, "touch");
    need(memcached_delete(client, "c", 1, 0) == MEMCACHED_SUCCESS, "delete");
    need(memcached_exist(client, "c", 1) == MEMCACHED_NOTFOUND, "exist");
    need(memcached_flush(client, 0) == MEMCACHED_SUCCESS, "flush");
    need(memcached_exist(client, "c-n", 3) == MEMCACHED_NOTFOUND, "flushed");
}

}  // namespace

int main(int, char** arguments) {
    const Client tcp(memcached_create(nullptr));
    memcached_server_add(tcp.get(), arguments[1], static_cast<in_port_t>(std::atoi(arguments[2])));
    use(tcp.get());
    const Client local(memcached_create(nullptr));
    memcached_server_add_unix_socket(local.get(), arguments[3]);
    use(local.get());
}
