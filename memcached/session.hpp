#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "memcached/command.hpp"
#include "memcached/counters.hpp"
#include "memcached/expiry.hpp"
#include "memcached/host.hpp"
#include "memcached/operations.hpp"
#include "memcached/parser.hpp"
#include "memcached/partial_values.hpp"

namespace clacks::memcached {

/// One connection: bytes in, replies out, in the order of the commands. Knows no socket.
///
///     line ──> parse ──> run ──> Operations ──> take ──> output
///               │ set …   ↑                      ↑
///               └> value ─┘ (gathered, if it     └ now, or later: until then no more input
///                            is not there whole)   is taken
///
/// What is kept of an unfinished command is in Held; an idle connection has none.
class Session final : private Receiver {
public:
    enum class Ending : std::uint8_t {
        none,
        closed,  ///< send what is left, and close
        shutdown,
        graceful_shutdown,
    };

    /// Who is there.
    struct Visitor {
        std::string_view client;  ///< for LoginTry
        const Rights* rights;     ///< nullptr: has to log in
    };

    /// All of it must outlive the session. `answered`: an answer that was waited for is there, call
    /// feed() again.
    Session(const Settings& settings, Operations& operations, Host& host, Counters& counters,
            PartialValues& partial_values, Visitor visitor, std::function<void()> answered);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Executes the commands in `input` and appends the replies to `output`. Returns how much of
    /// the input is done with; the next call begins with the rest of it. Stops early while it
    /// waits(), when the output has reached Settings::output_bytes and after as many keys as
    /// Settings::keys_at_once (of `stats conns`: connections): to be called again, also without new
    /// input, when it is sent.
    std::size_t feed(std::string_view input, WallTime now, std::string& output);

    /// For the answer to an operation.
    bool waits() const { return waits_; }
    /// There is more to say, with no need for more input.
    bool goes_on() const { return held_ && (held_->gets || held_->tour) && !waits_; }
    /// In the middle of a command: of a value, or of a line if `unread` bytes are left.
    bool is_within_command(std::size_t unread) const { return held_ || swallow_ > 0 || unread > 0; }
    Ending ending() const { return ending_; }
    /// For the log; empty if the client asked for it.
    std::string_view close_reason() const { return close_reason_; }
    bool is_logged_in() const { return rights_ != nullptr; }

private:
    /// A command that is not done yet, with views into its own line.
    struct Held {
        explicit Held(PartialValues& partial_values) : share(partial_values) {}
        std::string line{};
        KeyBuffer buffer{};
        Command command{};
        std::string value{};  ///< as far as it is there, with its line end
        PartialValues::Share share;
        std::optional<ConnectionTour> tour{};  ///< of `stats conns`
        bool gets = false;                     ///< a get with keys left
        bool checks = false;                   ///< whether they are allowed, before the first
        std::string_view key{};  ///< of these the next one, or the one that is waited for
    };

    void take(const Result& result) override;

    void begin();
    bool step(std::string_view& input);
    bool take_line(std::string_view& input);
    bool has_too_long_line(std::string_view input) const;
    void execute(std::string_view line, std::string_view& input);
    void refuse(const Refusal& refusal);
    void begin_value(const Command& command, std::string_view line, std::string_view& input);
    void refuse_value(const Command& command, std::string_view line, std::string_view why,
                      std::uint64_t rest_bytes);
    bool has_room_for(std::size_t more_bytes);
    bool gather(std::string_view& input);
    void finish_value(const Command& command, std::string_view line, std::string_view block);
    bool skip(std::string_view& input);
    void hold(std::string_view line);
    void hold_key(std::string_view line, std::string_view key);

    void begin_login(std::string_view line, std::string_view& input);
    void log_in(std::string_view block);

    void run(const Command& command, std::string_view line, std::string_view value);
    void ask(const Command& command, std::string_view value);
    void fetch(const Command& command);
    void store(const Command& command, std::string_view value);
    void meta_store(const Command& command, std::string_view value);
    void remove(const Command& command);
    void change(const Command& command);
    bool may_get(const Command& command, std::string_view line, std::string_view key);
    void get(const Command& command, std::string_view line, std::string_view key);
    bool administer(const Command& command);
    void stats(const Command& command);
    void list_connections();
    void flush_all(const Command& command);
    void shut_down(const Command& command);
    bool may_run(const Command& command) const;
    void count(const Command& command, const Result& result);

    void say(std::string_view line);
    void end(Ending ending, std::string_view reason);

    const Settings& settings_;
    Operations& operations_;
    Host& host_;
    Counters& counters_;
    PartialValues& partial_values_;
    const std::string_view client_;
    const Rights* rights_;
    std::function<void()> answered_;
    std::unique_ptr<Held> held_;
    std::string late_;                ///< replies that came between two calls of feed()
    std::string* output_ = nullptr;   ///< during feed()
    const Command* asked_ = nullptr;  ///< what the answer is to
    std::string_view asked_key_;      ///< of get
    WallTime now_{};
    std::uint64_t swallow_ = 0;  ///< so many bytes are no commands
    std::size_t scanned_ = 0;    ///< at the front of the input there is no line end
    unsigned keys_left_ = 0;     ///< during feed()
    bool answer_is_there_ = false;
    bool mutes_answer_ = false;
    bool begun_ = false;
    bool waits_ = false;
    unsigned failed_logins_ = 0;
    Ending ending_ = Ending::none;
    std::string_view close_reason_;
};

}  // namespace clacks::memcached
