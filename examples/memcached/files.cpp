// memcached-files DIRECTORY ADDRESS…: serves the files of a directory to memcached clients. A key
// is the name of a file: get reads it, set writes it, delete removes it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "memcached/server.hpp"

namespace fs = std::filesystem;
using namespace clacks::memcached;

namespace {

/// Names of files in the directory itself, that are not hidden.
bool is_name(std::string_view key) { return !key.starts_with('.') && key.find('/') == key.npos; }

std::optional<std::string> read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || !fs::is_regular_file(path)) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Whoever reads meanwhile sees the old file or the new one.
bool write(const fs::path& path, std::string_view bytes) {
    const fs::path draft = path.parent_path() / ".draft";
    std::ofstream file(draft, std::ios::binary);
    file << bytes;
    file.close();
    std::error_code failed;
    if (file) fs::rename(draft, path, failed);
    return file && !failed;
}

Handlers files_of(const fs::path& directory) {
    Handlers handlers;
    handlers.get = [directory](Client&, std::string_view key, auto then) {
        then(is_name(key) ? read(directory / key) : std::nullopt);
    };
    handlers.set = [directory](Client&, std::string_view key, const NewValue& value, auto then) {
        if (!is_name(key)) return then(Verdict::reject("not the name of a file"));
        const bool written = write(directory / key, value.value);
        then(written ? Verdict::ok() : Verdict::reject("cannot write the file"));
    };
    handlers.remove = [directory](Client&, std::string_view key, auto then) {
        std::error_code failed;
        then(is_name(key) && fs::remove(directory / key, failed));
    };
    return handlers;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return std::fputs("usage: memcached-files DIRECTORY ADDRESS...\n", stderr), 2;
    boost::asio::io_context context{1};
    ServerOptions options;
    options.raw = true;  // a file has no flags, does not expire, and may be there already
    Server server(context, files_of(argv[1]), options);
    for (int i = 2; i < argc; ++i) {
        const auto listening = server.listen(argv[i]);
        if (!listening) return std::fprintf(stderr, "%s\n", listening.error().text.c_str()), 1;
        std::fprintf(stderr, "listening on %s\n", listening->c_str());
    }
    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](auto, int) { server.close(), context.stop(); });
    context.run();
}
