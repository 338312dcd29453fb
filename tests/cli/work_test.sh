#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# `weir work` and `weir dead` as their users see them. usage: work_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

# A server makes strings of all values.
untyped() { sed 's/:"\([0-9.]*\|true\)"/:\1/g'; }

fresh() { "$weir" flushall --force > log 2>&1; rm -f -- *.out; }
add() { "$weir" xadd "$@" > /dev/null; }
work() { "$weir" work "$@" 2>> log; }
pending() { "$weir" pending "$1" "$2" | sed 's/.*"pending":\([0-9]*\).*/\1/'; }
script() { printf '#!/bin/sh\n' > "$1"; cat >> "$1"; chmod +x "$1"; }

script record <<'EOF'
# Each argument, and what it is, on a line of its own.
for argument in "$@"; do printf '[%s]\n' "$argument"; done
EOF

mkfifo gate

### Running
fresh
add s to=ann subject='two words'
check 'fields become arguments' '[--to] [ann] [--subject=two words] [{}]' \
  "$(work s --group g --until-empty -- ./record --to '{to}' '--subject={subject}' '{{}}' | tr '\n' ' ' | sed 's/ $//')"

fresh
add s v='$(touch hacked) `touch hacked` "quoted" '"'single'"' \ ; touch hacked'
add s v=-rf
add s v='a
b'
add s v=
add s v='*'
work s --group g --until-empty -- ./record '{v}' -- '{v}' > hostile.out
cat > hostile.expected <<'EOF'
[$(touch hacked) `touch hacked` "quoted" 'single' \ ; touch hacked]
[--]
[$(touch hacked) `touch hacked` "quoted" 'single' \ ; touch hacked]
[-rf]
[--]
[-rf]
[a
b]
[--]
[a
b]
[]
[--]
[]
[*]
[--]
[*]
EOF
check 'hostile values are data, each one argument' "$(cat hostile.expected)" "$(cat hostile.out)"
check 'and nothing of them ran' 'no' "$([ -e hacked ] && echo yes || echo no)"

fresh
add s PATH=/evil LD_PRELOAD=/evil.so IFS=x WEIR_ID=0-0 ok_1=fine 'a-b=1' 1a=x
check 'a message sets only WEIR_FIELD_ variables' 'WEIR_FIELD_IFS=x WEIR_FIELD_LD_PRELOAD=/evil.so WEIR_FIELD_PATH=/evil WEIR_FIELD_WEIR_ID=0-0 WEIR_FIELD_ok_1=fine same' \
  "$(WEIR_FIELD_stale=1 work s --group g --until-empty -- sh -c 'env | grep ^WEIR_FIELD_ | sort; case $PATH in *evil*) ;; *) [ -z "$LD_PRELOAD" ] && [ "$WEIR_ID" != 0-0 ] && echo same;; esac' | tr '\n' ' ' | sed 's/ $//')"

fresh
id=$("$weir" xadd s a=1)
check 'the environment says which message it is' "$id s g me 1" \
  "$(work s --group g --consumer me --until-empty -- sh -c 'echo $WEIR_ID $WEIR_STREAM $WEIR_GROUP $WEIR_CONSUMER $WEIR_DELIVERIES')"
add s a=1
check 'the fields alone on standard input' '{"a":"1"}' "$(work s --group g --stdin fields --until-empty -- cat)"
add s a=1
check 'nothing on standard input' '' "$(work s --group g --stdin none --until-empty -- cat)"
id=$("$weir" xadd s a=1)
check 'placeholders' "[$id/s/1] [{\"id\":\"$id\",\"stream\":\"s\",\"fields\":{\"a\":\"1\"},\"deliveries\":1}]" \
  "$(work s --group g --until-empty -- ./record '{id}/{stream}/{deliveries}' '{}' | tr '\n' ' ' | sed 's/ $//')"
id=$("$weir" xadd s a=1)
check 'tagged output' "$id	x
$id	y" "$(work s --group g --tag --until-empty -- printf 'x\ny')"

fresh
head -c 300000 /dev/zero | tr '\0' x | sed 's/.*/{"big":"&"}/' | "$weir" xadd s > /dev/null
check 'a large message on standard input' 300011 "$(work s --group g --stdin fields --until-empty -- wc -c)"

### Several streams, batches
fresh
add s1 n=1; add s2 n=2; add s3 n=3
check 'several streams' '1 2 3' "$(work s1 s2 s3 --group g --until-empty -- sh -c 'echo $WEIR_FIELD_n' | sort | tr '\n' ' ' | sed 's/ $//')"

fresh
seq 10 | sed 's/.*/{"n":&}/' | "$weir" xadd s > /dev/null
check 'a batch is one run' '4 4 2' "$(work s --group g --batch 4 --until-empty -- sh -c 'wc -l' | tr -d ' ' | tr '\n' ' ' | sed 's/ $//')"

fresh
seq 6 | sed 's/.*/{"n":&}/' | "$weir" xadd s > /dev/null
script poison <<'EOF'
# Refuses whatever has message 3 in it.
if grep -q '"n":"\{0,1\}3"\{0,1\}}'; then exit 65; fi
EOF
work s --group g --batch 6 --backoff 1ms --until-empty -- ./poison
check 'a bad message takes its batch with it only once' "3 1" "$? $("$weir" xlen s.dead)"

### Outcomes
fresh
check 'nothing to do' 1 "$(work s --group g --until-empty -- true; echo $?)"
add s a=1; add s a=2; add s a=3
"$weir" xreadgroup s --group g --create --consumer other > taken
check 'the time is over: what waits is said' "weir: the time is over, and 's' is not empty: 3 messages wait, 3 of them pending" \
  "$("$weir" work s --group g --until-empty --max-time 1ms --min-idle 1h -- true 2>&1)"
fresh
add s a=1
check 'done' 0 "$(work s --group g --until-empty -- true; echo $?)"
add s a=1
check 'data error: a dead letter at once' '3 1 1' "$(work s --group g --until-empty -- sh -c 'exit 65'; echo $? "$("$weir" xlen s.dead)" "$("$weir" dead ls s | grep -c '"reason":"exit 65","deliveries":1')")"
fresh
add s a=1
work s --group g --backoff 1ms..10ms --max-deliveries 3 --until-empty -- sh -c 'echo $WEIR_DELIVERIES >> tries.out; echo "no luck" >&2; exit 7'
check 'failures are tried again, up to a limit' '3 1 2 3' "$? $(tr '\n' ' ' < tries.out | sed 's/ $//')"
check 'the dead letter says why' 1 "$("$weir" dead show s | untyped | grep -c '"a":1,"weir.stream":"s".*"weir.deliveries":3,"weir.reason":"exit 7".*"weir.stderr":"no luck"')"
check 'and is pending no more' 0 "$(pending s g)"

fresh
add s a=1
work s --group g --missing dead --until-empty -- sh -c 'touch ran.out' x '{missing}'
check 'a missing field: dead before anything runs' '3 no 1' "$? $([ -e ran.out ] && echo yes || echo no) $("$weir" dead ls s | grep -c "no field 'missing'")"

fresh
add s a=1; add s a=2
work s --group g --delete --until-empty -- true
check 'removed when done' 0 "$("$weir" xlen s || :)"

fresh
add s a=1
work s --group g --into t --until-empty -- printf '%s\n' '{{"b":1.50}}' '{{"b":2}}'
check 'what is printed goes on' '{"b":1.50} {"b":2}' "$("$weir" xrange t | untyped | sed 's/.*"fields"://;s/}$//' | tr '\n' ' ' | sed 's/ $//')"
fresh
add s a=1
work s --group g --into t --max-deliveries 1 --until-empty -- printf '%s\n' '{{"b":1}}' oops
check 'output that is no message is a failure' '3 0' "$? $("$weir" xlen t 2> /dev/null || :)"

### Time
fresh
add s a=1
work s --group g --timeout 100ms --kill-after 100ms --max-deliveries 1 --until-empty -- sh -c 'trap "" TERM; sleep 100 & wait; sleep 100'
check 'the time limit ends a command that ignores SIGTERM' '3 1' "$? $("$weir" dead ls s | grep -c 'timed out after 100ms')"

fresh
add s a=1
check 'centuries are not over at once' 'failed done' \
  "$(work s --group g --timeout 200000d --kill-after 200000d --grace 200000d --max-time 200000d --min-idle 200000d --backoff 1ms --until-empty \
    -- sh -c 'sleep 0.2; [ "$WEIR_DELIVERIES" -gt 1 ] && echo done || ! echo failed' | tr '\n' ' ' | sed 's/ $//')"

fresh
add s a=1
# A busy machine may hold up the first worker for some time: its hold lasts longer than that.
"$weir" work s --group g --min-idle 2s --until-empty -- sh -c 'echo run >> runs.out; sleep 6' 2>> log & first=$!
until_true test -e runs.out
work s --group g --min-idle 2s --until-empty -- sh -c 'echo run >> runs.out'
wait "$first"
check 'a command three times longer than --min-idle runs once' 'run' "$(cat runs.out)"

fresh
add s a=1
"$weir" work s --group g --consumer slow --min-idle 200ms --into t -- sh -c 'echo >> begun.out; read -r go < gate; printf "%s\n" "$1"' sh '{{"by":"slow"}}' 2> slow.out & slow=$!
until_true test -e begun.out
kill -STOP "$slow"
work s --group g --min-idle 200ms --until-empty --into t -- echo '{{"by":"other"}}'
echo go > gate
kill -CONT "$slow"
kill -TERM "$slow"
wait "$slow"
check 'who wakes up late cannot finish what another took over' 'other' "$("$weir" xrange t | grep -o '"by":"[a-z]*"' | cut -d'"' -f4)"

### Letting go
fresh
add s a=1; add s a=2
script gate_keeper <<'EOF'
echo "$$" > running.out
read -r go < gate
EOF
"$weir" work s --group g --grace 60s -- ./gate_keeper 2>> log & worker=$!
until_true test -s running.out
kill -TERM "$worker"
echo go > gate
wait "$worker"
check 'the first signal lets the command finish' '0 0' "$? $(pending s g)"

rm -f running.out
"$weir" work s --group g --grace 60s -- ./gate_keeper 2>> log & worker=$!
until_true test -s running.out
kill -TERM "$worker"
taken() { ! grep -q 'Pnd:.*[1-9a-f]' "/proc/$1/status" 2> /dev/null; } # two that are on their way become one
until_true taken "$worker"
kill -TERM "$worker"
wait "$worker"
check 'the second stops at once' 143 "$?"
check 'and no command is left' 'gone' "$(kill -0 "$(cat running.out)" 2> /dev/null && echo there || echo gone)"
check 'and the message is given back at once' '2' "$(work s --group g --until-empty -- sh -c 'echo $WEIR_DELIVERIES')"

fresh
add s a=1
"$weir" work s --group g -- sh -c 'sh -c "echo \$\$ > grandchild.out; exec sleep 1000" & echo $$ > child.out; wait' 2>> log & worker=$!
until_true test -s grandchild.out
kill -9 "$worker"
wait "$worker" 2> /dev/null
until_true gone "$(cat child.out)" && until_true gone "$(cat grandchild.out)"
check 'no child outlives a killed worker' 0 "$?"

fresh
add s bad=1
for _ in 1 2; do
  "$weir" work s --group g --min-idle 50ms -- sh -c 'kill -9 $PPID' 2>> log & worker=$!
  wait "$worker" 2> /dev/null
done
work s --group g --min-idle 50ms --max-deliveries 2 --until-empty -- sh -c 'touch ran.out'
check 'a message that kills its worker becomes a dead letter' '3 no 1' "$? $([ -e ran.out ] && echo yes || echo no) $("$weir" dead ls s | grep -c 'its worker died in delivery 2')"

fresh
add s a=1
script vanishing <<'EOF'
exit 0
EOF
"$weir" work s --group g -- ./vanishing 2>> log & worker=$!
all_done() { "$weir" info groups s 2> /dev/null | grep -q '"pending":0,.*"entries-read":1'; }
until_true all_done
rm vanishing
add s a=2
wait "$worker"
check 'a command that is gone ends the worker' 2 "$?"
check 'and the message has not been counted' 1 "$(work s --group g --until-empty -- sh -c 'echo $WEIR_DELIVERIES')"

fresh
add s a=1
script list_descriptors <<'EOF'
ls -l "/proc/$$/fd" 2> /dev/null
EOF
check 'a command inherits no descriptor of the worker' 0 \
  "$(work s --group g --until-empty -- ./list_descriptors | grep -c 'weir.db\|eventpoll')"

fresh
seq 200 | sed 's/.*/{"n":&}/' | "$weir" xadd s > /dev/null
# A pipe has room for three of the four that then run: nothing goes on before it is read.
four_begun() { [ -e begun.out ] && [ "$(wc -l < begun.out)" -ge 4 ]; }
check 'a slow reader gets everything' 200 \
  "$(work s --group g -j 4 --until-empty -- sh -c 'echo >> begun.out; head -c 20000 /dev/zero | tr "\0" x; echo' | { until_true four_begun; wc -l | tr -d ' '; })"

fresh
add s a=1
"$weir" work s --group g --until-empty -- sh -c 'echo SET pwned 1; echo SET pwned 1 >&2' >&- 2>&-
check 'started without output, it sends that of the command nowhere' '0 0 0' "$? $(pending s g) $("$weir" exists pwned)"

fresh
seq 5 | sed 's/.*/{"n":&}/' | "$weir" xadd s > /dev/null
if [ -w /dev/full ]; then
  "$weir" work s --group g --until-empty -- echo '{n}' > /dev/full 2> full.out
  check 'a full disk ends it, and is named' '5 1' "$? $(grep -c 'cannot write to standard output: the disk is full' full.out)"
  check '... and what was not begun is there for others' yes \
    "$(work s --group g --until-empty -- echo '{n}' | grep -q 5 && echo yes || echo no)"
else
  echo 'skipped: this system has no /dev/full'
fi

### For cron
fresh
seq 5 | sed 's/.*/{"n":&}/' | "$weir" xadd s > /dev/null
work s --group g --max-messages 3 -- true
check 'so many and no more' '0 3' "$? $("$weir" info groups s | grep -o '"entries-read":[0-9]*' | cut -d: -f2)"
check 'so long and no longer' 0 "$(work s --group g --max-time 300ms -- true; echo $?)"

### Consumers
# Only a file lets a test make a consumer look old.
if [ -z "$server" ]; then
fresh
add s a=1; add s a=2
"$weir" xreadgroup s --group g --create --consumer holds --count 1 > /dev/null
"$weir" group createconsumer s g stale > /dev/null
"$weir" group createconsumer s g recent > /dev/null
python3 - "$WEIR_DB" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE weir_consumers SET seen_ms = seen_ms - 25 * 3600 * 1000 WHERE name <> 'recent'")
db.commit()
EOF
work s --group g --consumer w --max-messages 1 -- true
check 'consumers that hold nothing and have not been seen for a day are removed' 'holds recent w' \
  "$("$weir" info consumers s g | sed 's/.*"name":"\([^"]*\).*/\1/' | tr '\n' ' ' | sed 's/ $//')"
fi

### Dead letters
fresh
printf '%s\n' '{"n":1.50,"weir.id":"mine","t":true}' '{"n":2}' '{"n":3}' | "$weir" xadd s > ids.out
work s --group g --until-empty -- sh -c 'exit 65'
check 'the list says which group gave it up' 3 "$("$weir" dead ls s | grep -c '"stream":"s","group":"g","reason":"exit 65"')"
check 'the list as a table' '4 3' "$("$weir" dead ls s -o table | grep -c .) $("$weir" dead ls s -o table | grep -c ' s  *g  *exit 65 ')"
check 'the list as a reply' '3 1' "$("$weir" dead ls s -o redis | grep -c '"exit 65"') $("$weir" dead ls s -o redis | grep -c '^3) 1) "')"
check 'letters whole, as RESP' "$("$weir" -o resp xrange s.dead | md5sum)" "$("$weir" dead show s -o resp | md5sum)"
check 'letters whole, as a table' "$("$weir" -o table --utc xrange s.dead | tail -n +2 | cut -c 1-27)" "$("$weir" dead show s -o table --utc | tail -n +2 | cut -c 1-27)" # before the age
letter=$("$weir" dead ls s | head -1 | sed 's/{"id":"\([^"]*\).*/\1/')
"$weir" group create s other '$' > /dev/null
check 'one is put back, and its ID is printed' "0 $(head -1 ids.out)" "$("$weir" dead requeue s "$letter" > back.out 2>&1; echo "$? $(cat back.out)")"
check 'its group has it again, as if it had never been delivered' "$(head -1 ids.out) 0" \
  "$("$weir" pending s g - + 10 | sed 's/.*"id":"\([^"]*\)","consumer":null.*"deliveries":\([0-9]*\).*/\1 \2/')"
check 'and no other group, nor a second time' '3 ' "$("$weir" xlen s) $("$weir" xreadgroup s --group other --consumer c)"
check 'and leaves no group behind' '' "$("$weir" info groups s.dead)"
check 'and only it' 2 "$("$weir" xlen s.dead)"
"$weir" dead requeue s --where n=3 > /dev/null
check 'some are put back' 2 "$(pending s g)"
check 'the rest is removed' '1 0' "$("$weir" dead purge s --all) $("$weir" xlen s.dead || :)"
check 'none is left' 1 "$("$weir" dead ls s; echo $?)"
work s --group g --until-empty -- sh -c 'exit 65'
"$weir" dead requeue s --all > /dev/null
check 'they are put back as often as they fail' "$(sed -n '1p;3p' ids.out | paste -sd' ')" \
  "$("$weir" pending s g - + 10 | sed 's/.*"id":"\([^"]*\)".*/\1/' | paste -sd' ')"

# Where the entry is gone.
fresh
printf '%s\n' '{"n":1.50,"weir.id":"mine","t":true}' '{"n":2}' | "$weir" xadd s > ids.out
work s --group g --delete --until-empty -- sh -c 'exit 65'
"$weir" dead requeue s --all > back.out 2> anew.out
check 'a message that is gone is appended anew, with its first ID' "{\"n\":1.50,\"weir.id\":\"mine\",\"t\":true,\"weir.requeued\":\"$(head -1 ids.out)\"}" \
  "$("$weir" xrange s --count 1 | untyped | sed 's/.*"fields"://;s/}$//')"
check 'which is said' '2 1' "$(wc -l < back.out | tr -d ' ') $(grep -c '2 messages were no longer there to be given back, and are appended anew' anew.out)"
check 'its new ID is printed' "$("$weir" xrange s | sed 's/.*"id":"\([^"]*\)","stream.*/\1/')" "$(cat back.out)"
work s --group g --delete --until-empty -- sh -c 'exit 65'
"$weir" dead requeue s --all > /dev/null 2>&1
check 'put back twice, the first ID stays' "$(head -1 ids.out)" "$("$weir" xrange s | grep -F '1.50' | tail -1 | sed 's/.*"weir.requeued":"\([^"]*\).*/\1/')"
fresh
add s n=1
work s --group g --until-empty -- sh -c 'exit 65'
"$weir" group destroy s g > /dev/null
"$weir" dead requeue s --all > /dev/null 2>&1
check 'so it is where the group is gone' 2 "$("$weir" xlen s)"
fresh
add s n=1
work s --group g --until-empty -- sh -c 'exit 65'
"$weir" group setid s g 0 > /dev/null
"$weir" xreadgroup s --group g --consumer c > /dev/null
"$weir" dead requeue s --all > /dev/null 2>&1
check 'one that its group holds again is not taken from its owner' '1 "consumer":"c"' "$(pending s g) $("$weir" pending s g - + 10 | grep -o '"consumer":"c"')"

# Somebody else's entry among the dead letters is in nobody's way.
fresh
printf '%s\n' '{"n":1}' '{"n":2}' | "$weir" xadd s > ids.out
work s --group g --max-messages 1 -- sh -c 'exit 65'
foreign=$("$weir" xadd s.dead n=foreign)
work s --group g --until-empty -- sh -c 'exit 65'
check 'a foreign entry does not keep others from the list' '2 0' "$("$weir" dead ls s 2> foreign.out | wc -l) $("$weir" dead ls s > ls.out 2>&1; echo $?)"
check '... and is named' "weir: entry $foreign of s.dead is not a dead letter: it is passed over" "$(head -1 foreign.out)"
check 'asked for itself, it is refused' 3 "$("$weir" dead requeue s "$foreign" > requeue.out 2>&1; echo $?)"
check '... and does not keep the others from being put back' '0 2 1' \
  "$("$weir" dead requeue s --all > requeue.out 2>&1; echo $?) $(pending s g) $("$weir" xlen s.dead)"

# A stream that has come to its last ID takes nothing any more.
last_id=18446744073709551615-18446744073709551615
fresh
add m --id 1-0 n=1
work m --group g --until-empty -- sh -c 'exit 65'
"$weir" xsetid m "$last_id" > /dev/null
"$weir" xdel m 1-0 > /dev/null
"$weir" dead requeue m --all > requeue.out 2>&1
check 'a requeue that is refused says so' '3 1 1' "$? $(grep -c exhausted requeue.out) $("$weir" xlen m.dead)"
check '... and leaves no group behind either' '' "$("$weir" info groups m.dead)"

# Several at once: each letter is put back once, and the last to leave takes the group away.
fresh
seq 200 | sed 's/.*/{"n":&}/' | "$weir" xadd s > ids.out
work s --group g --jobs 4 --until-empty -- sh -c 'exit 65'
for i in 1 2 3 4; do "$weir" dead requeue s --all > "back$i.out" 2>> requeue.log & workers="$workers $!"; done
# shellcheck disable=SC2086 # a list of numbers
wait $workers
workers=
check 'of several that requeue at once each letter goes back once' '200 200 0' \
  "$(pending s g) $(cat back?.out | sort -u | wc -l) $("$weir" xlen s.dead || :)"
check 'and no group is left' ' ' "$(cat requeue.log) $("$weir" info groups s.dead)"

fresh
add m --id 1-0 n=1
add m.dead --id "$last_id" n=1
"$weir" work m --group g --max-messages 1 -- sh -c 'exit 65' 2> refused.out
check 'a dead letter is not reported before it is written' '0 1' \
  "$(grep -c 'dead letter in' refused.out) $(grep -c '1-0: its outcome was not recorded: .*exhausted' refused.out)"
check '... and the message is still pending' 1 "$(pending m g)"

### Usage
usage() { check "usage: $1" 2 "$(shift; "$weir" work "$@" > log 2>&1; echo $?)"; }
usage 'no command' s --group g
usage 'no group' s -- true
usage 'no such command' s --group g -- ./not-there
usage 'a single brace' s --group g -- echo '{a'
usage 'a command from a message' s --group g -- '{a}'
usage 'a value in a shell script' s --group g -- sh -c 'echo {a}'
usage 'a placeholder in a batch' s --group g --batch 2 -- echo '{a}'
usage 'a bad time' s --group g --timeout soon -- true
usage 'backoff the wrong way round' s --group g --backoff 5m..1s -- true
usage 'output into a stream that is read' s t --group g --into t -- echo '{{}}'
usage 'dead letters on a stream that is read' s t --group g --dead-letter t -- false

[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
