#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# `weir work` while others change what it works on. usage: work_disturbed_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

add() { "$weir" xadd "$@" > /dev/null; }
settled() { "$weir" info groups "$1" 2> /dev/null | grep -q "\"pending\":0,.*\"entries-read\":$2"; }

### The group goes
add destroyed n=1
"$weir" work destroyed --group g -- sh -c 'echo run >> destroyed.out' 2> gone.log &
workers=$!
until_true settled destroyed 1
"$weir" group destroy destroyed g > /dev/null
add destroyed n=2
wait "$workers"
check 'a worker whose group is destroyed ends, and runs nothing again' '3 run' "$? $(cat destroyed.out)"
check '... and says so' 1 "$(grep -c "group 'g' of stream 'destroyed' is gone" gone.log)"
check '... and has not made the group anew' 0 "$("$weir" info groups destroyed | grep -c '"name":"g"')"

mkfifo gate
add busy n=1
"$weir" work busy --group g --into busy.out -- sh -c 'echo > busy.begun; read -r go < gate; echo "{\"n\":1}"' 2> gone.log &
workers=$!
until_true test -e busy.begun
"$weir" group destroy busy g > /dev/null
echo go > gate
wait "$workers"
check 'so does one whose command runs, once that is over' '3 1' "$? $(grep -c "is gone" gone.log)"

add again n=1
"$weir" work again --group g -- sh -c 'echo $WEIR_FIELD_n >> again.out' 2> /dev/null &
workers=$!
until_true settled again 1
"$weir" del again > /dev/null
add again n=2
until_true grep -q 2 again.out
kill -TERM "$workers"
wait "$workers"
check 'a stream that was deleted is worked on again when it is there again' '0 1 2' "$? $(tr '\n' ' ' < again.out | sed 's/ $//')"

[ "$failures" = 0 ]
