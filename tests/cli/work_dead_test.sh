#!/bin/sh
# Looking at dead letters, and putting them back with care. usage: work_dead_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

work() { "$weir" work "$1" --group g --until-empty --max-deliveries 1 -- "$2" 2>> log; }
status_of() { "$@" > out 2> err; echo $?; }

"$weir" xadd not.dead a=b > out
check 'there is none' 1 "$(status_of "$weir" dead ls)"
for stream in orders mails; do
  seq 5 | sed 's/.*/{"n":&}/' | "$weir" xadd "$stream" --quiet
  work "$stream" false
done
check 'those of all streams are listed' '5 mails 5 orders' "$("$weir" dead ls | jq -r .stream | sort | uniq -c | xargs)"
check '... and nothing else is told of' '' "$("$weir" dead ls 2>&1 > out)"
check '... those that are asked for' 2 "$("$weir" dead ls --where n=3 | wc -l)"
check '... as a table, too' 11 "$("$weir" -o table dead ls | grep -c .)"

check 'what would be put back is listed' '1 2 3' \
  "$("$weir" dead requeue orders --all --limit 3 --dry-run > listed; "$weir" dead show orders | head -n 3 | jq .fields.n | xargs)"
check '... as dead ls does' '' "$("$weir" dead ls orders | head -n 3 | jq -c 'del(.age)' > first; jq -c 'del(.age)' listed | diff - first)"
check '... and nothing has changed' '5 5' "$("$weir" xlen orders.dead) $("$weir" xlen orders)"
check 'some are put back' 2 "$("$weir" dead requeue orders --all --limit 2 | wc -l)"
check '... the oldest first' "$("$weir" xrange orders --count 2 | jq -r .id | xargs)" "$("$weir" pending orders g - + 10 | jq -r .id | xargs)"
check '... and no more' 3 "$("$weir" dead ls orders | wc -l)"
begun=$(date +%s%3N)
check 'at a rate' 3 "$("$weir" dead requeue orders --all --rate 20/s | wc -l)"
check '... they are put back one by one' yes "$([ $(($(date +%s%3N) - begun)) -ge 100 ] && echo yes)"
check 'a rate has a unit' 2 "$(status_of "$weir" dead requeue orders --all --rate 5)"
check '... which is said' 'a rate is 5/s, 100/m or 1000/h' "$(tail -n 1 err)"
exit "$((failures > 0))"
