#include "protocol/error.hpp"

#include <boost/system/error_category.hpp>
#include <string>

namespace clacks::protocol {
namespace {

class ParseCategory final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "clacks.protocol"; }
    std::string message(int value) const override {
        switch (static_cast<ParseError>(value)) {
            case ParseError::unknown_verb:
                return "unknown verb";
            case ParseError::malformed:
                return "malformed";
        }
        return "unknown error";
    }
};

}  // namespace

boost::system::error_code make_error_code(ParseError e) {
    static const ParseCategory category;
    return {static_cast<int>(e), category};
}

}  // namespace clacks::protocol
