#!/usr/bin/env bash
# Does what the README says under "A node of your own", in a home directory and on a port of its own.
# Usage: readme_test.sh README BUILD-DIR
set -euo pipefail
unset "${!CLACKS_@}" XDG_CONFIG_HOME

readme=$1
build_dir=$2
home=$(mktemp -d)
node=
clean_up() {
    [[ -z $node ]] || kill "$node" 2>/dev/null || true
    wait
    rm -rf "$home"
}
trap clean_up EXIT

fail() {
    echo "$*" >&2
    cat "$home"/*.log >&2
    exit 1
}

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below those ports that the kernel gives away by itself.
port=$((RANDOM % 12000 + 20000))
while in_use "$port"; do port=$((RANDOM % 12000 + 20000)); done

# block N: the section's Nth block of shell commands.
block() {
    awk -v wanted="$1" '
        /^## / { section = $0 == "## A node of your own" }
        /^```/ { if (inside) inside = 0; else inside = section && $0 == "```sh" && ++n == wanted; next }
        inside' "$readme" | sed -e "s|build/|$build_dir/|g" -e "s|50888|$port|g"
}

block 1 | sed '$s/^/exec /' >"$home/first.sh"
block 2 >"$home/second.sh"
[[ -s $home/first.sh && -s $home/second.sh ]] || fail "the README has no such section"

HOME=$home bash -euo pipefail "$home/first.sh" >"$home/first.log" 2>&1 &
node=$!
for ((i = 0; i < 300; ++i)); do
    ! grep -q ' info ready' "$home/first.log" || break
    kill -0 "$node" 2>/dev/null || fail "the node did not start"
    sleep 0.1
done
HOME=$home bash -euo pipefail "$home/second.sh" >"$home/second.log" 2>&1 ||
    fail "talking to the node failed"
[[ $(head -n 1 "$home/second.log") == 21.5 ]] || fail "the stored value did not come back"
grep -q '^keys=1$' "$home/second.log" || fail "there is no status"
kill "$node"
wait "$node" || fail "the node did not end well"
node=
