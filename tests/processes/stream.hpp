#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace clacks::test {

/// How a client of ours does TLS.
struct TlsOptions {
    int version = 0;               ///< TLS1_2_VERSION or TLS1_3_VERSION; 0: any
    std::string ca = {};           ///< PEM file: whom to trust
    std::string certificate = {};  ///< PEM file, with `key`: who we are
    std::string key = {};
};

/// The bytes of one connection, plain or through TLS. Blocking, each call for a limited time.
/// Whatever fails or takes too long is a std::runtime_error.
class Stream {
public:
    static Stream to_unix(const std::string& path);
    static Stream to_tcp(const std::string& address, int port);  ///< an IPv4 or IPv6 address

    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&&) = delete;
    ~Stream();

    /// The client's handshake with whom it has connected to by address.
    void start_tls(const TlsOptions& options);

    /// Writes all of `bytes`. What comes in meanwhile is appended to `received`: a peer may wait
    /// for us to read before it takes more.
    void write(std::string_view bytes, std::string& received);

    /// Appends what comes next to `received`. False: the peer has closed, by an end or a reset.
    bool read(std::string& received);

    /// Says that nothing more will come; what the peer still says can be read.
    void finish();
    /// How often we have spoken through TLS and then had to hear something before we went on: round
    /// trips, those of the handshake included.
    int flights() const { return flights_->count; }

    void close();
    /// Closes so that the peer gets a reset instead of an end.
    void reset();

private:
    explicit Stream(int fd) : fd_(fd) {}
    struct Address;
    static Stream connect(const Address& address, const std::string& what);

    enum class Progress { done, wants_read, wants_write, closed };
    Progress read_some(std::string& received);
    Progress write_some(std::string_view& bytes);
    Progress progress_of(int result) const;
    void wait(short events) const;

    struct Flights {
        int count = 0;
        bool speaking = false;
    };
    static long count_flights(BIO* bio, int operation, const char* data, std::size_t length,
                              int number, long detail, int result, std::size_t* processed);

    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    int fd_;
    std::string peer_;
    std::unique_ptr<Flights> flights_ = std::make_unique<Flights>();
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace clacks::test
