#include "program.hpp"

#include <clacks/cause.hpp>
#include <clacks/error.hpp>
#include <clacks/url.hpp>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>

#include "printable.hpp"
#include "room.hpp"

namespace chat {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string user_of(const std::string& url) {
    const auto parsed = clacks::parse_url(url);
    return parsed ? parsed->user : "";
}

std::string read_password(const std::string& file) {
    std::string password;
    if (std::ifstream stream(file); !stream || !std::getline(stream, password))
        throw CLI::ValidationError("--password-file", "cannot read a password from " + file);
    return password;
}

/// What to do about a connect that failed, in brackets; nothing where its own words say all.
std::string advice(const clacks::error_code& error) {
    using clacks::Cause;
    switch (clacks::cause_of(error)) {
        case Cause::nobody_listens:
            return " (is clacksd running there? --url or CLACKS_URL chooses another node)";
        case Cause::untrusted:
            return " (--ca FILE trusts who signed its certificate, --insecure anyone)";
        case Cause::certificate_wanted:
            return " (the node wants a certificate of yours: --cert FILE and --key FILE show one)";
        case Cause::certificate_refused:
            return " (the node does not trust the certificate of --cert)";
        case Cause::no_tls:
            return " (what listens there does not speak TLS: is it the port of a clacksd?)";
        case Cause::login_failed:
            return " (--user and --password-file, or CLACKS_USER and CLACKS_PASSWORD, say who logs "
                   "in)";
        default:
            return "";
    }
}

/// What may hold a password is not repeated.
std::string shown(const std::string& url) {
    return url.find('@') == url.npos ? "'" + url + "'" : "what was given";
}

std::string check_name(const std::string& text) {
    return is_name(text) ? "" : "'" + text + "' is no name (no blanks, ':' or '='; 32 bytes)";
}

}  // namespace

void add_connection_options(CLI::App& app, clacks::Options& options) {
    auto* url = app.add_option("--url", options.url,
                               "the node: tls://[user@]host[:port] or unix:///path (CLACKS_URL)")
                    ->option_text("URL=" + options.url);
    app.add_option("--user", options.user, "who logs in (CLACKS_USER)")->option_text("NAME");
    auto* file = app.add_option("--password-file")
                     ->description("its first line is the password (else CLACKS_PASSWORD)")
                     ->option_text("FILE")
                     ->expected(1);
    auto* ca = app.add_option("--ca", options.ca_file, "whose certificates to trust (CLACKS_CA)")
                   ->option_text("FILE");
    auto* insecure = app.add_flag("--insecure")
                         ->description("accept any certificate, for experiments")
                         ->excludes(ca);
    auto* certificate =
        app.add_option("--cert", options.certificate_file, "shown to a node that asks for one")
            ->option_text("FILE");
    app.add_option("--key", options.key_file, "its key, if that is in another file")
        ->option_text("FILE")
        ->needs(certificate);

    app.parse_complete_callback([=, &options] {
        // A user in the URL of the command line is stronger than the environment's.
        const bool named = !options.user.empty() || (*url && !user_of(options.url).empty());
        if (!named) options.user = environment("CLACKS_USER");
        if (const auto value = environment("CLACKS_URL"); !*url && !value.empty())
            options.url = value;
        if (!clacks::parse_url(options.url))
            throw CLI::ValidationError("--url", shown(options.url) + " is no URL of a node");
        if (options.user.empty() && user_of(options.url).empty())
            throw CLI::ValidationError("--user", "who logs in? (or CLACKS_USER)");
        options.password =
            *file ? read_password(file->as<std::string>()) : environment("CLACKS_PASSWORD");
        options.verify = !*insecure;
        if (options.verify && options.ca_file.empty()) options.ca_file = environment("CLACKS_CA");
    });
}

void add_room_options(CLI::App& app, std::string& name, std::string& room) {
    app.add_option("--name", name, "what the others see")
        ->option_text("NAME=" + name)
        ->check(check_name);
    app.add_option("--room", room, "where to talk")->option_text("NAME=" + room)->check(check_name);
}

std::string news_of(const clacks::Message& message) {
    using Kind = clacks::Message::Kind;
    switch (message.kind) {
        case Kind::disconnected:
            return "connection lost: " + printable(message.value);
        case Kind::reconnected:
            return "connected again";
        case Kind::error:
            return "the node says: " + printable(message.value);
        case Kind::gap:
        case Kind::lost:
            return std::to_string(message.count) + " messages were lost";
        case Kind::set:
        case Kind::notify:
        case Kind::debug:
            break;
    }
    return {};
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
    try {
        app.parse(argc, argv);
        body();
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const clacks::Error& error) {
        std::cerr << app.get_name() << ": " << error.what() << advice(error.code()) << "\n";
        return 3;
    } catch (const std::exception& error) {
        std::cerr << app.get_name() << ": " << error.what() << "\n";
        return 1;
    }
}

}  // namespace chat
