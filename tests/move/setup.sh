# shellcheck shell=sh disable=SC2034 # the tests use what is set here
# Sourced by each test with its own arguments: a folder, a server on $url, and checks. $weir is the program.
set -u
weir=$1
command -v redis-server > /dev/null || { echo "skipped: there is no redis-server"; exit 77; }
dir=$(mktemp -d)
server=
trap 'kill $server 2> /dev/null; wait; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" > redis.log &
server=$!
url=unix://$dir/redis.sock
WEIR_DURABILITY=normal
export WEIR_DURABILITY
unset WEIR_DB
failures=0

check() { # NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then
    echo "ok: $1"
  else
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}
until_true() { # waits for a condition, at most a minute
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || { echo "gave up waiting for: $*"; exit 1; }
    sleep 0.05
  done
}
in_db() { database=$1; shift; "$weir" --db "$database" "$@"; }
length() { in_db "$1" xlen "$2" 2> /dev/null || echo 0; }
server_answers() { in_db "$url" ls > /dev/null 2>&1 || [ $? -eq 1 ]; }
until_true server_answers
