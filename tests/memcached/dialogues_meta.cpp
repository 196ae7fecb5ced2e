#include <array>

#include "tests/memcached/dialogues.hpp"

namespace clacks::test {
namespace {

constexpr auto newer_flags = "does not know all of these flags yet";

constexpr std::array meta{
    Dialogue{"mg says what it is asked for, in that order", R"(
> set a 7 100 2
> hi
< STORED
> mg a
> mg a v
> mg a s v k f t h l O123
> mg a O1 k q
< HD
< VA 2
< hi
< VA 2 s2 ka f7 t100 h1 l0 O123
< hi
< HD O1 ka
> mg  a   c  
< HD c#
)"},
    Dialogue{"mg tells whether it has been read since it was stored, but not of looks", R"(
> set a 0 0 1
> x
< STORED
> mg a u h
> mg a h
> mg a h
< HD h0
< HD h0
< HD h1
> set a 0 0 1
> y
> mg a h
< STORED
< HD h0
> set a 0 0 1
> z
> get a
> mg a h
< STORED
< VALUE a 0 1
< z
< END
< HD h1
)"},
    Dialogue{"mg of what is missing", R"(
> mg a
> mg a v k O1
> mg a q
> mg a k q O2
> mn
< EN
< EN ka O1
< MN
)"},
    Dialogue{"mg with T touches", R"(
> set a 0 100 1
> x
> mg a t T30 
> mg a T40 t
> mg a T0 t
< STORED
< HD t100
< HD t40
< HD t-1
)"},
    Dialogue{"mg with N makes an item, and the first one wins it", R"(
> mg a N30 v t k O9
< VA 0 t30 ka O9 W
<
> mg a N30 v
< VA 0 Z
<
> mg a
< HD Z
> ms a 2
> ok
> mg a v N30
< HD
< VA 2
< ok
)"},
    Dialogue{"mg with N and T makes an item that lives as long as the last of them says", R"(
> mg a N30 T90 t
> mg a t
< HD t90 W
< HD t90 Z
> mg b N30 t T90
> mg b t
< HD t30 W
< HD t90 Z
> mg c T90 N30 t
> mg c t
< HD t30 W
< HD t30 Z
)"},
    Dialogue{"mg of what was stored just now, several times", R"(
> set a 0 0 1
> x
< STORED
> set a 0 0 1
> y
< STORED
> mg a l
< HD l0
> mg c N0 l
< HD l0 W
)"},
    Dialogue{"mg with R gives the token when little time is left", R"(
> ms a 2 T100
> ok
> mg a R30
> mg a R200
> mg a R200
> mg a R30
< HD
< HD
< HD W
< HD Z
< HD Z
> ms a 2 T0
> ok
> mg a R200
< HD
< HD
)"},
    Dialogue{"md with I lets an item be stale until it is made anew", R"(
> set a 0 0 1
> x
> md a I T30
< STORED
< HD
> mg a v t
> mg a v
> get a
< VA 1 t30 X W
< x
< VA 1 Z X
< x
< VALUE a 0 1
< x
< END
> md a I
> mg a
< HD
< HD X W
> touch a 5
> mg a t
< TOUCHED
< HD t5 Z X
> set a 0 0 1
> y
> mg a v
< STORED
< VA 1
< y
)"},
    Dialogue{"incr leaves an item stale, append does not", R"(
> set a 0 0 1
> 5
> md a I
> incr a 1
> mg a v
< STORED
< HD
< 6
< VA 1 X W
< 6
> md a I
> append a 0 0 1
> 1
> mg a v
< HD
< STORED
< VA 2
< 61
)"},
    Dialogue{"ms with C and I stores for an older version, but stale", R"(
> set a 0 0 1
> x
< STORED
> mg a c
< HD c#
> set a 0 100 1
> y
< STORED
> ms a 1 C{cas}
> z
< EX
> ms a 1 C{cas} I
> z
< HD
> mg a v t
> mg a
< VA 1 t100 X W
< z
< HD Z X
> ms a 1 C18446744073709551615 I
> w
< EX
)"},
    Dialogue{"ms in its modes", R"(
> ms a 1 MR
> x
> ms a 1 MA
> x
> ms a 1 MP
> x
> ms a 1 C1
> x
< NS
< NS
< NS
< NF
> ms a 1 ME F5
> b
> ms a 1 ME
> x
> ms a 1 MA
> c
> ms a 1 MP
> a
> mg a v f
< HD
< NS
< HD
< HD
< VA 3 f5
< abc
> ms a 1 MR
> d
> ms a 1 MS k O1
> e
< HD
< HD ka O1
)"},
    Dialogue{"ms says HD only if it is asked to", R"(
> ms a 1 q
> x
> ms a 1 ME q
> x
> mg a v
< NS
< VA 1
< x
)"},
    Dialogue{"ms with c tells the version that can be compared", R"(
> ms a 1 c
> x
< HD c#
> ms a 1 C{cas} c
> y
< HD c#
> ms a 1 C1
> z
< EX
> md a C1
> md a C{cas} q k
> md a
< EX
< NF
)"},
    Dialogue{"ms makes what it should append to, with N", R"(
> ms a 1 MA N30
> x
> ms a 1 MP N30
> y
> mg a v t
< HD
< HD
< VA 2 t30
< yx
)",
             newer_flags},
    Dialogue{"ms with s tells the size that it has become", R"(
> ms a 2 s
> xx
> ms a 3 MA s k
> yyy
< HD s2
< HD s5 ka
)",
             newer_flags},
    Dialogue{"E chooses the cas unique", R"(
> ms a 1 E77 c
> x
> mg a c
< HD c77
< HD c77
> ms a 1 C77 E78
> y
> md a C78 I E79
> mg a c
> ma n N0 E5 c
> ma n C5 E6 c v
> md n C6
< HD
< HD
< HD c79 X W
< HD c5
< VA 1 c6
< 1
< HD
)",
             newer_flags},
    Dialogue{"md", R"(
> md a
> md a q k O3
< NF
< NF ka O3
> set a 0 0 1
> x
> md a k O5 q
> mg a
< STORED
< EN
)"},
    Dialogue{"md with x keeps an empty item", R"(
> set a 5 0 1
> x
> md a x
> mg a s f v
> md a x I T30
> mg a t v
< STORED
< HD
< VA 0 s0 f0
<
< HD
< VA 0 t30 X W
<
)",
             newer_flags},
    Dialogue{"Base64 names keys that no line can hold", R"(
> ms c29vIHRoZXJl 2 b k
> hi
< HD kc29vIHRoZXJl b
> mg c29vIHRoZXJl b k v
> me YQ== b
> md c29vIHRoZXJl b q
> mg c29vIHRoZXJl b k
< VA 2 kc29vIHRoZXJl b
< hi
< EN
< EN kc29vIHRoZXJl b
)"},
    Dialogue{"a key of Base64 and the same key as it is are one item", R"(
> ms YQ== 1 b
> x
> get a
< HD
< VALUE a 0 1
< x
< END
)"},
    Dialogue{"ma", R"(
> ma n
> ma n q k O1
< NF
< NF kn O1
> ma n N30 J13 v t
> ma n v
> ma n MD D5 v
> ma n M- D100 v
> ma n MI D18446744073709551615 v
> ma n M+ D3 v
> ma n q
> ma n v q
> mn
> ma n k O4
< VA 2 t30
< 13
< VA 2
< 14
< VA 1
< 9
< VA 1
< 0
< VA 20
< 18446744073709551615
< VA 1
< 2
< MN
< HD kn O4
> ma n T60 t c v
< VA 1 t60 c#
< 6
> ma n C{cas}
> ma n C1
> ma n C{cas}
< HD
< EX
< EX
> set n 0 0 1
> x
> ma n
< STORED
< CLIENT_ERROR cannot increment or decrement non-numeric value
)"},
    Dialogue{"me", R"(
> me a
> set a 0 100 2
> hi
> me a
> get a
> me a
< EN
< STORED
< ME a exp=100 la=0 cas=# fetch=no cls=1 size=#
< VALUE a 0 2
< hi
< END
< ME a exp=100 la=0 cas=# fetch=yes cls=1 size=#
)",
             "tells the time left with the wrong sign"},
    Dialogue{"flags that are wrong", R"(
> mg a v v
> mg a z
> mg a T
> mg a Nx
> mg !! b
> mg YQ b
> md a v v
> ma a Dx
> ma a z
> ma a MX
> mg a O{1*32}
> md a O{1*32}
> mn
< CLIENT_ERROR duplicate flag
< CLIENT_ERROR invalid flag
< CLIENT_ERROR bad token in command line format
< CLIENT_ERROR bad token in command line format
< CLIENT_ERROR error decoding key
< CLIENT_ERROR error decoding key
< CLIENT_ERROR invalid or duplicate flag
< CLIENT_ERROR invalid or duplicate flag
< CLIENT_ERROR invalid or duplicate flag
< CLIENT_ERROR invalid mode for ma M token
< CLIENT_ERROR opaque token too long
< CLIENT_ERROR opaque token too long
< MN
)"},
    Dialogue{"an opaque token has up to 31 bytes", R"(
> mg a O{1*31}
< EN O{1*31}
)"},
    Dialogue{"ms with wrong flags does not take its value for commands", R"(
> ms a 2 z
> mn
> ms a 2 Fx
> mn
> ms a 2 MZ
> mn
> ms a 2 k k q
> mn
> ms a 2 Tx
> mn
< CLIENT_ERROR invalid flag
< CLIENT_ERROR bad command line format
< CLIENT_ERROR invalid mode for ms M token
< CLIENT_ERROR duplicate flag
< CLIENT_ERROR bad token in command line format
)"},
};

}  // namespace

std::span<const Dialogue> meta_dialogues() { return meta; }

}  // namespace clacks::test
