#!/bin/sh
# A paused group gets no messages, whichever process asks and however; running commands go on; waiting readers are woken
# when the pause is over. usage: pause_test.sh WEIR file|server
# shellcheck disable=SC2016,SC2317 # commands for other shells; functions for until_true
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$2"

status_of() { "$@" > out 2> err; echo $?; }
read_as() { consumer=$1; shift; "$weir" xreadgroup jobs --group g --consumer "$consumer" "$@"; }
held_by() { "$weir" -o jsonl pending jobs g - + 100 | jq -r --arg c "$1" 'select(.consumer == $c).id' | wc -l; }
is_paused() { "$weir" info groups jobs | jq -r 'select(.name == "g") | .paused // false'; }

check 'no such stream' 3 "$(status_of "$weir" pause jobs g)"
check 'it says so' "weir: NOGROUP No such key 'jobs' or consumer group 'g'" "$(head -n 1 err)"
"$weir" xadd jobs n=1 > id1
"$weir" xadd jobs n=2 > id2
check 'no such group' 3 "$(status_of "$weir" resume jobs g)"
"$weir" group create jobs g 0
"$weir" group create jobs other 0
read_as ann --count 1 > /dev/null
"$weir" info groups jobs > before

check 'a pause prints nothing' '' "$("$weir" pause jobs g)"
check 'ls says that it is stuck' 'g: paused, 1 waiting' "$("$weir" ls --stuck | jq -r .stuck)"
check 'or OK' OK "$("$weir" -o redis pause jobs g)"
check 'new messages are not delivered' 1 "$(status_of read_as bob)"
if [ "$2" = file ]; then # few servers have CLAIM
  check 'nor with CLAIM' 1 "$(status_of read_as bob --claim 0)"
fi
check 'nor without acknowledgement' 1 "$(status_of read_as bob --noack)"
check 'nor in Redis grammar' 1 "$(status_of "$weir" xreadgroup GROUP g bob STREAMS jobs '>')"
check 'nothing is claimed' 1 "$(status_of "$weir" claim jobs g bob 0 "$(cat id1)")"
check 'nor by force' 1 "$(status_of "$weir" claim jobs g bob 0 "$(cat id2)" --force)"
check 'nor in a walk' 1 "$(status_of "$weir" autoclaim jobs g bob 0)"
check 'nor in a batch' '[] {"cursor":"0-0","entries":[],"deleted":[]}' \
  "$(printf 'xclaim jobs g bob 0 %s\nxautoclaim jobs g bob 0 0\n' "$(cat id1)" | "$weir" batch | paste -sd ' ')"
check 'nor in a transaction' 'null null' \
  "$(printf 'multi\nxreadgroup group g bob streams jobs >\nexec\nxreadgroup group g bob block 1 streams jobs >\n' |
    "$weir" batch | tail -n 2 | jq -r 'if type == "array" then .[0] else . end' | paste -sd ' ')"
check 'bob has nothing' 0 "$(held_by bob)"
check 'who has a message renews it' 0 "$(status_of "$weir" claim jobs g ann 0 "$(cat id1)" --justid)"
check 'and reads it again' 1 "$(read_as ann | jq -r .fields.n; "$weir" xreadgroup GROUP g ann STREAMS jobs 0 | jq -r .fields.n)"
check 'another group is not paused' '1 2' \
  "$("$weir" xreadgroup jobs --group other --consumer bob | jq -r .fields.n | paste -sd ' ')"

check 'info says so' '[true,null] [null,null]' \
  "$("$weir" info groups jobs | jq -c '[.paused,."resumes-in"]' | paste -sd ' ')"
check 'in a table, too' PAUSED "$("$weir" -o table info groups jobs | grep -o PAUSED)"
check 'but not where Redis is spoken' 0 "$("$weir" -o redis info groups jobs | grep -c -i pause)"
check 'ls names the group' '["g"]' "$("$weir" ls -l | jq -c .paused)"
check 'and has a column' PAUSED "$("$weir" -o table ls | grep -o PAUSED)"

check 'what is held is acknowledged' 1 "$("$weir" ack jobs g "$(cat id1)")"
check 'resume prints nothing' '' "$("$weir" resume jobs g; "$weir" resume jobs g)"
check 'and it goes on' 2 "$(read_as bob | jq -r .fields.n)"
check 'info says no more of it' null "$("$weir" info groups jobs | jq -c 'select(.name == "g").paused')"

# What was given back waits until the pause is over.
"$weir" pause jobs g
check 'nack works' 1 "$("$weir" nack jobs g "$(cat id2)")"
check 'and is not given again' 1 "$(status_of "$weir" autoclaim jobs g ann 0)"

# Who waits goes on waiting, to the deadline of its own.
check 'a reader waits to its deadline' 1 "$(status_of read_as cid --block 300ms)"
read_as cid --block 60s > waiting.out &
reader=$!
"$weir" xadd jobs n=3 > /dev/null
check 'it got nothing' '' "$(cat waiting.out)"
"$weir" resume jobs g
wait $reader
check 'it is woken when the group is resumed' 3 "$(jq -r .fields.n waiting.out)"
"$weir" xadd jobs n=4 > /dev/null
"$weir" pause jobs g --for 1s
check 'for how long' true "$("$weir" info groups jobs | jq -c 'select(.paused)."resumes-in" | . > 0 and . <= 1000')"
check 'and when the pause ends' 4 "$(read_as cid --block 60s | jq -r .fields.n)"
check 'which is then over' false "$(is_paused)"
"$weir" pause jobs g
"$weir" xadd jobs n=5 > /dev/null
read_as cid --block 60s > waiting.out &
reader=$!
"$weir" pause jobs g --for 100ms
wait $reader
check 'also if it ends earlier than was said' 5 "$(jq -r .fields.n waiting.out)"
# One that waited already, when the group was not paused yet.
read_as cid --block 60s > waiting.out &
reader=$!
until_true sh -c "$weir info consumers jobs g | jq -e 'select(.name == \"cid\").idle < 60000' > /dev/null"
"$weir" pause jobs g
"$weir" xadd jobs n=6 > /dev/null
check 'bob gets nothing' 1 "$(status_of read_as bob --block 300ms)"
check 'nor does who waited before' '' "$(cat waiting.out)"
"$weir" resume jobs g
wait $reader
check 'until it is over' 6 "$(jq -r .fields.n waiting.out)"

# A worker waits too; what it runs goes on.
"$weir" del jobs > /dev/null
"$weir" xadd jobs n=1 > /dev/null
mkfifo gate
"$weir" work jobs --group g --max-messages 2 --min-idle 2s -- sh -c 'echo "$0" >> ran; read -r _ < gate' '{n}' &
worker=$!
workers=$worker
until_true test -s ran
"$weir" pause jobs g
"$weir" xadd jobs n=2 > /dev/null
echo go > gate
done_with() { [ "$("$weir" info groups jobs | jq .pending)" -eq "$1" ]; }
until_true done_with 0
check 'what ran is done, and nothing more was begun' 1 "$(paste -sd ' ' ran)"
check 'a worker that ends when all is done does not say it is' 3 \
  "$(status_of "$weir" work jobs --group g --until-empty -- true)"
check 'but why it ends' "weir: group 'g' of stream 'jobs' is paused, and not empty
weir resume ends the pause" "$(cat err)"
"$weir" resume jobs g
until_true sh -c 'test "$(wc -l < ran)" -eq 2'
echo go > gate
wait $worker
check 'the worker went on' '1 2' "$(paste -sd ' ' ran)"
workers=
"$weir" pause jobs g
check 'where nothing is left there is nothing to do' 1 "$(status_of "$weir" work jobs --group g --until-empty -- true)"
# One that failed is due, and is not run.
"$weir" resume jobs g
"$weir" xadd jobs n=3 > /dev/null
"$weir" work jobs --group g --max-messages 1 --backoff 1ms..1ms -- false
"$weir" pause jobs g
check 'a message that is due again is not run' 3 \
  "$(status_of "$weir" work jobs --group g --until-empty -- touch again; test ! -e again || echo it ran)"
"$weir" resume jobs g
check 'until the group is resumed' 0 "$(status_of "$weir" work jobs --group g --until-empty -- touch again)"

# A copy is paused as well.
"$weir" pause jobs g --for 1h
"$weir" copy "$WEIR_DB" copy.db > /dev/null
check 'a copy is paused as well' true "$(in_db copy.db info groups jobs | jq '.paused and ."resumes-in" > 3000000')"
in_db copy.db resume jobs g
"$weir" copy "$WEIR_DB" copy.db > /dev/null
check 'however often it is made' true "$(in_db copy.db info groups jobs | jq .paused)"
in_db copy.db resume jobs g

check 'a pause takes a stream and a group' 2 "$(status_of "$weir" pause jobs)"
check 'and no time that is none' 2 "$(status_of "$weir" pause jobs g --for 0)"
"$weir" pause jobs g
"$weir" rename jobs tasks > /dev/null
check 'it goes along with its stream' true "$("$weir" info groups tasks | jq .paused)"
"$weir" del tasks > /dev/null
"$weir" group create tasks g 0 --mkstream > /dev/null
check 'and ends with it' null "$("$weir" info groups tasks | jq .paused)"

exit "$((failures > 0))"
