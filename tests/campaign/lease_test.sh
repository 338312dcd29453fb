#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# A worker stands still for longer than --min-idle after it took a message and before the command begins: another one
# does the message meanwhile, and the first must not do it again when it goes on. The disk could be as slow.
# usage: lease_test.sh WEIR SHIM file|server
shim=$(realpath "$2")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$3"
WEIR_DURABILITY=full
where=fsync
[ "$3" = server ] && where=read,recv # as hiredis has it

stands_still() { # the worker; its children count calls, too, and go on
  ps -o pid=,stat= --ppid "$1" | awk '$2 ~ /^T/ { system("kill -CONT " $1) }'
  case $(ps -o stat= -p "$1") in T*) ;; *) return 1 ;; esac
}
has_begun() { stands_still "$1" || "$weir" info consumers jobs g 2> /dev/null | grep -q '"name"'; }
stands_still_or_ran() { stands_still "$1" || [ -e runs ]; }
ran() { grep -qx "$1" runs; }

for begins in 'a message is there' 'a message comes'; do
  n=0
  taken_over=0
  past=
  while [ -z "$past" ] && [ "$n" -lt 15 ]; do # a worker that waits makes calls without end
    n=$((n + 1))
    rm -f 'done' runs
    "$weir" del jobs > /dev/null
    [ "$begins" = 'a message comes' ] || "$weir" xadd jobs n=1 > /dev/null
    (LD_PRELOAD=$shim WEIR_FAULT=$where:$n:stop WEIR_FAULT_DONE=$dir/done exec "$weir" work jobs --group g \
      --min-idle 200ms -- sh -c 'echo "first $WEIR_FIELD_n" >> runs' 2> first.err) &
    workers=$!
    until_true has_begun "$workers"
    [ "$begins" = 'a message is there' ] || "$weir" xadd jobs n=1 > /dev/null
    until_true stands_still_or_ran "$workers"
    if [ -e runs ]; then
      past=yes
    else
      "$weir" work jobs --group g --min-idle 200ms --until-empty -- sh -c 'echo "second $WEIR_FIELD_n" >> runs' 2> err
      ran 'second 1' && taken_over=$((taken_over + 1))
    fi
    kill -CONT "$workers"
    "$weir" xadd jobs n=2 > /dev/null
    until_true ran 'first 2'
    kill -TERM "$workers"
    wait "$workers"
    [ "$past" ] || check "$begins: it stood still at $where $n" 'second 1, first 2' "$(paste -sd, - < runs | sed 's/,/, /g')"
  done
  check 'so it was in several places' yes "$([ "$taken_over" -gt 1 ] && echo yes)"
done

### Where it stands still each time that it asks for the message anew
idle_enough() { "$weir" pending jobs g --idle 200ms | grep -q '"id"'; }
if [ "$3" = file ]; then
  rm -f 'done' runs
  "$weir" del jobs > /dev/null
  "$weir" xadd jobs n=1 > /dev/null
  (LD_PRELOAD=$shim WEIR_FAULT=fsync:3+:stop WEIR_FAULT_DONE=$dir/done exec "$weir" work jobs --group g \
    --min-idle 200ms -- touch runs 2> first.err) &
  workers=$!
  until gone "$workers"; do
    if stands_still "$workers"; then
      until_true idle_enough
      kill -CONT "$workers"
    fi
  done
  wait "$workers"
  check 'it ends, says why, and has begun nothing' \
    '5 weir: to renew messages takes longer than --min-idle no' "$? $(head -n 1 first.err) $([ -e runs ] && echo yes || echo no)"
  check 'the message is there for others' 1 "$("$weir" pending jobs g - + 10 | grep -c '"id"')"
fi
[ "$failures" = 0 ]
