#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "clacks/cache_key.hpp"

namespace clacks::tool {

/// NAME of the verbs of the store, and --cache-key.
struct Key {
    std::string given;
    bool cache_key = false;

    /// As it goes over the line.
    std::string name() const { return cache_key ? clacks::cache_key(given) : given; }
};

inline void add_cache_key(CLI::App& verb, bool& cache_key) {
    verb.add_flag("--cache-key", cache_key,
                  "each blank and each '=' in NAME becomes '___', as with the cache\nclient of "
                  "Net::Clacks");
}

inline void add_key(CLI::App& verb, Key& key) {
    verb.add_option("NAME", key.given, "levels are separated by '::'")->required();
    add_cache_key(verb, key.cache_key);
}

}  // namespace clacks::tool
