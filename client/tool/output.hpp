#pragma once

#include <ostream>
#include <string_view>

namespace clacks::tool {

/// The tool's two ways to speak: data to standard output, talk to standard error. Never colours.
class Output {
public:
    enum class Form { text, json };

    Output(std::ostream& data, std::ostream& talk) : data_(data), talk_(talk) {}

    void set_form(Form form) { form_ = form; }
    bool json() const { return form_ == Form::json; }

    /// Data as it is, and out of the process when it returns: whoever reads a pipe sees it now.
    /// Throws Failure (negative) when nobody takes it, say because the disk is full.
    void bytes(std::string_view data);
    /// The same with a line end.
    void line(std::string_view text);
    /// A sentence for people; "clacks: " is put in front.
    void say(std::string_view sentence);

private:
    std::ostream& data_;
    std::ostream& talk_;
    Form form_ = Form::text;
};

}  // namespace clacks::tool
