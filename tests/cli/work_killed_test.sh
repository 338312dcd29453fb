#!/bin/sh
# Workers that take one message of each value at a time are killed at any moment: no message is lost, no value stays
# locked, and no message is run before the one ahead of it is done. usage: work_killed_test.sh WEIR file|server
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$2"

cat > note <<'EOF2'
#!/bin/sh
echo "$2" >> "order.$1.out"
sleep 0.01
EOF2
chmod +x note
seq 40 | sed 's/.*/{"to":"a","n":&}\n{"to":"b","n":&}\n{"to":"c","n":&}/' | "$weir" xadd s --quiet
start() { # one more worker
  "$weir" work s --group g --jobs 2 --serial to --rate 150/s --min-idle 300ms --backoff 1ms..10ms --max-deliveries 0 \
    --until-empty -- ./note '{to}' '{n}' 2>> log &
  workers="$workers $!"
}
is_done() { [ "$("$weir" info groups s 2> /dev/null | jq '.pending == 0 and .lag == 0')" = true ]; }
for _ in 1 2 3 4; do start; done
kills=0
until is_done || [ "$kills" -ge 60 ]; do
  sleep "0.0$((kills % 9))" # any moment will do
  # shellcheck disable=SC2086 # a list of numbers
  set -- $workers
  first=$1
  shift
  workers="$*"
  kill -9 "$first" 2> /dev/null
  wait "$first" 2> /dev/null
  kills=$((kills + 1))
  start
done
echo "# killed $kills times"
# shellcheck disable=SC2086 # a list of numbers
wait $workers
workers=
check 'all is done' 0 "$(is_done; echo $?)"
for to in a b c; do
  # A run that was killed is run again: the same number once more.
  check "those of $to were run in their order" "$(seq 40)" "$(uniq "order.$to.out")"
done
exit "$((failures > 0))"
