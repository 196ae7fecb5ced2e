#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace clacks::tool {

/// Writes `bytes` to `path` such that the file appears complete, with `mode`, or not at all; nobody
/// whom `mode` excludes can open it even for a moment. With `replace` it takes the place of an
/// existing file, without it an existing file stays. Throws std::system_error naming the path.
void write_new_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode,
                    bool replace);

}  // namespace clacks::tool
