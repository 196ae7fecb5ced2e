#!/usr/bin/env bash
# Does what the README says under "A node of your own", "Backup, restore, export, import" and "Coming
# from memcached", in a home directory and on ports of its own.
# Usage: readme_test.sh README BUILD-DIR
set -euo pipefail
unset "${!CLACKS_@}" XDG_CONFIG_HOME

readme=$1
build_dir=$2
home=$(mktemp -d)
node=
slave=
clean_up() {
    for process in $slave $node; do kill "$process" 2>/dev/null || true; done
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
cache_port=$((port + 1))
while in_use "$cache_port"; do cache_port=$((cache_port + 1)); done

# nc HOST PORT: what the README takes from a package, for a server that closes after quit.
nc() { (exec 3<>"/dev/tcp/$1/$2" && cat >&3 && cat <&3); }
export -f nc

# block SECTION N: the section's Nth block of shell commands.
block() {
    awk -v section="## $1" -v wanted="$2" '
        /^## / { within = $0 == section }
        /^```/ { if (inside) inside = 0; else inside = within && $0 == "```sh" && ++n == wanted; next }
        inside' "$readme" | sed -e "s|build/|$build_dir/|g" -e "s|50888|$port|g" \
        -e "s|11211|$cache_port|g"
}

# start NAME: runs NAME.sh, the last command of which is the node, until that is ready.
start() {
    HOME=$home bash -euo pipefail "$home/$1.sh" >"$home/$1.log" 2>&1 &
    node=$!
    for ((i = 0; i < 300; ++i)); do
        ! grep -q ' info ready' "$home/$1.log" || return 0
        kill -0 "$node" 2>/dev/null || break
        sleep 0.1
    done
    fail "the node did not start"
}

# stop: the node ends well.
stop() {
    kill "$node"
    wait "$node" || fail "the node did not end well"
    node=
}

# talk NAME: runs NAME.sh.
talk() {
    HOME=$home bash -euo pipefail "$home/$1.sh" >"$home/$1.log" 2>&1 || fail "$1 failed"
}

block "A node of your own" 1 | sed '$s/^/exec /' >"$home/first.sh"
block "A node of your own" 2 >"$home/second.sh"
block "A node of your own" 3 | sed '$s/^/exec /' >"$home/third.sh"
block "A node of your own" 4 >"$home/below_commands.sh"
cat <(grep ^export "$home/second.sh") "$home/below_commands.sh" >"$home/below.sh"
block "Backup, restore, export, import" 1 >"$home/commands.sh"
block "Backup, restore, export, import" 2 | sed '$s/^/exec /' >"$home/commands2.sh"
[[ -s $home/commands.sh && -s $home/commands2.sh ]] || fail "the README has no such section"
# The terminals keep what was exported in them.
cat <(grep ^export "$home/second.sh") "$home/commands.sh" >"$home/backup.sh"
cat <(grep ^export "$home/first.sh") "$home/commands2.sh" >"$home/restore.sh"
for script in first second third below_commands; do
    [[ -s $home/$script.sh ]] || fail "the README has no such section"
done

start first
talk second
[[ $(head -n 1 "$home/second.log") == 21.5 ]] || fail "the stored value did not come back"
grep -q '^keys=1$' "$home/second.log" || fail "there is no status"

master=$node
start third
slave=$node
node=$master
for ((i = 0; i < 300; ++i)); do
    ! HOME=$home bash "$home/below.sh" >"$home/below.log" 2>&1 || break
    sleep 0.1
done
[[ $(cat "$home/below.log") == 21.5 ]] || fail "the slave does not have the stored value"
kill "$slave"
wait "$slave" || fail "the slave did not end well"
slave=

talk backup
grep -q '^{"key":"sensor::kitchen","value":"21.5"}$' "$home/clacks/store.json" ||
    fail "the stored value is not in the export"
stop
start restore
grep -q 'database_copied' "$home/restore.log" || fail "the node does not know its backup"
sed -i '/ store /d' "$home/second.sh"
talk second
[[ $(head -n 1 "$home/second.log") == 21.5 ]] || fail "the stored value was not restored"
stop

block "Coming from memcached" 1 | sed '$s/^/exec /' >"$home/cache.sh"
block "Coming from memcached" 2 >"$home/cache_commands.sh"
[[ -s $home/cache.sh && -s $home/cache_commands.sh ]] || fail "the README has no such section"
start cache
talk cache_commands
[[ $(tr -d '\r' <"$home/cache_commands.log") == STORED$'\n'hello ]] ||
    fail "memcached's value did not come back"
stop
