#!/bin/sh
# `weir xadd` with many lines for a server: each printed message is there, once and in order, also after a refusal.
# usage: append_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
start_server --appendonly no
WEIR_DB=$url
export WEIR_DB

### Many lines
seq 40000 | sed 's/.*/{"n":&}/' | "$weir" xadd many > printed
"$weir" xrange many > stored
check 'each ID is printed' 40000 "$(wc -l < printed | tr -d ' ')"
check 'and stored in this order' "$(cat printed)" "$(sed 's/{"id":"\([^"]*\).*/\1/' stored)"
check 'with its line' "$(seq 40000)" "$(sed 's/.*"n":"\([0-9]*\).*/\1/' stored)"

### A refusal between lines for several streams
"$weir" xadd full --id 18446744073709551615-18446744073709551615 k=v > /dev/null
for n in $(seq 5000); do
  for stream in a full b; do
    printf '{"id":"1-1","stream":"%s","fields":{"n":%s}}\n' "$stream" "$n"
  done
done > lines
"$weir" xadd --on-error skip < lines > printed 2> refused
check 'bad lines are skipped' 4 "$?"
check 'the others are added' 10000 "$(wc -l < printed | tr -d ' ')"
check 'each refusal is told' 5000 "$(grep -c '^weir: line [0-9]*: ERR The stream has exhausted the last possible ID' refused)"
check 'each line is added once' '5000 5000' "$("$weir" xlen a) $("$weir" xlen b)"

"$weir" del a b > /dev/null
"$weir" xadd < lines > printed 2> refused
check 'a refusal ends it' 3 "$?"
check 'and says what was added after it' \
  "weir: line 2: ERR The stream has exhausted the last possible ID, unable to add more items
lines after it, for other streams, were added already: $(($("$weir" xlen a) + $("$weir" xlen b) - 1))" "$(cat refused)"
check 'what was before it is printed' 1 "$(wc -l < printed | tr -d ' ')"

### The server is killed in the middle
kill_server
start_server --appendonly yes --appendfsync always
mkfifo lines_in
"$weir" --lock-timeout 5s xadd killed < lines_in > printed 2> failed &
adder=$!
(seq 3000000 | sed 's/.*/{"n":&}/' > lines_in) 2> /dev/null &
# shellcheck disable=SC2317 # called by until_true
some_are_printed() { [ "$(wc -l < printed)" -gt 20000 ]; }
until_true some_are_printed
kill_server
wait "$adder"
check 'a lost server ends it' 5 "$?"
check 'and says so' 1 "$(grep -cE 'it is not known|cannot reach the server' failed)"
start_server --appendonly yes
"$weir" xrange killed | sed 's/{"id":"\([^"]*\).*/\1/' | sort > stored
check 'all that was printed is there' 0 "$(sort printed | comm -23 - stored | wc -l | tr -d ' ')"
[ "$failures" = 0 ]
