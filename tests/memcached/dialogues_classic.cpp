#include <array>

#include "tests/memcached/dialogues.hpp"

namespace clacks::test {
namespace {

constexpr std::array classic{
    Dialogue{"what is set can be had, with its flags", R"(
> set a 5 0 2
> hi
< STORED
> get a
< VALUE a 5 2
< hi
< END
> set a 4294967295 0 0
>
> get a
< STORED
< VALUE a 4294967295 0
<
< END
)"},
    Dialogue{"many keys are answered in their order, those that are missing not at all", R"(
> set a 0 0 1
> A
> set b 1 0 1
> B
< STORED
< STORED
> get b nothing  a b 
< VALUE b 1 1
< B
< VALUE a 0 1
< A
< VALUE b 1 1
< B
< END
> get nothing
< END
)"},
    Dialogue{"a value may hold anything", R"(
> set a 0 0 9
> get a
> mn
< STORED
> get a
< VALUE a 0 9
< get a
< mn
< END
)"},
    Dialogue{"add is for what is missing, replace for what is there", R"(
> replace a 0 0 1
> x
< NOT_STORED
> add a 1 0 1
> y
< STORED
> add a 2 0 1
> z
< NOT_STORED
> replace a 3 0 1
> w
< STORED
> get a
< VALUE a 3 1
< w
< END
)"},
    Dialogue{"append and prepend keep the flags", R"(
> append a 0 0 1
> x
> prepend a 0 0 1
> x
< NOT_STORED
< NOT_STORED
> set a 9 0 1
> b
> append a 5 100 1
> c
> prepend a 0 0 1
> a
< STORED
< STORED
< STORED
> get a
< VALUE a 9 3
< abc
< END
)"},
    Dialogue{"cas stores on the version that was seen", R"(
> cas a 0 0 1 5
> x
< NOT_FOUND
> set a 0 0 1
> x
< STORED
> gets a
< VALUE a 0 1 #
< x
< END
> cas a 7 0 1 {cas}
> y
< STORED
> cas a 0 0 1 {cas}
> z
< EXISTS
> get a
< VALUE a 7 1
< y
< END
> cas a 0 0 1 0
> z
< EXISTS
)"},
    Dialogue{"delete removes once", R"(
> set a 0 0 1
> x
> delete a
> delete a
> get a
< STORED
< DELETED
< NOT_FOUND
< END
> set a 0 0 1
> x
> delete a 0
< STORED
< DELETED
)"},
    Dialogue{"incr and decr count in 64 bits, down to 0 and over the end", R"(
> incr n 1
> decr n 1
< NOT_FOUND
< NOT_FOUND
> set n 5 0 2
> 10
> incr n 5
> decr n 3
> incr n 18446744073709551603
> incr n 1
< STORED
< 15
< 12
< 18446744073709551615
< 0
> incr n 7
> decr n 8
< 7
< 0
)"},
    Dialogue{"a number that gets shorter is not filled up", R"(
> set n 5 0 2
> 10
> decr n 1
> get n
< STORED
< 9
< VALUE n 5 1
< 9
< END
)",
             "pads with blanks in place"},
    Dialogue{"incr keeps the flags", R"(
> set n 5 0 1
> 1
> incr n 1
> get n
< STORED
< 2
< VALUE n 5 1
< 2
< END
)"},
    Dialogue{"blanks before and after a number, a plus and leading zeros do not matter", R"(
> set n 0 0 3
>  12
> incr n 1
< STORED
< 13
> set n 0 0 3
> 12 
> incr n 1
< STORED
< 13
> set n 0 0 3
> +12
> incr n +1
< STORED
< 13
> set n 0 0 3
> 012
> incr n 1
< STORED
< 13
> set n 0 0 4
> 12 x
> incr n 1
< STORED
< 13
)"},
    Dialogue{"what is no number is not counted on", R"(
> set n 0 0 3
> -12
> incr n 1
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
> set n 0 0 0
>
> incr n 1
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
> set n 0 0 3
> 1.5
> decr n 1
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
> set n 0 0 20
> 18446744073709551616
> decr n 1
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
> set n 0 0 6
> Yeah! 
> incr n 5
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
)"},
    Dialogue{"what expires in the past is gone", R"(
> set a 0 -1 1
> x
> get a
< STORED
< END
> set a 0 2592001 1
> x
> get a
< STORED
< END
> set a 0 0 1
> x
> touch a -1
> get a
< STORED
< TOUCHED
< END
> set a 0 0 1
> 1
> gat -1 a
> get a
> set a 0 0 1
> 1
> ma a T-1 v
> get a
< STORED
< VALUE a 0 1
< 1
< END
< END
< STORED
< VA 1
< 2
< END
)"},
    Dialogue{"touch and gat set the time to live", R"(
> touch a 10
> gat 10 a
< NOT_FOUND
< END
> set a 3 0 1
> x
> touch a 10
> mg a t
< STORED
< TOUCHED
< HD t10
> gat 100 a nothing
> mg a t
< VALUE a 3 1
< x
< END
< HD t100
> gats 0 a
> mg a t
< VALUE a 3 1 #
< x
< END
< HD t-1
)"},
    Dialogue{"an expiry of up to 30 days is a span", R"(
> set a 0 2592000 1
> x
> mg a t
< STORED
< HD t2592000
)"},
    Dialogue{"flush_all removes what is there", R"(
> set a 0 0 1
> x
> flush_all
> get a
< STORED
< OK
< END
> flush_all 0
> flush_all -1
< OK
< OK
)",
             "counts in seconds, so what is stored in the same second may stay"},
    Dialogue{"noreply hides what is answered", R"(
> set a 0 0 1 noreply
> x
> add a 0 0 1 noreply
> y
> append a 0 0 1 noreply
> z
> touch a 0 noreply
> verbosity 0 noreply
> get a
< VALUE a 0 2
< xz
< END
> delete a noreply
> delete a noreply
> incr a 1 noreply
> incr a x noreply
> get a
< END
)"},
    Dialogue{"flush_all too may be told not to reply", R"(
> flush_all noreply
> flush_all 0 noreply
> mn
< MN
)"},
    Dialogue{"verbosity, and version with anything behind it", R"(
> verbosity 1
< OK
> mn
< MN
)"},
    Dialogue{"lines may begin with spaces", R"(
>  get a
< END
)"},
    Dialogue{"keys of 250 bytes, with control characters and of UTF-8", R"(
> set {k*250} 0 0 1
> x
> get {k*250}
< STORED
< VALUE {k*250} 0 1
< x
< END
> set köln 0 0 1
> x
> get köln
< STORED
< VALUE köln 0 1
< x
< END
)"},
    Dialogue{"keys that no name of the Clacks protocol can be are as good as others", R"(
> set a=b%20%3D 0 0 1
> x
> get a=b%20%3D a%3Db%20%3D
< STORED
< VALUE a=b%20%3D 0 1
< x
< END
)"},
    Dialogue{"the largest values", R"(
> set a 0 0 1000000
> {x*1000000}
> append a 0 0 100000
> {x*100000}
> mg a s
< STORED
< NOT_STORED
< HD s1000000
)"},
};

}  // namespace

std::span<const Dialogue> classic_dialogues() { return classic; }

}  // namespace clacks::test
