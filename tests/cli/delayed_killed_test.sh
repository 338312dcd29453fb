#!/bin/sh
# Delayed messages become due while readers of all kinds wait and are killed at any moment: each message is appended
# once, in the order of the due times, and not before its time. usage: delayed_killed_test.sh WEIR file|server
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
messages=600
use_engine "$2"

"$weir" group create jobs g 0 --mkstream > made
# Ten at each moment, 60 moments within three seconds; not in their order. All have to be there before the first is due.
margin=1000
while true; do
  first=$(($(date +%s%3N) + margin))
  seq 0 59 | shuf | while read -r moment; do
    due=$((first + 50 * moment))
    seq 1 10 | sed "s/.*/{\"due\":$due,\"n\":&}/" |
      "$weir" xadd jobs --at "@$((due / 1000)).$(printf '%03d' $((due % 1000)))" --quiet
  done
  [ "$(date +%s%3N)" -ge "$first" ] || break
  margin=$((margin * 4))
  "$weir" del jobs > deleted
  "$weir" group create jobs g 0 --mkstream > made
done
read_one_way() { # becomes a reader
  case $(($1 % 4)) in
    0) exec "$weir" xread jobs --after '$' --block 60s > read.out ;;
    1) exec "$weir" xreadgroup jobs --group g --consumer "c$1" --noack --block 60s > read.out ;;
    2) exec "$weir" xrange jobs > read.out ;;
    3) exec "$weir" xadd other --quiet a=b ;;
  esac
}
kills=0
until [ "$("$weir" xlen jobs)" -eq "$messages" ]; do
  workers=
  for n in 1 2 3 4 5 6 7 8; do
    read_one_way "$n" 2> /dev/null &
    workers="$workers $!"
  done
  sleep "0.0$((kills % 9))" # any moment will do
  # shellcheck disable=SC2086 # a list of numbers
  kill -9 $workers 2> /dev/null
  # shellcheck disable=SC2086
  wait $workers 2> /dev/null
  kills=$((kills + 1))
done
workers=
echo "# killed $kills times"
"$weir" xrange jobs > all
check 'each was appended once' "$messages" "$(jq -c '[.fields.due,.fields.n]' all | sort -u | wc -l)"
check 'in the order of the due times' "$(jq -r .fields.due all | sort -n)" "$(jq -r .fields.due all)"
check 'none before its time' 0 "$(jq -r '(.id | split("-")[0] | tonumber) < (.fields.due | tonumber)' all | grep -c true)"
check 'none is left' '' "$("$weir" delayed ls)"
exit "$((failures > 0))"
