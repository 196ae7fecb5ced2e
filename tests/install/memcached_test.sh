#!/usr/bin/env bash
# Builds the README's program that is a memcached, against an installed library, once by
# find_package and once by pkg-config, and asks it for a value.
# Usage: memcached_test.sh README BUILD-DIR CXX FLAGS CMAKE
set -euo pipefail

readme=$1
build_dir=$2
cxx=$3
flags=$4
cmake=$5
home=$(mktemp -d)
program=
clean_up() {
    [[ -z $program ]] || kill "$program" 2>/dev/null || true
    wait
    rm -rf "$home"
}
trap clean_up EXIT

fail() {
    echo "$*" >&2
    cat "$home"/*.log >&2
    exit 1
}

# block LANGUAGE: the block of it that is about clacks' memcached.
block() {
    awk -v fence="\`\`\`$1" '
        $0 == fence { inside = 1; text = ""; next }
        /^```/ { if (inside && text ~ /memcached/) printf "%s", text; inside = 0; next }
        inside { text = text $0 "\n" }' "$readme"
}

# expect_value PROGRAM: it serves one.
expect_value() {
    local line address port reply
    : >"$home/program.log"  # or the address of the one before might still stand there
    "$1" tcp://127.0.0.1:0 >"$home/program.log" 2>&1 &
    program=$!
    for ((i = 0; i < 300; ++i)); do
        address=$(sed -n 's/^listening on tcp:\/\///p' "$home/program.log")
        [[ -z $address ]] || break
        kill -0 "$program" 2>/dev/null || break
        sleep 0.1
    done
    [[ -n $address ]] || fail "$1 does not listen"
    port=${address##*:}
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'get life\r\n' >&3
    reply=
    until [[ $reply == *END$'\n' ]]; do
        read -r -t 30 line <&3 || fail "$1 says no more than: $reply"
        reply+=${line%$'\r'}$'\n'
    done
    exec 3>&-
    [[ $reply == $'VALUE life 0 22\nwhat I know about life\nEND\n' ]] || fail "$1 said: $reply"
    kill "$program"
    wait "$program" || true
    program=
}

"$cmake" --install "$build_dir" --component development --prefix "$home/prefix" \
    >"$home/install.log" || fail "nothing is installed"
mkdir "$home/oracle"
block cpp >"$home/oracle/main.cpp"
block cmake >"$home/oracle/CMakeLists.txt"
[[ -s $home/oracle/main.cpp && -s $home/oracle/CMakeLists.txt ]] || fail "the README has no such program"

"$cmake" -S "$home/oracle" -B "$home/oracle/build" -DCMAKE_PREFIX_PATH="$home/prefix" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="$flags -Wall -Wextra -Werror" \
    >"$home/configure.log" 2>&1 || fail "find_package does not find it"
"$cmake" --build "$home/oracle/build" >"$home/build.log" 2>&1 || fail "it cannot be built"
expect_value "$home/oracle/build/oracle"

packages=$(dirname "$(find "$home/prefix" -name clacks-memcached.pc)")
read -ra arguments <<<"$flags $home/oracle/main.cpp $(
    PKG_CONFIG_PATH=$packages pkg-config --cflags --libs clacks-memcached)"
"$cxx" -std=c++20 -o "$home/by_pkg_config" "${arguments[@]}" >"$home/build.log" 2>&1 ||
    fail "it cannot be built with what pkg-config says"
expect_value "$home/by_pkg_config"
