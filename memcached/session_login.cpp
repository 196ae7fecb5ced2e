// How a session with an authentication file begins: the first set is name and password.
#include "memcached/errors.hpp"
#include "memcached/session.hpp"
#include "memcached/words.hpp"

namespace clacks::memcached {
namespace {

/// A name and a password, each shorter than 256, as in the file.
constexpr std::uint32_t longest_token = 512;

}  // namespace

/// set <anything> <anything> <anything> <bytes>: `name password`
void Session::begin_login(std::string_view line, std::string_view& input) {
    Words words(line);
    const bool is_set = words.next() == "set";
    for (int skipped = 0; skipped < 3; ++skipped) words.next();
    const auto bytes = parse_number<std::uint32_t>(words.next());
    if (!is_set || !bytes) return say(errors::unauthenticated);
    if (*bytes > longest_token) {
        swallow_ = *bytes + std::uint64_t{2};
        return say(errors::authentication_too_long);
    }
    hold(line);
    held_->command.value_bytes = *bytes;
    gather(input);
}

void Session::log_in(std::string_view block) {
    if (!block.ends_with("\r\n")) return say(errors::bad_authentication_end);
    block.remove_suffix(2);
    const std::size_t space = block.find(' ');
    if (space == block.npos) return say(errors::bad_authentication_token);
    counters_.add(Count::auth_commands);
    const auto answer = host_.log_in(
        {.client = client_, .name = block.substr(0, space), .password = block.substr(space + 1)});
    rights_ = answer.rights;
    if (rights_) return say("STORED");
    counters_.add(Count::auth_errors);
    say(answer.not_looked_at ? errors::authentication_delayed : errors::authentication_failure);
    if (++failed_logins_ >= settings_.login_attempts) {
        end(Ending::closed, "too many wrong passwords");
    }
}

}  // namespace clacks::memcached
