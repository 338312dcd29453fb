#!/bin/sh
# Workers are killed at any moment, also after their command has added messages and before the acknowledgement. With
# --once each message still has one result.
# usage: once_killed_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
messages=300
WEIR_DB=$PWD/q.db
export WEIR_DB

seq "$messages" | sed 's/.*/{"n":&}/' | "$weir" xadd jobs --quiet
"$weir" group create jobs g 0 > made
"$weir" xadd results --once none n=0 > first
"$weir" xcfgset results --idmp-duration 24h --idmp-maxsize 10000

work() { # becomes a worker, of whom the others take over what it leaves
  exec "$weir" work jobs --group g -j 4 --min-idle 200ms --backoff 1ms..1ms --max-deliveries 0 --until-empty -- \
    "$weir" xadd results --once '{id}' 'n={n}' > results.out 2>> work.err
}
kills=0
while [ "$kills" -lt 40 ]; do
  work &
  workers=$!
  have=$(length q.db results)
  # It has begun, or there is nothing left.
  until_true sh -c "[ \"\$('$weir' xlen results)\" -gt $have ] || ! kill -0 $workers 2> /dev/null"
  kill -9 "$workers" 2> /dev/null || break
  wait "$workers" 2> /dev/null
  kills=$((kills + 1))
done
workers=
check 'workers were killed' yes "$(if [ "$kills" -ge 5 ]; then echo yes; else echo "only $kills times"; fi)"
(work)
status=$?
check 'the last one ended well, or found nothing' yes "$(if [ "$status" -le 1 ]; then echo yes; else cat work.err; fi)"
echo "# $kills were killed"
check 'each message has one result' "$((messages + 1))" "$(length q.db results)"
check '... of its own' "$(seq 0 "$messages")" "$("$weir" xrange results | jq -r .fields.n | sort -n)"
check 'nothing is pending' '' "$("$weir" pending jobs g --idle 0)"
exit "$((failures > 0))"
