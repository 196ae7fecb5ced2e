#include "memcached/auth_file.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace clacks::memcached {
namespace {

constexpr std::size_t longest = 255;

[[noreturn]] void fail(std::size_t line, const char* what) {
    throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

/// Looks at all of `given`, wherever they differ first.
bool is_equal(std::string_view given, std::string_view right) {
    unsigned difference = given.size() == right.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char other = right.empty() ? '\0' : right[i % right.size()];
        difference |= static_cast<unsigned char>(given[i] ^ other);
    }
    return difference == 0;
}

}  // namespace

AuthFile AuthFile::parse(std::string_view text) {
    AuthFile file;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        const std::size_t colon = line.find(':');
        if (colon == line.npos) fail(number, "a colon is missing: name:password");
        const std::string_view name = line.substr(0, colon);
        const std::string_view password = line.substr(colon + 1);
        if (name.empty() || password.empty()) fail(number, "name or password is empty");
        if (name.size() > longest || password.size() > longest) {
            fail(number, "name and password may have 255 bytes");
        }
        const auto is_same = [&](const auto& user) { return user.first == name; };
        if (std::any_of(file.users_.begin(), file.users_.end(), is_same)) {
            fail(number, "this name is there already");
        }
        file.users_.emplace_back(name, password);
    }
    return file;
}

bool AuthFile::check(std::string_view name, std::string_view password) const {
    bool right = false;
    for (const auto& [known, its_password] : users_) {
        const bool is_name = is_equal(name, known);
        const bool is_password = is_equal(password, its_password);
        right = right || (is_name && is_password);
    }
    return right;
}

}  // namespace clacks::memcached
