#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clacks/monitor_filter.hpp"
#include "clacks/options.hpp"
#include "clacks/step.hpp"
#include "client/failure.hpp"
#include "client/features.hpp"
#include "client/inbox.hpp"
#include "client/output.hpp"
#include "client/requests.hpp"
#include "protocol/command.hpp"
#include "protocol/line_framer.hpp"
#include "protocol/time.hpp"

namespace clacks::detail {

/// One client's half of the protocol, across all its connections: commands and bytes of the node
/// in; bytes for the node, messages and answers out. No socket, no clock, no lock: Connection
/// drives it.
///
///                connected()            CLACKS              answered
///     offline ───────────────▶ greeting ──────▶ logging_in ─────────▶ ready
///        ▲                        │                 │                   │
///        └────────────────────────┴─────────────────┴───────────────────┘  disconnected()
///
/// The login, FEATURES, the listens and the requests to be asked again go out at once, without
/// waiting for the greeting. What the application queued goes with them where the loss of this
/// connection would be told to it, and else when the login is answered: what was on the way when a
/// connection broke is not sent again, and attempts that come to nothing must not eat the queue.
/// FEATURES has a barrier behind it: whatever a node makes of the word, when FLUSHED is there one
/// knows. Source: protocol.txt, "Connecting".
class SessionProtocol {
public:
    SessionProtocol(const Options& options, std::string user);

    // The application. Errors: Errc::invalid_…, value_too_large, queue_full; not_supported when the
    // node is known to lack what this needs. Offline that is tried, and told when it is known.

    error_code listen(std::string_view name);
    error_code unlisten(std::string_view name);
    error_code monitor(const MonitorFilter& filter);
    error_code unmonitor();
    /// NOTIFY, SET, SETANDSTORE, STORE, REMOVE, CLIENTDISCONNECT: any value, it is encoded here.
    error_code command(protocol::Verb verb, std::string_view name, std::string_view value = {});
    error_code store_yaml(std::string_view name, std::string_view yaml);
    error_code count(protocol::Verb verb, std::string_view name, const Step& step);
    error_code store_for(std::string_view name, std::string_view value,
                         std::chrono::microseconds lifetime);
    error_code store_with_flags(std::string_view name, std::string_view value, std::uint32_t flags,
                                std::chrono::microseconds lifetime);
    /// Zero: never.
    error_code expire(std::string_view name, std::chrono::microseconds lifetime);
    error_code clear_cache();
    boost::system::result<RequestId> ask(Question question, MonoTime now);
    void forget(RequestId id) { requests_.forget(id); }
    void fail_requests(const Failure& why) { requests_.fail_all(why); }
    /// Says QUIT behind everything queued. From here on messages are dropped.
    void close();

    // The network.

    /// What goes out without waiting for the answer to the login.
    enum class FirstFlight : std::uint8_t { login, everything };

    void connected(MonoTime now, FirstFlight first_flight = FirstFlight::login);
    void disconnected(const Failure& why);
    /// Takes what has arrived. A failure: the connection must be closed, for that reason.
    /// `bytes` is changed.
    Failure receive(std::span<char> bytes, MonoTime now);
    /// Why the connection is over when the node closed it without a word.
    Failure end_of_stream() const;
    /// Does what is due at `now`: expired requests, PING, and failures as above.
    Failure tick(MonoTime now);
    /// The next tick that has something to do.
    MonoTime deadline() const;

    /// False while reading must pause because nobody takes the messages.
    bool wants_input() const;
    /// Reading goes on after a pause: silence counts from here.
    void resume(MonoTime now) { heard_ = now; }

    bool has_output() const { return output_.has_first() || (sending() && output_.has_queued()); }
    /// Replaces `out` by what is to be sent now.
    void take_output(std::string& out);

    // The results.

    bool ready() const { return phase_ == Phase::ready; }
    bool offline() const { return phase_ == Phase::offline; }
    /// What the node of this connection said to FEATURES; empty until then.
    Features features() const { return features_.value_or(Features()); }
    Inbox& inbox() { return inbox_; }
    std::vector<Answer> take_answers() { return requests_.take_answers(); }

private:
    enum class Phase : std::uint8_t { offline, greeting, logging_in, ready };
    static constexpr std::string_view features_barrier = "c0";  ///< requests count from 1

    /// What is queued goes out.
    bool sending() const {
        return ready() || (!offline() && first_flight_ == FirstFlight::everything);
    }
    void login_heard();
    void login_refused();
    Failure turned_away(Errc error, std::string text);

    error_code interest(const protocol::Command& command);
    error_code queue(const protocol::Command& command);
    boost::system::result<RequestId> listen_and_ask(Question question, MonoTime now);
    bool lacks(std::string_view feature) const;
    std::string encoded(std::string_view value) const;
    Failure on_line(std::string_view line, MonoTime now);
    Failure on_oversize();
    Failure on_greeting(std::string_view line);
    Failure on_command(const protocol::Command& command, MonoTime now);
    Failure on_overhead(const protocol::Command& command, MonoTime now);
    void on_features(Features features);
    void on_debug(const protocol::Command& c);
    void on_gap(std::string_view text);
    void push_gap(std::string_view name, std::string_view digits);
    void ask_for_gaps();
    void on_flushed(std::string_view text);
    void on_refusal(std::string_view text);
    Failure refusal(std::string text) const;
    Failure reason();
    void complain(Failure failure);
    void welcome(MonoTime now);
    void push(Message message);

    /// What the node refused since the last barrier. Whose command it was is known only when the
    /// next barrier comes; only the first and the last text can matter then.
    struct Refusals {
        std::size_t count = 0;
        std::string first = {};
        std::string last = {};
        std::size_t late = 0;  ///< denials that requests were answered with before they came
    };

    // What the application wants of every connection.
    const Options& options_;
    std::string user_;
    std::set<std::string, std::less<>> listens_;
    std::optional<std::string> monitor_;  ///< what stands behind MONITOR
    bool closing_ = false;

    // This connection.
    Phase phase_ = Phase::offline;
    FirstFlight first_flight_ = FirstFlight::login;
    bool turned_away_ = false;          ///< the node did not let us in: it has executed nothing
    std::optional<Features> features_;  ///< none: not known yet
    bool gaps_asked_ = false;
    bool was_ready_ = false;  ///< some connection before was: this one is a reconnect
    protocol::LineFramer framer_;
    MonoTime login_deadline_{};
    MonoTime heard_{};
    MonoTime next_ping_{};
    Output::Position ping_ = 0;  ///< behind the last PING
    Refusals refusals_;

    // Across connections.
    Output output_;
    Requests requests_;
    Inbox inbox_;
    Output::Position last_interest_ = 0;   ///< behind the last LISTEN, UNLISTEN, MONITOR …
    Output::Position last_command_ = 0;    ///< behind the last command of the application
    Output::Position handed_command_ = 0;  ///< behind the last one handed to the network
    Output::Position tried_command_ = 0;   ///< behind the last one that went with a login
    Output::Position settled_ = 0;         ///< what became of everything up to here is known
    Failure trouble_;                      ///< what the next flush tells
};

}  // namespace clacks::detail
