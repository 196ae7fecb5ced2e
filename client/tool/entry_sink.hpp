#pragma once

#include <cstddef>
#include <string>

#include "client/tool/entry_line.hpp"

namespace clacks::tool {

/// Takes what is found in a file, in its order. Lines count from 1.
class EntrySink {
public:
    virtual ~EntrySink() = default;

    virtual void entry(std::size_t line, const CarriedEntry& entry) = 0;
    /// A malformed one.
    virtual void fault(std::size_t line, const std::string& why) = 0;
    /// One that was deleted where the file comes from.
    virtual void deleted() = 0;
};

}  // namespace clacks::tool
