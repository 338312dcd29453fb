#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# Which messages `weir work` takes, and when, and what it does with a message that is to run later.
# usage: work_policy_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

# A server makes strings of all values.
untyped() { sed 's/:"\([0-9.]*\)"/:\1/g'; }

fresh() { "$weir" flushall --force > log 2>&1; rm -f -- *.out; }
add() { "$weir" xadd "$@" > /dev/null; }
work() { "$weir" work "$@" 2>> log; }
pending() { "$weir" pending "$1" "$2" | sed 's/.*"pending":\([0-9]*\).*/\1/'; }
script() { printf '#!/bin/sh\n' > "$1"; cat >> "$1"; chmod +x "$1"; }

### A field that is not there
fresh
for i in 1 2 3 4 5; do add s name=$i to=x; done
work s --group g --until-empty -- echo '{nam}' > echo.out
check 'a field that no message has stops the worker' 2 "$?"
check 'it says which field, and which there are' 1 "$(grep -c "no message has had the field '{nam}', which the command names; they have: name, to" log)"
check 'after three messages' 3 "$(pending s g)"
check 'which are given back uncounted' '0 0 0' "$("$weir" pending s g - + 10 | sed 's/.*"deliveries":\([0-9]*\).*/\1/' | paste -sd' ')"
check 'and nothing became a dead letter' '0' "$("$weir" exists s.dead)"
check 'nothing was run' '' "$(cat echo.out)"
work s --group g --until-empty -- jq -c '{id, x: 1}'
check 'braces of the command itself are to be doubled' 1 "$(grep -c "uncounted; braces that are the command's own are doubled: {{id, x: 1}}; mend" log)"
work s --group g --until-empty -- echo '{name}' > echo.out
check 'with the right name all are done, once' '0 1 2 3 4 5' "$? $(sort echo.out | paste -sd' ')"

fresh
add s other=1
add s other=2
work s --group g --until-empty -- echo '{nam}'
check 'two messages are enough where no more come' '2 2' "$? $(pending s g)"
fresh
add s other=1
add s nam=2
add s other=3
work s --group g --until-empty -- echo '{nam}' > echo.out
check 'where one has the field, those without it are dead letters' '3 2 2' "$? $(cat echo.out) $("$weir" xlen s.dead)"
fresh
add s other=1
work s --group g --until-empty --missing dead -- echo '{nam}'
check '--missing dead asks for that at once' '3 1' "$? $("$weir" xlen s.dead)"
fresh
add s other=1
check '--missing empty runs it' '0 []' "$(work s --group g --until-empty --missing empty -- echo '[{nam}]' > echo.out; echo "$? $(cat echo.out)")"
fresh
add s nam=1
add s other=1
add s nam=3
work s --group g --until-empty --missing stop -- echo '{nam}' > echo.out
check '--missing stop ends at the first' '2 1' "$? $(cat echo.out)"
check 'and gives it back' '{"deliveries":0}' "$("$weir" pending s g - + 10 | sed 's/.*\("deliveries":[0-9]*\).*/{\1}/' | sort -u)"

### Later
fresh
add s n=1
script busy <<'EOF2'
n=$(($(cat runs.out 2> /dev/null || echo 0) + 1)); echo $n > runs.out
echo "$WEIR_DELIVERIES" >> deliveries.out
[ $n -gt 3 ] || exit 75
EOF2
work s --group g --until-empty --later-status 75=1ms --max-deliveries 2 -- ./busy
check 'what is put off is run again, and it was no delivery' '0 1 1 1 1' "$? $(paste -sd' ' deliveries.out)"
fresh
add s n=1
add s n=2
work s --group g --max-messages 2 --later-status 75=1h -- sh -c 'exit 75'
check 'it waits, without an owner and uncounted, and says how often it was put off' '"consumer":null 0 1' \
  "$("$weir" pending s g - + 1 | sed 's/.*\("consumer":[a-z]*\).*"deliveries":\([0-9]*\),"laters":\([0-9]*\).*/\1 \2 \3/')"
check 'a table shows that' 1 "$("$weir" pending s g - + 10 -o table | grep -c LATERS)"
fresh
add s n=1
work s --group g --until-empty --later-status 75=1ms --max-laters 3 --max-deliveries 2 --backoff 1ms -- sh -c 'echo $WEIR_DELIVERIES >> runs.out; exit 75'
check 'put off too often, it has failed' '3 1 1 1 1 2' "$? $(paste -sd' ' runs.out)"
check 'which the line says' 1 "$(grep -c 'exit 75, too often (3 times); again in' log)"
work s --group g --later-status 75=soon -- true
check 'a wait that is none is refused' 2 "$?"
for wait in -5 9223372036854775807 366d; do
  work s --group g --later-status "75=$wait" -- true
  check "nor is $wait one" 2 "$?"
done

### What is taken ahead, where runs are short
fresh
seq 300 | sed 's/.*/{"n":"&"}/' | "$weir" xadd s --quiet
script mostly_short <<'EOF2'
[ "$1" != 150 ] || { echo stuck > stuck.out; until [ -e others.out ]; do sleep 0.05; done; }
EOF2
"$weir" work s --group g --until-empty -- ./mostly_short '{n}' 2>> log &
workers=$!
until_true test -s stuck.out
until_true sh -c '[ "$(WEIR_DB='"'$WEIR_DB'"' "'"$weir"'" pending s g - + 300 | grep -vc "\"consumer\":null")" = 1 ]'
check 'one that takes longer does not hold up the others' '1' "$("$weir" pending s g - + 300 | grep -vc '"consumer":null')"
work s --group g --max-messages 150 -- true
check 'which others have at once, undelivered so far' '1 1' "$(pending s g) $("$weir" pending s g - + 300 | sed 's/.*"deliveries":\([0-9]*\).*/\1/')"
echo go > others.out
wait "$workers"
check 'and it is done in the end' '0 0' "$? $(pending s g)"
workers=

### From the first stream that has something
fresh
for i in 1 2 3; do add high n=h$i; add low n=l$i; done
work low high --group g --until-empty -- echo '{n}' > turns.out
check 'streams take turns' 'l1 h1 l2 h2 l3 h3' "$(paste -sd' ' turns.out)"
fresh
for i in 1 2 3; do add high n=h$i; add low n=l$i; done
work high low --group g --until-empty --strict -- echo '{n}' > strict.out
check '--strict takes the first stream first' 'h1 h2 h3 l1 l2 l3' "$(paste -sd' ' strict.out)"
script adds_high <<'EOF2'
echo "$1"
[ "$1" != l1 ] || "$weir" xadd high n=h9 > /dev/null
EOF2
fresh
for i in 1 2 3; do add low n=l$i; done
weir=$weir work high low --group g --until-empty --strict -- ./adds_high '{n}' > strict.out
check 'also as soon as something comes there' 'l1 h9 l2 l3' "$(paste -sd' ' strict.out)"

### What is told of runs and of dead letters
fresh
add s n=1
add s n=2
work s --group g --consumer me --until-empty --max-deliveries 2 --backoff 1ms --log runs -- sh -c 'echo "out $1"; echo "err $1" >&2; [ "$1" = 1 ]' - '{n}' > /dev/null
check 'each run has an entry in the log' 3 "$("$weir" xlen runs)"
check 'which says how it ended, and what it printed' \
  'status":0,"started":"TIME","took_ms":MS,"stdout":"out 1","stderr":"err 1"' \
  "$("$weir" xrange runs --count 1 | untyped | sed 's/.*"delivery":1,"\(status.*stderr":"[^"]*"\).*/\1/; s/"started":"[^"]*"/"started":"TIME"/; s/"took_ms":[0-9]*/"took_ms":MS/')"
check 'and of which message it was' \
  's g me 1 s g me 1 s g me 2' "$("$weir" xrange runs | untyped | sed 's/.*"fields".*"stream":"\([^"]*\)","group":"\([^"]*\)","consumer":"\([^"]*\)","delivery":\([0-9]*\).*/\1 \2 \3 \4/' | paste -sd' ')"
fresh
add s n=1
work s --group g --until-empty --max-deliveries 1 --log runs -- sh -c 'kill -9 $$'
check 'a signal is told too' '3 9' "$? $("$weir" xrange runs | untyped | sed 's/.*"signal":\([0-9]*\).*/\1/')"
seq 12 | sed 's/.*/{"n":"&"}/' | "$weir" xadd b --quiet
work b --group g --batch 12 --until-empty --log batches -- cat > /dev/null
check 'a batch is one run' '1 12' "$("$weir" xlen batches) $("$weir" xrange batches | untyped | sed 's/.*"messages":\([0-9]*\).*/\1/')"
seq 10300 | sed 's/.*/{"n":"&"}/' | "$weir" xadd b.runs --quiet
"$weir" keep b.runs --maxlen 20000
add b n=13
work b --group g --until-empty --log b.runs -- true
check 'a log keeps what its policy says' 10301 "$("$weir" xlen b.runs)"
"$weir" keep b.runs --off
add b n=14
work b --group g --until-empty --log b.runs -- true
check 'or else 10,000 runs' 0 "$("$weir" xlen b.runs | awk '{ print ($1 > 10200 ? $1 : 0) }')"
work s --group g --log s -- true
check 'a log cannot be a stream that is read' 2 "$?"

fresh
add s to='$(touch hacked)'
add s to=bob
work s --group g --until-empty --max-deliveries 1 --on-dead 'echo "$WEIR_ID $WEIR_REASON $WEIR_FIELD_to" >> dead.out; cat >> entries.out' -- false
check '--on-dead runs once for each dead letter' \
  "3 $("$weir" xrange s | sed -n '1s/.*"id":"\([^"]*\)".*/\1/p') exit 1 \$(touch hacked)" "$? $(head -n 1 dead.out)"
check 'of all' 2 "$(wc -l < dead.out | tr -d ' ')"
check 'and reads the entry' 2 "$(grep -c '"stream":"s"' entries.out)"
check 'nothing of a message runs' no "$([ -e hacked ] && echo yes || echo no)"
fresh
add s n=1
work s --group g --until-empty --max-deliveries 1 --on-dead 'exit 7' -- false
check 'one that fails is told, and changes nothing' '3 1' "$? $(grep -c -- '--on-dead: exit 7' log)"

fresh
add s n=1 t='two words'
add s n="it's" t="$(printf 'a\033[31m\nb')"
add s m=1
check '--dry-run prints the commands' 'echo 1 '"'two words'" "$(work s --group g --dry-run --max-messages 1 -- echo '{n}' '{t}')"
work s --group g --dry-run -- printf '<%s>' '{n}' '{t}' > dry.out
check 'and takes nothing' '0 0' "$? $("$weir" info groups s 2> /dev/null | wc -l | tr -d ' ')"
check 'a shell takes them as they were meant' "<it's><$(printf 'a\033[31m\nb')>" "$(bash -c "$(sed -n 2p dry.out)")"
check 'nothing in them is for the terminal' 0 "$(LC_ALL=C grep -c "$(printf '\033')" dry.out)"
check 'what does not fit is told' 1 "$(grep -c "no field 'n'" log)"
work s --group g --until-empty --missing dead -- true > /dev/null
work s --group g --dry-run -- true
check 'nothing to do is 1' 1 "$?"

### Terms for a whole group
script runs_alone <<'EOF2'
# Notes what runs at the same time: with the same value, and in all.
mkdir "running.$1" 2> /dev/null || echo "two at once for $1" >> wrong.out
echo "$2" >> "order.$1.out"
echo + >> all.out
sleep 0.01
echo - >> all.out
rmdir "running.$1"
exit "${3:-0}"
EOF2
most() { awk '/[+]/ { n++; if (n > most) most = n } /-/ { n-- } END { print most + 0 }' "$1"; }
four() { # ARGUMENTS: so many workers, until it is empty
  for _ in 1 2 3 4; do
    "$weir" work "$@" 2>> log &
    workers="$workers $!"
  done
  # shellcheck disable=SC2086 # numbers
  wait $workers
  workers=
}

fresh
for i in 1 2 3 4 5 6 7 8; do for to in ann bob 'c d'; do add s to="$to" n=$i; done; done
add s n=free
four s --group g --jobs 2 --serial to --missing empty --until-empty -- ./runs_alone '{to}' '{n}'
check 'of messages with one value no two run at once' '' "$(cat wrong.out 2> /dev/null)"
check 'they run in their order' '1 2 3 4 5 6 7 8' "$(paste -sd' ' order.ann.out)"
check 'whatever the value' '1 2 3 4 5 6 7 8' "$(paste -sd' ' 'order.c d.out')"
check 'one without the field waits for none' 'free' "$(cat order..out)"
check 'and values do not wait for each other' yes "$([ "$(most all.out)" -gt 1 ] && echo yes)"
check 'nothing is left' '0 0' "$(pending s g) $("$weir" xlen s.dead 2> /dev/null || echo 0)"

fresh
five() { for i in 1 2 3 4 5; do add s n=$i customer="$1"; done; }
five a
"$weir" work s --group g --serial custmer --until-empty -- true 2> typo.out
check 'a field that no message has is said, once' "weir: no message so far has the field 'custmer' of --serial, so that none waits for another; they have: n, customer" "$(cat typo.out)"
five a
"$weir" work s --group g --serial custmer --until-empty --quiet -- true 2> quiet.out
check 'but not with --quiet' '' "$(cat quiet.out)"
add s n=0 to=b
five a
"$weir" work s --group g --serial to --until-empty -- true 2> one.out
check 'nor where a message has it' '' "$(cat one.out)"

fresh
for i in 1 2; do add s to=ann n=$i; add s to=bob n=$i; done
work s --group g --serial to --max-messages 1 --backoff 1h -- false
check 'one that is to be retried holds up its own' 1 "$("$weir" pending s g - + 10 | grep -c '"due-in":[23][0-9]*,"deliveries":1')"
work s --group g --serial to --max-messages 2 -- ./runs_alone '{to}' '{n}'
check 'and no others' '1 2' "$(paste -sd' ' order.bob.out)"
check 'what waits for it says so' '"due-in":null' "$("$weir" pending s g - + 10 | sed -n 's/.*\("due-in":null\).*/\1/p')"
check 'in a table too' 1 "$("$weir" pending s g - + 10 -o table | grep -c 'in turn')"
first=$("$weir" pending s g - + 1 | sed 's/.*"id":"\([^"]*\)".*/\1/')
"$weir" ack s g "$first" > /dev/null
work s --group g --serial to --until-empty -- ./runs_alone '{to}' '{n}'
check 'acknowledged by hand, it lets the next one run' '2 0' "$(paste -sd' ' order.ann.out) $(pending s g)"

fresh
for i in 1 2 3; do add s to=ann n=$i; done
add s to=bob n=1
work s --group g --serial to --max-messages 1 --backoff 1s -- false
work s --group g --serial to --max-messages 1 -- true
check 'those that wait in turn' '"due-in":null' "$("$weir" pending s g - + 10 | sed -n 's/.*\("due-in":null\).*/\1/p' | sort -u)"
work s --group g --until-empty -- true
check 'are done, too, by a worker that knows nothing of it' '0 0' "$? $(pending s g)"

fresh
for i in 1 2 3; do add s to=ann n=$i; done
work s --group g --serial to --until-empty --max-deliveries 2 --backoff 1ms -- ./runs_alone '{to}' '{n}' 1
check 'a dead letter lets the next one run' '3 1 1 2 2 3 3' "$? $(paste -sd' ' order.ann.out)"

fresh
for i in 1 2 3; do add s to=ann n=$i; done
work s --group g --serial to --until-empty --max-deliveries 1 -- false
add s to=ann n=4
"$weir" dead requeue s --all > /dev/null
four s --group g --jobs 2 --serial to --until-empty -- ./runs_alone '{to}' '{n}'
check 'dead letters that are put back run one at a time, too, before what is new' '1 2 3 4' "$(paste -sd' ' order.ann.out)$(cat wrong.out 2> /dev/null)"

# The second message runs until there is a file; meanwhile the first, a dead letter, is put back.
fresh
for i in 1 2; do add s to=ann n=$i; done
work s --group g --serial to --max-messages 1 --max-deliveries 1 -- false
"$weir" work s --group g --serial to -j 2 --until-empty -- sh -c 'echo "$1" >> started.out; [ "$1" = 1 ] || until [ -e go.out ]; do sleep 0.02; done; echo "$1" >> ended.out' sh '{n}' 2>> log &
workers=$!
until_true test -s started.out
"$weir" dead requeue s --all > /dev/null
add s to=bob n=3
until_true grep -q 3 started.out
: > go.out
wait "$workers"
workers=
check 'a dead letter that is put back while a later one runs waits for that one' '2 3 1' "$(paste -sd' ' started.out)"
check 'and then runs' '2 1' "$(grep -v 3 ended.out | paste -sd' ')"

fresh
for i in 1 2 3; do add s to=ann n=$i; done
"$weir" work s --group g --serial to --min-idle 50ms -- sh -c 'echo run > started.out; sleep 1000' 2>> log &
workers=$!
until_true test -s started.out
add t to=x
kill -9 "$workers"
wait "$workers" 2> /dev/null
workers=
work s --group g --serial to --until-empty --min-idle 50ms -- ./runs_alone '{to}' '{n}'
check 'what a dead worker ran is run again, first' '1 2 3' "$(paste -sd' ' order.ann.out)"

fresh
seq 30 | sed 's/.*/{"n":"&"}/' | "$weir" xadd s --quiet
four s --group g --jobs 3 --group-jobs 2 --until-empty -- ./runs_alone '{n}' '{n}'
check '--group-jobs holds for all workers together' '2 60' "$(most all.out) $(wc -l < all.out | tr -d ' ')"
fresh
for i in 1 2 3; do add s n=$i; add t n=$i; done
four s t --group g --jobs 3 --group-jobs 1 --until-empty -- ./runs_alone '{n}' '{n}'
check 'and for all their streams' '1 12' "$(most all.out) $(wc -l < all.out | tr -d ' ')"

fresh
seq 60 | sed 's/.*/{"n":"&"}/' | "$weir" xadd s --quiet
begun=$(date +%s%3N)
four s --group g --rate 20/s --until-empty -- sh -c 'echo >> began.out'
# 60 of them, of which a tenth of a second may be made good: 2 and the first.
check '--rate is kept by all workers together' '60 yes' \
  "$(wc -l < began.out | tr -d ' ') $([ $(($(date +%s%3N) - begun)) -ge 2800 ] && echo yes)"
fresh
for i in 1 2 3; do add s n=$i; done
work s --group g --rate 1/h --max-messages 1 -- echo '{n}' > slow.out
check 'a pace that was slower is no hindrance' '1 2' "$(work s --group g --rate 10/s --max-messages 1 -- echo '{n}' > next.out; cat slow.out next.out | paste -sd' ')"
for i in 1 2 3; do add typo n=$i c=same; done
timeout 60 "$weir" work typo --group g --serial c -- echo '{nam}' 2>> log
check 'a typo stops a worker that takes one at a time, too' 2 "$?"
add s2 n=1
add s2 n=2
add s2 n=3
check '--until-empty waits for what may not run yet, and does not spin' yes "$(python3 - "$weir" <<'EOF2'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "work", "s2", "--group", "g", "--rate", "1/s", "--until-empty", "--", "true"], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("yes" if used.ru_utime + used.ru_stime < 1 else used)
EOF2
)"
fresh
add s n=1
add s n=2
work s --group g --rate 1/h --until-empty --max-time 3s -- echo '{n}' > once.out 2> once.err
check 'time that is over is no failure, whatever is left' 0 "$?"
check 'what may not run yet is not taken' '1 0 1' "$(cat once.out) $(pending s g) $("$weir" info groups s | sed 's/.*"lag":\([0-9]*\).*/\1/')"
work s --group g --rate often -- true
check 'a rate that is none is refused' 2 "$?"

[ "$failures" = 0 ]
