#!/bin/sh
# `weir dead` lists dead letters, and puts them back with care. usage: work_dead_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

work() { "$weir" work "$1" --group g --until-empty --max-deliveries 1 -- "$2" 2>> log; }
# What is said on standard error is typed.
typed() { eval "$(sed -n "$1" err)" | jq -r .stream; }
# shellcheck disable=SC2317 # typed calls it
weir() { "$weir" "$@"; }
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
check '... how old each is is a number, of milliseconds' '10 number true' \
  "$("$weir" dead ls | jq -r '"\(.age | type) \(.age < 600000)"' | uniq -c | xargs)"
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

# A signal ends it between two letters.
seq 3 | sed 's/.*/{"n":&}/' | "$weir" xadd ended --quiet
work ended false
"$weir" dead requeue ended --all --rate 1/h > out 2> err &
workers=$!
# shellcheck disable=SC2317 # until_true calls it
one_is_back() { [ "$("$weir" xlen ended.dead)" -eq 2 ]; }
until_true one_is_back
kill "$workers"
wait "$workers"
check 'what was put back until a signal came is told' '143 1' "$? $(wc -l < out)"
workers=
check '... and no group is left on the stream of the letters' '2 0' "$("$weir" xlen ended.dead) $("$weir" info groups ended.dead | wc -l)"

# Each ID is told once its message is back, and no message goes back whose ID nobody would see.
seq 5 | sed 's/.*/{"n":&}/' | "$weir" xadd told --quiet
work told false
mkfifo pipe
"$weir" dead requeue told --all --rate 1/h > pipe 2> err &
workers=$!
check 'what was put back is told at once' "$("$weir" xrange told --count 1 | jq -r .id)" "$(head -n 1 pipe)"
until_true gone "$workers"
wait "$workers"
check 'who sees no more puts back no more' '141 4 0' "$? $("$weir" xlen told.dead) $(wc -c < err)"
workers=
check 'on a full disk no more than one goes back' 5 "$("$weir" dead requeue told --all > /dev/full 2> err; echo $?)"
check '... which is said' '3 weir: cannot write to standard output: the disk is full' "$("$weir" xlen told.dead) $(cat err)"
check '... and no group is left' '' "$("$weir" info groups told.dead)"
# With --quiet nobody is told, and the rate is kept all the same.
timeout 1 "$weir" dead requeue told --all --rate 1/h --quiet | true
check 'who asked for no ID waits for the rate, too' yes "$([ "$("$weir" xlen told.dead)" -ge 2 ] && echo yes)"

# A process that is killed leaves its group, with or without a letter that it was about to put back.
seq 4 | sed 's/.*/{"n":&}/' | "$weir" xadd killed --quiet
work killed false
"$weir" dead requeue killed --all --rate 1/h > killed.out 2> err &
workers=$!
until_true test -s killed.out
kill -9 "$workers"
wait "$workers" 2> /dev/null
workers=
check 'a killed requeue leaves its group' weir.requeue "$("$weir" info groups killed.dead | jq -r .name)"
"$weir" claim killed.dead weir.requeue the-killed 0 "$("$weir" dead ls killed | head -n 1 | jq -r .id)" --force --justid > out
check '... which alarms nobody' 0 "$(status_of "$weir" check killed.dead --oldest 1ms --waiting 0 --pending 0 --held 0 --idle-group 1ms)"
check '... is not stuck' 1 "$(status_of "$weir" ls killed.dead --stuck --stuck-after 1ms)"
check '... and is not in the figures' 0 "$("$weir" metrics | grep -c requeue)"
check 'its letters are shown' 3 "$("$weir" dead ls killed | wc -l)"
check '... put back' 3 "$("$weir" dead requeue killed --all | wc -l)"
check '... and then the group is gone' '0 4' "$("$weir" info groups killed.dead | wc -l) $("$weir" pending killed g - + 10 | wc -l)"

# Names that a user has at hand, and that are not those of letters.
letter=$("$weir" dead ls mails --last 1 | jq -r .id)
message=$("$weir" dead ls mails --last 1 | jq -r .message)
for action in ls 'requeue --all' 'purge --all'; do
  # shellcheck disable=SC2086 # an action and its option
  check "dead $action: the stream of the letters is not the one they were on" 1 "$(set -- $action; status_of "$weir" dead "$1" mails.dead ${2:-})"
  check '... which is said' "weir: mails.dead has dead letters of mails: name the stream that the messages were on
write: mails, in place of mails.dead" "$(cat err)"
done
check 'nor has anything gone' 5 "$("$weir" xlen mails.dead)"
"$weir" xadd own n=1 > out
"$weir" work own --group g --dead-letter graves --until-empty --max-deliveries 1 -- false 2>> log
"$weir" dead ls graves > out 2> err
check 'a name of its own is said, too' 'write: own --dead-letter graves, in place of graves' "$(tail -n 1 err)"
"$weir" xadd 'my own' n=1 > out
"$weir" work 'my own' --group g --dead-letter 'my graves' --until-empty --max-deliveries 1 -- false 2>> log
"$weir" dead ls 'my graves' > out 2> err
check '... and works as it is typed' "write: 'my own' --dead-letter 'my graves', in place of 'my graves'" "$(tail -n 1 err)"
"$weir" dead show 'my own' --dead-letter 'my graves' "$("$weir" xrange 'my own' | jq -r .id)" > out 2> err
check '... as does the advice for an ID' "my graves" "$(typed 's/^write: //p')"
"$weir" dead show 'my own' --dead-letter 'my graves' x > out 2> err
check '... and for what is no ID' "my own" "$(typed 's/.*; \(weir .*\) has them$/\1/p')"
"$weir" xadd 'my graves' n=1 > out
"$weir" dead ls 'my own' --dead-letter 'my graves' > out 2> err
check '... and for an entry that is no letter' "my graves" "$(typed 's/^\(weir .*\) shows it$/\1/p')"
for action in ls show requeue purge; do
  check "dead $action: the ID of a message is none" 1 "$(status_of "$weir" dead $action mails "$message")"
  check '... but leads to that of its letter' "weir: $message is the ID of a message, not of a dead letter
write: weir dead $action mails $letter" "$(cat err)"
done
check '... beside one that is' "0 $letter 2" \
  "$(status_of "$weir" dead show mails "$letter" "$message") $(jq -r .id out) $(wc -l < err)"
check 'an ID that leads to nothing' '1 0' "$(status_of "$weir" dead show mails 1-1) $(wc -c < err)"
check 'a name without weir. is none' 1 "$(status_of "$weir" dead ls mails --where 'reason=exit 1')"
check '... and the right one is said' "weir: no message here has a field 'reason'; what a dead letter says of it is weir.reason
write: --where 'weir.reason=...'" "$(cat err)"
check '... once for all streams' '1 2' "$(status_of "$weir" dead ls --where group=g) $(wc -l < err)"
for action in purge requeue; do
  check "dead $action: what it is not would be all of them" '2 5' \
    "$(status_of "$weir" dead $action mails --where 'reason!=exit 1') $("$weir" xlen mails.dead)"
done
check 'a field of the message is one, whatever its name' 0 \
  "$("$weir" xadd mails group=h > out; work mails false; status_of "$weir" dead purge mails --where 'group!=g')"
exit "$((failures > 0))"
