#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/auth_file.hpp"
#include "memcached/host.hpp"
#include "server/node/access.hpp"

namespace clacks::server {

/// What a user of the node may do as a client of memcached: reading and writing hold for names as
/// in the Clacks protocol; flush_all, shutdown and the like need `manage`.
class UserRights final : public memcached::Rights {
public:
    bool may_read(std::string_view key) const override;
    bool may_write(std::string_view key) const override;
    bool may_manage() const override;

    void set(node::Access access) { access_ = std::move(access); }

private:
    node::Access access_;
};

/// Reads a file of memcached's users. Throws StartError, with the path, if it cannot be read or has
/// a mistake.
memcached::AuthFile read_auth_file(const std::string& path);

/// Everything, or, once everybody has to log in, nothing.
class AnybodysRights final : public memcached::Rights {
public:
    bool may_read(std::string_view) const override { return all_; }
    bool may_write(std::string_view) const override { return all_; }
    bool may_manage() const override { return all_; }

    void set(bool all) { all_ = all; }

private:
    bool all_ = true;
};

/// Who memcached's clients are: by name and password of the file, or by their certificate. Whoever
/// is a user of the node, too, has the rights of that; the others of the file may do everything.
///
/// Read by all workers; changed while none of them does anything.
class Accounts {
public:
    /// `users`: the node's. Rights that were given before hold from now on as these say: nobody's
    /// whose name is gone, and if everybody has to log in, nobody's who has not.
    void set(bool log_in, memcached::AuthFile file, const std::vector<node::User>& users);

    bool must_log_in() const { return must_log_in_; }
    /// Nobody gets in by name and password if there is no file.
    const memcached::Rights* log_in(std::string_view name, std::string_view password) const;
    /// Whether anybody may log in by that name.
    bool knows(std::string_view name) const;
    /// What whoever has just come may do; nullptr: he has to log in.
    const memcached::Rights* admit(std::string_view certificate) const;

private:
    UserRights& rights_of(const std::string& name);

    bool must_log_in_ = false;
    AnybodysRights anybody_;  ///< of those who do not have to
    memcached::AuthFile file_;
    std::map<std::string, std::string, std::less<>> certificates_;  ///< of whom they are
    /// Never erased from: sessions point into it.
    std::map<std::string, std::unique_ptr<UserRights>, std::less<>> rights_;
};

}  // namespace clacks::server
