#pragma once

namespace clacks::transport {}

namespace clacks::net {

/// What carries bytes is spoken of here as if it were this folder's.
using namespace transport;

}  // namespace clacks::net
