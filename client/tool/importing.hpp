#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clacks/blocking.hpp"
#include "client/tool/entry_sink.hpp"
#include "client/tool/node_clock.hpp"
#include "client/tool/output.hpp"
#include "client/tool/progress.hpp"

// The two readings of a file that is imported: the first looks at all of it, the second stores.
namespace clacks::tool {

/// The first: counts, and says what is malformed.
class EntryCheck final : public EntrySink {
public:
    /// `name`: the file's, for sentences.
    /// `now`: what ends before that has expired.
    EntryCheck(Output& output, std::string name, std::size_t line_bytes, WallTime now)
        : output_(output), name_(std::move(name)), line_bytes_(line_bytes), now_(now) {}

    void entry(std::size_t line, const CarriedEntry& entry) override;
    void fault(std::size_t line, const std::string& why) override;
    void deleted() override { ++deleted_; }

    std::uint64_t entries() const { return entries_; }
    std::uint64_t ending() const { return ending_; }    ///< of these, those that expire
    std::uint64_t expired() const { return expired_; }  ///< of these, those that have
    std::uint64_t faults() const { return faults_; }
    std::uint64_t deleted_count() const { return deleted_; }

private:
    Output& output_;
    const std::string name_;
    const std::size_t line_bytes_;
    const WallTime now_;
    std::uint64_t entries_ = 0;
    std::uint64_t ending_ = 0;
    std::uint64_t expired_ = 0;
    std::uint64_t faults_ = 0;
    std::uint64_t deleted_ = 0;
};

/// A node has refused an entry.
class EntryRefused : public Error {
public:
    EntryRefused(const error_code& why, std::size_t line, std::string key)
        : Error(why), line_(line), key_(std::move(key)) {}
    std::size_t line() const { return line_; }
    const std::string& key() const { return key_; }

private:
    std::size_t line_;
    std::string key_;
};

/// The second: stores what is not malformed, as fast as the node executes it.
class EntryStore final : public EntrySink {
public:
    /// The node is one with Options::raw_values.
    EntryStore(BlockingClient& node, Progress& progress, std::size_t line_bytes)
        : node_(node), clock_(node), progress_(progress), line_bytes_(line_bytes) {}

    void entry(std::size_t line, const CarriedEntry& entry) override;
    void fault(std::size_t, const std::string&) override {}
    void deleted() override {}
    /// Returns when the node has executed everything. Here and in entry(): throws EntryRefused for
    /// an entry that the node refuses, also when it is asked once more.
    void finish();

    std::uint64_t stored() const { return confirmed_; }  ///< as the node has confirmed
    std::uint64_t expired() const { return expired_; }   ///< meanwhile, and not stored

private:
    struct Sent {
        std::size_t line;
        CarriedEntry entry;
    };
    /// Some stores, and the flush behind them.
    struct Part {
        std::vector<Sent> entries;
        std::future<error_code> executed;
    };

    bool send(const CarriedEntry& entry);
    void flush();
    void confirm_first();
    void store_again(std::span<const Sent> entries);

    BlockingClient& node_;
    const NodeClock clock_;
    Progress& progress_;
    const std::size_t line_bytes_;
    std::deque<Part> parts_;
    std::vector<Sent> part_;
    std::size_t part_bytes_ = 0;
    std::uint64_t confirmed_ = 0;
    std::uint64_t expired_ = 0;
};

}  // namespace clacks::tool
