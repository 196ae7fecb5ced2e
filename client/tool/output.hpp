#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace clacks::tool {

/// The tool's two ways to speak: data to standard output, talk to standard error. Never colours.
class Output {
public:
    enum class Form { text, json };

    /// `on_terminal`: a person watches the talk as it comes.
    Output(std::ostream& data, std::ostream& talk, bool on_terminal = false)
        : data_(data), talk_(talk), on_terminal_(on_terminal) {}

    void set_form(Form form) { form_ = form; }
    bool json() const { return form_ == Form::json; }

    /// Data as it is, and out of the process when it returns: whoever reads a pipe sees it now.
    /// Throws Failure (negative) when nobody takes it, say because the disk is full.
    void bytes(std::string_view data);
    /// The same with a line end.
    void line(std::string_view text);
    /// A sentence for people; "clacks: " is put in front.
    void say(std::string_view sentence);

    bool on_terminal() const { return on_terminal_; }
    /// A line below all talk that the next one takes the place of; an empty one takes it away. Only
    /// on a terminal, else nothing.
    void status(std::string_view text);

private:
    std::ostream& data_;
    std::ostream& talk_;
    const bool on_terminal_;
    std::string status_;
    Form form_ = Form::text;
};

}  // namespace clacks::tool
