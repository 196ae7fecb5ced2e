#include <array>

#include "tests/memcached/dialogues.hpp"

namespace clacks::test {
namespace {

constexpr auto newer_words = "says ERROR, newer ones this";
constexpr auto takes_value = "takes the value for commands, newer ones do not";

constexpr std::array errors{
    Dialogue{"what is no command", R"(
> foo
> Get a
> get	a
> debugtime
< ERROR
< ERROR
< ERROR
< ERROR
)"},
    Dialogue{"an empty line, and one with a letter", R"(
>
> m
> mn
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< MN
)",
             newer_words},
    Dialogue{"arguments that are missing", R"(
> get
> set a 0 0
> incr a
> touch a
> gat 1
> delete
> mg
> verbosity
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
)",
             newer_words},
    Dialogue{"a size that is none: what follows is taken for commands", R"(
> set a 0 0 x
> abc
< CLIENT_ERROR bad command line format
< ERROR
> set a 0 0 -1
> set a 0 0 2147483646
> ms a x
> ms a
> ms a -1
> mn
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< MN
)"},
    Dialogue{"with a size that can be read one answer, whatever else is wrong", R"(
> set a x 0 1
> a
> set a 0 x 1
> a
> set a -1 0 1
> a
> cas a 0 0 1 -1
> a
> set {k*251} 0 0 1
> a
> mn
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< MN
)",
             takes_value},
    Dialogue{"flags beyond 32 bits are not cut off", R"(
> set a 4294967296 0 1
> a
< CLIENT_ERROR bad command line format
)",
             "stores them cut off"},
    Dialogue{"a value without its end", R"(
> set a 0 0 1
> abcde
> mn
< CLIENT_ERROR bad data chunk
< ERROR
< MN
> set a 0 0 3 noreply
> abcde
> ms a 3 q
> abcde
> mn
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad data chunk
< CLIENT_ERROR bad command line format
< MN
)",
             "says ERROR to the rest of the value"},
    Dialogue{"keys that are too long", R"(
> get {k*251}
> delete {k*251}
> incr {k*251} 1
> touch {k*251} 1
> mg {k*251}
> md {k*251}
> ma {k*251}
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
< CLIENT_ERROR bad command line format
)"},
    Dialogue{"one key that is too long is the answer to all of them", R"(
> set a 0 0 1
> x
> get a {k*251} a
< STORED
< CLIENT_ERROR bad command line format
)",
             "sends some of the values after it"},
    Dialogue{"numbers that are none", R"(
> incr a x
> incr a -1
> incr a 18446744073709551616
> decr a 1.5
> touch a x
> gat x a
> flush_all x
> verbosity x
< CLIENT_ERROR invalid numeric delta argument
< CLIENT_ERROR invalid numeric delta argument
< CLIENT_ERROR invalid numeric delta argument
< CLIENT_ERROR invalid numeric delta argument
< CLIENT_ERROR invalid exptime argument
< CLIENT_ERROR invalid exptime argument
< CLIENT_ERROR invalid exptime argument
< CLIENT_ERROR bad command line format
)"},
    Dialogue{"a value that is too large removes what was there", R"(
> set a 0 0 1
> x
> set a 0 0 1048577
> {x*1048577}
> get a
< STORED
< SERVER_ERROR object too large for cache
< END
> set a 0 0 1
> x
> add a 0 0 1048577
> {x*1048577}
> set b 0 0 1048577 noreply
> {x*1048577}
> get a
< STORED
< SERVER_ERROR object too large for cache
< VALUE a 0 1
< x
< END
> ms a 1048577 q
> {x*1048577}
> mg a
< SERVER_ERROR object too large for cache
< EN
)"},
    Dialogue{"what is not offered", R"(
> shutdown
> watch
> lru_crawler metadump all
> lru_crawler mgdump all
> stats cachedump 1 1
> stats detail on
> lru_crawler
> slabs
< SERVER_ERROR: shutdown not enabled
< CLIENT_ERROR watch commands not allowed
< ERROR metadump not allowed
< ERROR key dump not allowed
< CLIENT_ERROR stats cachedump not allowed
< CLIENT_ERROR stats detail not allowed
< ERROR
< ERROR
)",
             "offers them"},
    Dialogue{"the memory limit", R"(
> cache_memlimit
> cache_memlimit 4
< ERROR
< MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m
> cache_memlimit 64
< OK
)"},
    Dialogue{"stats that are none", R"(
> stats nonsense
< ERROR
)"},
};

}  // namespace

std::span<const Dialogue> error_dialogues() { return errors; }

}  // namespace clacks::test
