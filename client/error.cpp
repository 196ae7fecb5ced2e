#include "clacks/error.hpp"

namespace clacks {
namespace {

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "clacks"; }

    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::closed:
                return "the client is closed";
            case Errc::disconnected:
                return "the connection was lost";
            case Errc::timeout:
                return "no answer in time";
            case Errc::login_failed:
                return "the node refuses this user and password";
            case Errc::not_clacks:
                return "the other side does not speak Clacks";
            case Errc::queue_full:
                return "too much waits to be sent (output_bytes)";
            case Errc::permission_denied:
                return "permission denied";
            case Errc::refused:
                return "the node refused";
            case Errc::not_supported:
                return "the node cannot do this: it is no clacksd, or an older one";
            case Errc::invalid_name:
                return "a name must not be empty and holds no blank, '=' or line break";
            case Errc::invalid_step:
                return "a step is a decimal number";
            case Errc::invalid_version:
                return "a version is a word that a node gave, without blank, '=' or comma";
            case Errc::invalid_lifetime:
                return "a lifetime is positive";
            case Errc::invalid_query:
                return "no node takes this pattern, limit, command or share";
            case Errc::value_too_large:
                return "the value is too large (line_bytes)";
            case Errc::invalid_url:
                return "a url is tls://[user@]host[:port] or unix:///path";
            case Errc::no_greeting:
                return "connected, but no greeting came";
            case Errc::no_certificate:
                return "a key without a certificate (certificate_file)";
            case Errc::login_delayed:
                return "the node does not look at logins from here for now";
            case Errc::already_connected:
                return "the client is connected, or about to be";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const Category category;
    return category;
}

error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), error_category()}; }

}  // namespace clacks
