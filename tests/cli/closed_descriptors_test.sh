#!/bin/sh
# Commands start without standard input or output: a command that needs one says so, all others work as usual.
# usage: closed_descriptors_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
WEIR_DB=$dir/weir.db
export WEIR_DB

weir() { "$weir" "$@"; }
weir xadd s n=1 > /dev/null
weir group create s g 0

for command in 'xreadgroup s --group g' 'xreadgroup s --group g --block 0' 'xreadgroup s --group g --follow' \
  'xrange s' 'xread s' 'metrics' '--help'; do
  # shellcheck disable=SC2086
  weir $command >&- 2> err
  check "$command, without output: status" 5 $?
  check "$command, without output: what it says" 'weir: cannot write to standard output: Bad file descriptor' \
    "$(head -n 1 err)"
done
weir backup - >&- 2> err
check 'a backup to nowhere' '5 weir: the backup cannot be written: Bad file descriptor' "$? $(cat err)"
check 'what could not be shown was not taken' '' "$(weir pending s g --idle 0)"

for command in 'xadd s' 'ack s g' 'xdel s' 'batch' 'xadd s --in 1h'; do
  # shellcheck disable=SC2086
  weir $command <&- > out 2> err
  check "$command, without input: status" 4 $?
  check "$command, without input: what it says" 'weir: cannot read standard input: Bad file descriptor' \
    "$(cat out; head -n 1 err)"
done

for command in 'group create s other 0' 'xadd --quiet s n=2' 'xread s --quiet --block 0' 'wait s --group g --timeout 1ms'; do
  # shellcheck disable=SC2086
  weir $command <&- >&- 2> err
  check "$command, without either" '' "$(cat err)"
done
check 'what needs neither is done' 2 "$(weir xlen s)"
check 'a command without input' 2 "$(weir xlen s <&-)"

weir work s --group g --until-empty -- sh -c 'cat; echo' <&- >&- 2> err
check 'a worker without either does its work' '0 ' "$? $(cat err; weir pending s g --idle 0)"

"$weir" serve --listen "unix:$dir/s.sock" <&- >&- 2> err &
workers=$!
until_true grep -q 'listening' err
check 'a server without either serves' 2 "$(weir --db "unix://$dir/s.sock" xlen s)"
kill "$workers"
wait "$workers" 2> /dev/null
workers=
[ "$failures" = 0 ]
