#!/bin/sh
# shellcheck disable=SC2016,SC2317 # commands for other shells; functions for until_true
# The name of a worker that was given none. usage: work_name_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

if ! unshare --pid --fork true 2> /dev/null; then
  echo 'skipped: this system does not let us make process IDs of our own, as a container has them'
  exit 0
fi
mkfifo gate gate_of_two

### Two containers with one host name, in which weir is process 1
worker() { # GATE [OPTION…]
  gate=$1
  shift
  unshare --pid --fork --kill-child "$weir" "$@" work s --group g --min-idle 60s --max-messages 2 -- \
    sh -c 'echo "$WEIR_FIELD_n $WEIR_CONSUMER" >> names.out; read -r go < "$0"' "$gate" 2>> two.log &
}
ran() { [ "$(wc -l < names.out)" -eq "$1" ]; }
"$weir" xadd s n=1 > log
worker gate
one=$!
until_true test -s names.out
worker gate_of_two --lock-timeout 100ms
two=$!
workers="$one $two"
"$weir" xadd s n=2 > log
until_true ran 2
check 'they have two names' 2 "$(cut -d' ' -f2 names.out | sort -u | wc -l | tr -d ' ')"
check '... of host, process, and what is chance' 2 "$(grep -c " $(uname -n)-1-[0-9a-f]\{8\}\$" names.out)"

if [ -z "$server" ]; then
  sqlite3_hold='import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("holding", "w").close()
sys.stdin.read()'
  mkfifo release
  python3 -c "$sqlite3_hold" "$WEIR_DB" < release &
  exec 3> release
  until_true test -e holding
  echo go > gate_of_two
  until_true grep -q 'trying again' two.log
  exec 3>&-
else
  echo go > gate_of_two
fi
"$weir" xadd s n=3 > log
until_true ran 3
check 'and neither runs what the other has' '1 2 3' "$(cut -d' ' -f1 names.out | tr '\n' ' ' | sed 's/ $//')"
echo go > gate_of_two
wait "$two"
check 'each of which ran once' 3 "$(wc -l < names.out | tr -d ' ')"

### Process IDs that are the system's own
"$weir" xadd plain n=1 > log
name=$("$weir" work plain --group g --until-empty -- sh -c 'echo "$WEIR_CONSUMER $PPID"')
case $(stat -L -c %i /proc/self/ns/pid 2> /dev/null) in
  '' | 4026531836) check 'the name is host and process' "$(uname -n)-${name##* }" "${name%% *}" ;;
  *) echo 'skipped: our process IDs are not those of the system' ;;
esac

exit "$((failures > 0))"
