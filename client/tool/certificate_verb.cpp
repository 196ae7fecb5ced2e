#include <memory>

#include "client/tool/certificate.hpp"
#include "client/tool/text.hpp"
#include "client/tool/verb.hpp"

namespace clacks::tool {
namespace {

constexpr const char* certificate_footer =
    "Makes a CA for development, ca.crt and ca.key, unless it is there already, and server.crt\n"
    "and server.key signed by it (ECDSA P-256). Keys are readable by their owner only.\n\n"
    "Prints the files as ca=FILE, certificate=FILE, key=FILE; with --json as one object.";

void print(Output& output, const CertificateFiles& files) {
    if (files.ca_created) output.say("made a new CA");
    const std::string ca = files.ca.string();
    const std::string certificate = files.certificate.string();
    const std::string key = files.key.string();
    if (output.json()) {
        output.line(json_line({{"ca", ca}, {"certificate", certificate}, {"key", key}}));
        return;
    }
    output.bytes("ca=" + ca + "\ncertificate=" + certificate + "\nkey=" + key + "\n");
}

Run declare_certificate(CLI::App& verb) {
    auto request = std::make_shared<CertificateRequest>();
    verb.add_option("--out", request->directory, "directory of the files; made if it is missing")
        ->required()
        ->type_name("DIR");
    auto* name =
        verb.add_option("--name", request->names,
                        "a DNS name or IP address of the server, may be given repeatedly;\nif not "
                        "given: localhost, 127.0.0.1, ::1 and this host's name")
            ->type_name("NAME")
            ->expected(1)
            ->take_all();
    verb.add_option("--days", request->days, "how long it is valid; not longer than its CA")
        ->check(CLI::Range(1, 36500).description(""))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--client", request->client,
                    "make NAME.crt and NAME.key for a client instead of a server's")
        ->type_name("NAME")
        ->excludes(name);
    verb.add_flag("--force", request->replace,
                  "replace an existing certificate and key; the CA always stays");
    verb.footer(certificate_footer);
    return [request](Context& context) {
        if (request->names.empty()) request->names = default_certificate_names();
        print(context.output(), make_certificate(*request));
        return ExitCode::done;
    };
}

}  // namespace

std::span<const Verb> certificate_verbs() {
    static constexpr Verb verbs[] = {
        {"certificate", "make a CA for development and certificates", declare_certificate},
    };
    return verbs;
}

}  // namespace clacks::tool
