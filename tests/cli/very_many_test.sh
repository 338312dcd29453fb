#!/bin/sh
# Commands that change very many rows at a time: the data with which SQLite can undo them is larger than its memory.
# usage: very_many_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
WEIR_DB=$dir/weir.db
export WEIR_DB

weir() { "$weir" "$@"; }

seq 60000 | sed 's/.*/["XADD","s","&-0","n","&"]/' | weir batch > /dev/null
weir group create s g 0
weir xreadgroup s --group g --consumer c --count 60000 > /dev/null
seq 1 2 60000 | sed 's/$/-0/' | weir ack s g > out 2> err
check 'acknowledging every second of what is pending' '0 30000' "$? $(cat out err)"
check 'what is left of it' 30000 "$(weir pending s g | grep -o '"pending":[0-9]*' | head -n 1 | cut -d: -f2)"
weir xsetid s 60001-0 > out 2> err
check 'an ID beside them' '0 ' "$? $(cat out err)"

(echo MULTI; seq 20000 | sed 's/.*/["XADD","a stream with a long name, number &","*","n","&"]/'; echo EXEC) | weir batch > /dev/null
for repair in '' --repair; do
  # shellcheck disable=SC2086
  weir verify $repair > out 2> err
  check "verify $repair" '0 {"streams":20001,"entries":80000,"found":0,"left":0}' "$? $(cat out err)"
done

[ "$failures" = 0 ]
