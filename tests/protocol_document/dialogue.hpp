#pragma once

#include <chrono>
#include <string>
#include <vector>

// The examples of protocol.txt as something to execute. How they are written is said there, in
// "Dialogues".
namespace clacks::protocol_document {

struct Step {
    enum class Kind {
        send,               // A> text
        receive,            // A< text
        connect,            // # A connects
        connect_to_master,  // # the node connects to A
        leave,              // # A goes away
        closed,             // # A is closed
        pass,               // # 60 s pass
        stop,               // # the node stops in 5 s
    };
    Kind kind{};
    int line = 0;                  ///< in the document, from 1
    char actor = 0;                ///< all but pass and stop
    std::string text;              ///< send, receive; an empty line is empty
    std::chrono::seconds time{0};  ///< pass, stop
};

struct Dialogue {
    std::vector<Step> steps;
    int line() const { return steps.front().line; }
};

struct Dialogues {
    std::vector<Dialogue> all;
    /// `123: text` for each line of a dialogue that means nothing.
    std::vector<std::string> not_understood;
};

/// Every block of lines that are indented by four blanks is a dialogue, if a line of it looks
/// like one: then all must be understood.
Dialogues dialogues(const std::vector<std::string>& document);

}  // namespace clacks::protocol_document
