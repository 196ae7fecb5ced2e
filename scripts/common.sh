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

# need_built PROGRAM…: ends with words if one is missing.
need_built() {
    local program
    for program; do
        [[ -x $program ]] || fail "it is not built: $program (cmake --build DIR --target ${program##*/})"
    done
}
