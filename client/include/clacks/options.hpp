#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace clacks {

/// Everything a client is told at its start. The defaults suit a long-running program.
struct Options {
    using milliseconds = std::chrono::milliseconds;

    /// `tls://[user@]host[:port]`, `unix://[user@]/path` or `unix:/path`; see parse_url.
    std::string url = "tls://localhost:49888";
    /// Empty: the user of the url.
    std::string user = {};
    std::string password = {};
    /// What the node shows of us in its list of clients. A ';' or a line break becomes '_'.
    std::string client_name = "clacks client";

    /// PEM file of those whose certificates are trusted. Empty: the system's store.
    std::string ca_file = {};
    /// False: takes any certificate of any host. Whoever sits on the way then reads everything,
    /// the password too. For experiments only.
    bool verify = true;
    /// PEM files of the certificate that is shown to a node that asks for one, and of its key. A
    /// node may take it instead of a password, which is then empty. No key_file: the key stands
    /// in certificate_file, too.
    std::string certificate_file = {};
    std::string key_file = {};

    /// True: the first async_connect keeps trying as a reconnect does, and fails only with
    /// login_failed, not_clacks, or an option that cannot work. False: it fails at the first error.
    bool keep_trying = false;
    /// False: a lost connection is not made again; what waits fails with Errc::disconnected, and
    /// async_connect may be called anew.
    bool reconnect = true;
    /// Before the n-th attempt in a row the client waits a random part of delay * 2^n, at most of
    /// reconnect_delay_max; after login_delayed longer by what the node has asked for, which is ten
    /// minutes at most.
    milliseconds reconnect_delay{100};
    milliseconds reconnect_delay_max{10'000};

    /// For looking up the name, the connection and the TLS handshake.
    milliseconds connect_timeout{15'000};
    /// From there to the node's welcome.
    milliseconds login_timeout{15'000};
    /// For the answer to a retrieve, keys or flush, time without connection included.
    milliseconds reply_timeout{30'000};
    /// How often the node is told that we live. It closes a connection after 180 s without.
    milliseconds ping_interval{60'000};
    /// A node says something at least once a minute; one that is silent for this long is taken for
    /// gone. Zero: never.
    milliseconds silence_timeout{180'000};
    /// How long close() may take to send what is queued.
    milliseconds close_timeout{2'000};

    /// True: values are given and taken as they stand on the line, also what the library else
    /// encodes and decodes; see protocol.txt, "Values". One that a line cannot hold is encoded all
    /// the same. For programs that carry values from one node to another.
    bool raw_values = false;

    /// The longest line sent or taken. A longer one that arrives is dropped and reported as a
    /// Message of kind error.
    std::size_t line_bytes = std::size_t{16} << 20;
    /// What may wait to be sent, without connection or to a slow node. A single command beyond it
    /// is taken when nothing else waits.
    std::size_t output_bytes = std::size_t{8} << 20;
    /// What may wait for async_receive. When it is full the client stops reading, and goes on
    /// when there is room; see Message::Kind::lost for the exception.
    std::size_t received_bytes = std::size_t{8} << 20;
};

}  // namespace clacks
