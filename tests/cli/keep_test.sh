#!/bin/sh
# The standing policy of a stream: appends apply it, and it never deletes certain messages.
# usage: keep_test.sh WEIR file|server
# shellcheck disable=SC2317 # functions for until_true
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$2"

status_of() { "$@" > out 2> err; echo $?; }
fill() { seq "$2" | sed 's/.*/{"n":&}/' | "$weir" xadd "$1" --quiet; }
one_by_one() { seq "$2" | sed "s/.*/XADD $1 * n &/" | "$weir" batch > /dev/null; }
between() { if [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; then echo yes; else echo "$1"; fi; }
days_ago() { echo $(($(date +%s) - $1 * 86400))000-1; }

check 'no such stream' 3 "$(status_of "$weir" keep s --maxlen 5)"
check '... and from when on there is one' 'what it keeps can be set once it has a message; a run log has one after the first run' \
  "$(sed 1d err)"
fill s 10
check 'no policy' 1 "$(status_of "$weir" keep s)"
check 'a policy is set without a word' '' "$("$weir" keep s --maxlen 5 2>&1)"
check 'and shown' '{"stream":"s","maxlen":5,"maxage":null,"acked":false}' "$("$weir" keep s)"
check 'setting it deletes nothing' 10 "$("$weir" xlen s)"
check '--apply does, to the letter' '{"stream":"s","deleted":5}' "$("$weir" keep --apply)"
check 'the newest stay' '6 7 8 9 10' "$("$weir" xrange s | jq -r .fields.n | paste -sd ' ')"
check 'another takes its place' '{"stream":"s","maxlen":null,"maxage":604800000,"acked":true}' \
  "$("$weir" keep s --maxage 7d --acked; "$weir" keep s)"
check 'as a table' 'MAXAGE 7d' "$("$weir" -o table keep s | tr -s ' ' '\n' | grep -x -e MAXAGE -e 7d | paste -sd ' ')"
check 'it ends' 1 "$("$weir" keep s --off; "$weir" keep s --off; status_of "$weir" keep s)"
check 'there is nothing to apply' 1 "$(status_of "$weir" keep --apply)"

# Appends apply it.
fill long 1000
"$weir" keep long --maxlen 100
# On a server about one of 128 appends does.
if [ "$2" = file ]; then one=300; most=228; else one=4000; most=2100; fi
one_by_one long $one
check 'appends apply it, one by one' yes "$(between "$("$weir" xlen long)" 100 $most)"
fill long 5000
check 'and many at once' yes "$(between "$("$weir" xlen long)" 100 $most)"
check 'the newest are there' 5000 "$("$weir" xrevrange long --count 1 | jq -r .fields.n)"
fill other 1000
check 'another stream has no policy' 1000 "$("$weir" xlen other)"
"$weir" keep long --off
fill long 500
check 'without a policy nothing goes' yes "$(between "$("$weir" xlen long)" 600 $((most + 500)))"

# What was trimmed waits for no group.
fill all 4
"$weir" group create all g 0
"$weir" xreadgroup all --group g --consumer c --count 2 | "$weir" ack all g > /dev/null
"$weir" keep all --maxlen 0 2> /dev/null
"$weir" keep --apply all > /dev/null
check 'ls knows it' 0 "$("$weir" -o table ls all | awk 'NR == 2 { print $5 }')"
check 'so the stream is not stuck' 1 "$(status_of "$weir" ls --stuck-after 1ms all)"
check 'and check knows that' 0 "$(status_of "$weir" check all --waiting 1 --warn-waiting 0)"
"$weir" del all > /dev/null

# By age.
for day in 9 8 2 1; do "$weir" xadd aged --id "$(days_ago $day)" day=$day > /dev/null; done
"$weir" keep aged --maxage 7d
check 'what is too old goes' '2 1' \
  "$("$weir" keep --apply 'age*' > /dev/null; "$weir" xrange aged | jq -r .fields.day | paste -sd ' ')"

# With groups.
for day in 9 8 2 1; do "$weir" xadd jobs --id "$(days_ago $day)" day=$day > /dev/null; done
"$weir" group create jobs g 0
"$weir" group create jobs h 0
check 'a policy that deletes what waits says so' "weir: 'jobs': 2 of the messages that will go now have not been given to, or not acknowledged by, some group
with --acked such messages stay" "$("$weir" keep jobs --maxage 7d 2>&1)"
check 'one that does not says nothing' '' "$("$weir" keep jobs --maxage 7d --acked 2>&1)"
days() { "$weir" xrange jobs | jq -r .fields.day | paste -sd ' '; }
apply() { "$weir" keep --apply jobs | jq .deleted; }
check 'with --acked what nobody was given stays' 0 "$(apply)"
"$weir" xreadgroup jobs --group g --consumer c > held
check 'and what only one group was given' 0 "$(apply)"
"$weir" xreadgroup jobs --group h --consumer c | "$weir" ack jobs h > /dev/null
check 'and what one has not acknowledged' 0 "$(apply)"
check 'ls -l says which group it is' 'g' "$("$weir" ls -l | jq -r 'select(.stream == "jobs").behind.group')"
check 'in the table, too' 'BEHIND g' "$("$weir" -o table ls -l | tr -s ' ' '\n' | grep -x -e BEHIND -e g | paste -sd ' ')"
sed -n 2p held | "$weir" ack jobs g > /dev/null
check 'what all are done with goes, though an older one stays' '1 9 2 1' "$(apply) $(days)"
"$weir" ack jobs g < held > /dev/null
check 'what is young stays' '1 2 1' "$(apply) $(days)"
"$weir" keep jobs --acked
check '--acked alone: whatever all are done with goes' '2 ' "$(apply) $(days)"
fill jobs 3
check 'and nothing else' 0 "$(apply)"
# No group is no leave.
fill alone 5
"$weir" keep alone --acked
check 'without a group nothing is done' '{"stream":"alone","deleted":0}' "$("$weir" keep --apply alone)"
fill alone 1000
check 'however many come' 1005 "$("$weir" xlen alone)"
"$weir" group create alone g 0
fill alone 1000
check 'nor is what waits' 2005 "$("$weir" xlen alone)"
"$weir" xreadgroup alone --group g --consumer c --noack > /dev/null
one_by_one alone 4000
check 'what is done goes as others come' yes "$(between "$("$weir" xlen alone)" 4000 5100)"

# It goes where its stream goes.
"$weir" rename jobs tasks
check 'it goes along with its stream' true "$("$weir" keep tasks | jq .acked)"
"$weir" copy "$WEIR_DB" copy.db tasks > /dev/null
check 'and into a copy' true "$(in_db copy.db keep tasks | jq .acked)"
"$weir" del tasks > /dev/null
fill tasks 1
check 'and ends with it' 1 "$(status_of "$weir" keep tasks)"

# What is wrong.
check 'a policy and its end' 2 "$(status_of "$weir" keep s --maxlen 5 --off)"
check 'two streams' 2 "$(status_of "$weir" keep s other --maxlen 5)"
check 'no stream' 2 "$(status_of "$weir" keep --maxlen 5)"
check 'a length that is none' 2 "$(status_of "$weir" keep s --maxlen -1)"
check 'no time' 2 "$(status_of "$weir" keep s --maxage 0)"
check 'a time without a unit' 2 "$(status_of "$weir" keep s --maxage 7)"
check 'says what to write' "weir: '7' is not a value for --maxage
write its unit: 7d, 12h, 500ms" "$(cat err)"
if [ "$2" = file ]; then
  check 'a database that is not there' 5 "$(status_of "$weir" --db none.db keep --apply)"
  check 'is not made' no "$(if [ -e none.db ]; then echo yes; else echo no; fi)"
  "$weir" keep s --maxlen 5
  sqlite3 "$WEIR_DB" "UPDATE weir_extras SET keep_maxlen = -3, keep_acked = 7"
  check 'a row that is wrong deletes nothing that waits' 0 "$(status_of "$weir" keep --apply s)"
  sqlite3 "$WEIR_DB" "DELETE FROM weir_extras"
  check 'nor does one that is missing' 1 "$(status_of "$weir" keep --apply s)"
fi

if [ "$2" = server ]; then
  redis-cli -s redis.sock set 'weir:keep:{s}s' x > /dev/null
  check 'what somebody else has put there' 3 "$(status_of "$weir" keep s)"
  check 'is in no way of appends' 0 "$(status_of fill s 300)"
  "$weir" del s > /dev/null
fi

# What a transaction appends counts like any other.
"$weir" xadd whole n=0 > /dev/null
"$weir" keep whole --maxlen 10
for _ in 1 2 3 4 5 6 7 8; do
  seq 500 | sed 's/.*/XADD whole * n &/' | "$weir" batch --atomic > /dev/null
done
check 'a policy holds in transactions, too' 0 "$("$weir" xlen whole | awk '{ print ($1 < 2000 ? 0 : $1) }')"

# Eight append at once and are killed, a group works: nothing goes that it has not done.
"$weir" group create busy g 0 --mkstream > /dev/null
"$weir" keep busy --maxlen 10 --acked
round=0
while [ $((round += 1)) -le 10 ]; do
  workers=
  for n in 1 2 3 4 5 6 7 8; do
    seq 100 | sed "s/.*/XADD busy * n $round-$n-&/" | "$weir" batch > "ids.$n" 2> /dev/null &
    workers="$workers $!"
  done
  "$weir" xreadgroup busy --group g --consumer c --count 200 | tee -a given | "$weir" ack busy g > /dev/null
  sleep "0.0$((round % 6))" # any moment will do
  # shellcheck disable=SC2086 # a list of numbers
  kill -9 $workers 2> /dev/null
  # shellcheck disable=SC2086
  wait $workers 2> /dev/null
  cat ids.? >> all
done
workers=
while "$weir" xreadgroup busy --group g --consumer c --count 5000 > more.out; do
  cat more.out >> given
  "$weir" ack busy g < more.out > /dev/null
done
jq -r .id given | sort > given.ids
tr -d '"' < all | grep -x '[0-9]*-[0-9]*' | sort > all.ids
check 'each that was added was given' '' "$(comm -13 given.ids all.ids)"
check 'once' '' "$(uniq -d given.ids)"
check 'and in the end the policy holds' 10 "$("$weir" keep --apply busy > /dev/null; "$weir" xlen busy)"

exit "$((failures > 0))"
