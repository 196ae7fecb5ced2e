# shellcheck shell=bash
# What the scripts beside this file share. It is sourced, not run.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "scripts/${0##*/}: $*"
    exit 1
}

# How many compilers this machine bears: one per core, and 1.5 GB of free memory for each.
build_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
    ((memory >= 1)) || memory=1
    echo $((cores < memory ? cores : memory))
}

# build PRESET DIRECTORY [TARGET…]: configures and builds. Two at once in one directory take turns.
build() {
    local preset=$1 directory=$2
    shift 2
    mkdir -p "$root/$directory"
    (
        cd "$root" || exit
        flock --nonblock 9 || {
            say "waiting for another build in $directory"
            flock 9
        }
        cmake --preset "$preset" >"$directory/configure.log" 2>&1 || {
            cat "$directory/configure.log" >&2
            exit 1
        }
        cmake --build "$directory" --parallel "$(build_jobs)" ${1:+--target "$@"}
    ) 9>"$root/$directory/.lock"
}

# use_tests DIRECTORY TEST…: sets `directory` to where these (folder/program, below tests) are built:
# that one, or if it is empty our own, after building them.
use_tests() {
    directory=$1
    shift
    if [[ -z $directory ]]; then
        "$root/scripts/bootstrap" >&2
        build release build "${@##*/}" >&2
        directory=$root/build
    fi
    local test
    for test; do
        [[ -x $directory/tests/$test ]] ||
            fail "$directory/tests/$test is not built: cmake --build $directory --target ${test##*/}"
    done
}
