#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clacks::memcached {

/// memcached's file of users: a line `name:password` each, both shorter than 256 bytes.
class AuthFile {
public:
    /// Throws std::runtime_error, "line <n>: …", for a line without a colon, a name or password
    /// that is empty or too long, a name that comes twice. Empty lines do not matter.
    static AuthFile parse(std::string_view text);

    /// In a time that does not depend on what is wrong.
    bool check(std::string_view name, std::string_view password) const;

    const std::vector<std::pair<std::string, std::string>>& users() const { return users_; }

private:
    std::vector<std::pair<std::string, std::string>> users_;
};

}  // namespace clacks::memcached
