#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clacks::node {

class Peer;

/// Who listens to which patterns, as a tree of levels: what does not match is never looked at, so
/// the cost of a signal does not grow with the listeners it is not for. With at most
/// protocol::most_pattern_stars stars among most_pattern_levels levels, one name can meet at most
/// 2,517 nodes of the tree, whatever somebody listens to on purpose.
class PatternTable {
public:
    /// `pattern` is one (protocol::is_listen_pattern).
    void add(std::string_view pattern, Peer& peer);
    void remove(std::string_view pattern, Peer& peer);
    bool empty() const { return root_.is_empty(); }

    /// Appends the listeners whose pattern matches `name`; one with several such patterns is
    /// appended as often.
    void match(std::string_view name, std::vector<Peer*>& found) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view level) const {
            return std::hash<std::string_view>{}(level);
        }
    };
    struct Branch {
        boost::unordered_flat_map<std::string, std::unique_ptr<Branch>, Hash, std::equal_to<>>
            exact;
        std::unique_ptr<Branch> any;  ///< below a `*`
        std::vector<Peer*> here;      ///< the pattern ends here
        std::vector<Peer*> rest;      ///< the pattern ends here with `**`

        bool is_empty() const { return exact.empty() && !any && here.empty() && rest.empty(); }
    };

    static bool remove_below(Branch& branch, std::string_view pattern, Peer& peer);
    static void match_below(const Branch& branch, std::string_view name, std::vector<Peer*>& found);

    Branch root_;
};

}  // namespace clacks::node
