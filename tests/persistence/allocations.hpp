#pragma once

#include <cstddef>

// In this executable memory can be scarce.
namespace clacks::persistence {

/// While it exists operator new gives nothing larger.
class NoLargePieces {
public:
    explicit NoLargePieces(std::size_t largest);
    ~NoLargePieces();
    NoLargePieces(const NoLargePieces&) = delete;
    NoLargePieces& operator=(const NoLargePieces&) = delete;
};

}  // namespace clacks::persistence
