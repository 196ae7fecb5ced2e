#include "server/memcached/accounts.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "memcached/key_mapping.hpp"
#include "transport/start_error.hpp"

namespace clacks::server {

using node::Access;
using protocol::Permission;

bool UserRights::may_read(std::string_view key) const {
    return access_.allow(Permission::read, memcached::MappedKey(key));
}

bool UserRights::may_write(std::string_view key) const {
    return access_.allow(Permission::write, memcached::MappedKey(key));
}

bool UserRights::may_manage() const { return access_.allow(Permission::manage); }

memcached::AuthFile read_auth_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) {
        const auto why = std::generic_category().message(errno);
        throw transport::StartError("cannot read the users of memcached in " + path + ": " + why);
    }
    try {
        return memcached::AuthFile::parse(text);
    } catch (const std::runtime_error& mistake) {
        throw transport::StartError("the users of memcached in " + path + ": " + mistake.what());
    }
}

UserRights& Accounts::rights_of(const std::string& name) {
    auto& rights = rights_[name];
    if (!rights) rights = std::make_unique<UserRights>();
    return *rights;
}

void Accounts::set(bool log_in, memcached::AuthFile file, const std::vector<node::User>& users) {
    must_log_in_ = log_in;
    anybody_.set(!log_in);
    file_ = std::move(file);
    certificates_.clear();
    for (auto& [name, rights] : rights_) rights->set({});
    for (const auto& [name, password] : file_.users()) rights_of(name).set(Access::everything());
    for (const node::User& user : users) {
        const bool in_file = knows(user.name);
        if (!user.certificate.empty()) certificates_[user.certificate] = user.name;
        if (!in_file && user.certificate.empty()) continue;
        rights_of(user.name).set(Access(std::make_shared<const node::User>(user)));
    }
}

const memcached::Rights* Accounts::log_in(std::string_view name, std::string_view password) const {
    if (!file_.check(name, password)) return nullptr;
    const auto found = rights_.find(name);
    return found == rights_.end() ? nullptr : found->second.get();
}

bool Accounts::knows(std::string_view name) const {
    return std::any_of(file_.users().begin(), file_.users().end(),
                       [&](const auto& account) { return account.first == name; });
}

const memcached::Rights* Accounts::admit(std::string_view certificate) const {
    if (!certificate.empty()) {
        const auto user = certificates_.find(certificate);
        if (user == certificates_.end()) return nullptr;
        return rights_.find(user->second)->second.get();
    }
    return must_log_in_ ? nullptr : &anybody_;
}

}  // namespace clacks::server
