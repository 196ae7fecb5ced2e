#include <algorithm>

#include "client/tool/saving.hpp"
#include "client/tool/text.hpp"
#include "client/tool/tree_drawing.hpp"
#include "client/tool/verb.hpp"

// The verbs that look after a node.
namespace clacks::tool {
namespace {

constexpr const char* status_footer =
    "Prints KEY=VALUE per line. Keys are added in newer nodes, never renamed.\n\n"
    "--json: one object, all values as strings.";

constexpr const char* tree_footer =
    "Draws the nodes of the tree as this node knows them, and the links of this node. Plain\n"
    "Net::Clacks nodes are seen only as links. Needs the permission to manage.\n\n"
    "--json: an object for each node and each link, all values as strings; \"self\":\"1\" is the\n"
    "node that was asked.";

constexpr const char* clients_footer =
    "Prints a line per connection of the node: its id, what it calls itself, and in brackets\n"
    "what else there is to say of it. Needs the permission to manage.\n\n"
    "--json: an object per connection with all fields of CLIENTLIST, values as strings.";

Run declare_status(CLI::App& verb) {
    verb.footer(status_footer);
    return [](Context& context) {
        Fields figures;
        context.ask([&](BlockingClient& node) { figures = node.status(); });
        Output& output = context.output();
        if (output.json()) {
            output.line(json_line(figures));
            return ExitCode::done;
        }
        for (const auto& [key, value] : figures) output.line(signal_line(key, value));
        return ExitCode::done;
    };
}

Run declare_tree(CLI::App& verb) {
    verb.footer(tree_footer);
    return [](Context& context) {
        std::vector<Fields> rows;
        context.ask([&](BlockingClient& node) { rows = node.tree(); });
        Output& output = context.output();
        if (!output.json()) output.bytes(draw_tree(rows));
        if (output.json())
            for (const Fields& row : rows) output.line(json_line(row));
        return ExitCode::done;
    };
}

std::string client_line(const Fields& client) {
    std::string remarks;
    const auto remark = [&](bool holds, const std::string& text) {
        if (holds) remarks += (remarks.empty() ? "" : ", ") + text;
    };
    const std::string waiting = escape(field(client, "OUTBUFFER_LENGTH"));
    remark(field(client, "INTERCLACKS") == "1", "link");
    remark(field(client, "MONITOR") == "1", "monitor");
    remark(!waiting.empty() && waiting != "0", waiting + " bytes waiting");
    return escape(field(client, "CID")) + ' ' + escape(field(client, "CLIENTINFO")) +
           (remarks.empty() ? "" : " [" + remarks + "]");
}

Run declare_clients(CLI::App& verb) {
    verb.footer(clients_footer);
    return [](Context& context) {
        std::vector<Fields> clients;
        context.ask([&](BlockingClient& node) { clients = node.clients(); });
        for (const Fields& client : clients)
            context.output().line(context.output().json() ? json_line(client)
                                                          : client_line(client));
        return ExitCode::done;
    };
}

constexpr const char* save_footer =
    "Tells the node to make a snapshot of its store now instead of at its next interval, and "
    "waits\n"
    "until it is on the disk: what was stored before is safe then. --timeout SECONDS waits "
    "longer.\n"
    "Needs the permissions to manage and to read.\n\n"
    "Exits with 1 when the node cannot save, and says why; with 4 when it has no database. "
    "--json:\n"
    "{\"file\":\"/var/lib/clacks/clacks.db\",\"saved_at\":\"1763662923.123456\"}.";

Run declare_save(CLI::App& verb) {
    verb.footer(save_footer);
    return [](Context& context) {
        const SavedDatabase saved = save_node(context);
        Output& output = context.output();
        if (output.json())
            output.line(json_line({{"file", saved.file}, {"saved_at", saved.time}}));
        else
            output.say("saved to " + escape(saved.file));
        return ExitCode::done;
    };
}

Run declare_disconnect(CLI::App& verb) {
    auto id = std::make_shared<std::string>();
    verb.add_option("CID", *id, "the client's id, as clients and monitor print it")->required();
    verb.footer("Exits with 1 when the node has no such client. Needs the permission to manage.");
    return [id](Context& context) {
        bool found = false;
        context.ask([&](BlockingClient& node) {
            const auto clients = node.clients();
            found = std::any_of(clients.begin(), clients.end(),
                                [&](const Fields& client) { return field(client, "CID") == *id; });
            if (!found) return;
            node.disconnect(*id);
            node.flush();
        });
        Output& output = context.output();
        if (output.json())
            output.line(json_line({{"client", *id}, truth_field("disconnected", found)}));
        else if (!found)
            output.say("no such client: " + escape(*id));
        return found ? ExitCode::done : ExitCode::negative;
    };
}

}  // namespace

std::span<const Verb> node_verbs() {
    static constexpr Verb verbs[] = {
        {"status", "print the figures of the node", declare_status},
        {"tree", "draw the tree as the node knows it", declare_tree},
        {"save", "make the node save its store to its database now", declare_save},
        {"clients", "list the connections of the node", declare_clients},
        {"disconnect", "end a connection of the node", declare_disconnect},
    };
    return verbs;
}

}  // namespace clacks::tool
