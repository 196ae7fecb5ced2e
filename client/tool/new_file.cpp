#include "client/tool/new_file.hpp"

#include "client/tool/pending_file.hpp"

namespace clacks::tool {

void write_new_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode,
                    bool replace) {
    PendingFile file(path);
    file.write(bytes);
    file.move_into_place(mode, replace);
}

}  // namespace clacks::tool
