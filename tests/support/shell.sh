# shellcheck shell=sh disable=SC2034 # the tests use what is set here
# Each test sources this file with its own arguments. It sets $weir to the program, makes a new current folder, starts a
# server on $url if asked, and defines checks.
set -u
weir=$(realpath "$1")
testing=$(realpath "$(dirname "$0")/../support/testing.py")
dir=$(mktemp -d)
server=
workers=
# shellcheck disable=SC2086 # lists of numbers
trap 'kill -9 $workers $server 2> /dev/null || :; wait; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
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
gone() { # PID: also where nobody has taken note of its end, as in a container without an init
  case $(ps -o stat= -p "$1") in '' | Z*) ;; *) return 1 ;; esac
}
in_db() { database=$1; shift; "$weir" --db "$database" "$@"; }
length() { in_db "$1" xlen "$2" 2> /dev/null || echo 0; }
add_and_be_killed() { # a process that has added a message to q.db, and is killed before it leaves
  rm -f feed ids.out
  mkfifo feed
  "$weir" --db q.db xadd s < feed > ids.out &
  killed=$!
  workers=$killed
  exec 3> feed
  echo '{"n":"killed"}' >&3
  until_true test -s ids.out
  kill -9 "$killed"
  exec 3>&-
  wait "$killed" 2> /dev/null
  workers=
}
kill_server() { kill -9 "$server"; wait "$server" 2> /dev/null; }
start_server_in() { # FOLDER [OPTION…]: it listens on the socket redis.sock there
  folder=$1
  shift
  rm -f "$folder/ready"
  python3 "$testing" server "$folder" redis-server "$@" > "$folder/ready" &
  server=$!
  until_true test -s "$folder/ready"
}
start_server() { # [OPTION…]: of redis-server
  start_server_in "$dir" "$@"
  url=unix://$dir/redis.sock
}
# With "server" all of the test runs against a Redis server of its own, with "file" on a file.
use_engine() {
  WEIR_DB=$dir/weir.db
  if [ "$1" = server ]; then
    start_server --appendonly no
    WEIR_DB=$url
  fi
  export WEIR_DB
}
