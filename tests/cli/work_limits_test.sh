#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# `weir work` with very many messages at once, and while other processes end or stop.
# usage: work_limits_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

work() { "$weir" work "$@" 2>> log; }
pending() { "$weir" pending "$1" "$2" | sed 's/.*"pending":\([0-9]*\).*/\1/'; }
wide() { # FIELDS: a line of so many
  seq "$1" | sed 's/.*/"f&":"&"/' | paste -sd, - | sed 's/.*/{&}/'
}

### Very much at once
wide 4500 | "$weir" xadd wide --quiet
work wide --group g --until-empty --max-deliveries 1 -- false
check 'a message of thousands of fields becomes a dead letter' '3 0 1' "$? $(pending wide g) $("$weir" xlen wide.dead)"
"$weir" xtrim wide --maxlen 0 > /dev/null
"$weir" dead requeue wide --all > /dev/null 2>&1
check 'and is put back as it was' "$(wide 4500 | md5sum)" \
  "$("$weir" xrange wide | tail -n 1 | sed 's/.*"fields":\(.*\),"weir.requeued.*/\1}/' | md5sum)"
printf '%s\n' '{"weir.fields":"{\"a\":1}"}' | "$weir" xadd own --quiet
work own --group g --until-empty --max-deliveries 1 -- false
"$weir" xtrim own --maxlen 0 > /dev/null
"$weir" dead requeue own --all > /dev/null 2>&1
check 'a field of the name that such a letter uses stays one' 1 "$("$weir" xrange own | tail -n 1 | grep -cF '"weir.fields":"{\"a\":1}"')"

seq 8000 | sed 's/.*/{"n":"&"}/' | "$weir" xadd batch --quiet
work batch --group g --batch 8000 --delete --until-empty -- sh -c 'cat > all.out'
check 'a batch of thousands is acknowledged and deleted' '0 8000 0' "$? $(wc -l < all.out | tr -d ' ') $("$weir" xlen batch)"

"$weir" xadd much n=1 > /dev/null
work much --group g --until-empty --max-deliveries 2 --backoff 1ms..1ms --into t -- seq -f '{{"n":"%.0f"}}' 400000
status=$?
stored=$("$weir" xlen t)
if [ "${2:-file}" = server ]; then
  check 'what is too much for a transaction fails the message, not the worker' '3 0 1' "$status $stored $("$weir" xlen much.dead)"
  check 'and its letter says so' 1 "$("$weir" dead ls much | grep -c 'too much for one transaction')"
else
  check 'a file takes it' '0 400000' "$status $stored"
fi

### Several streams
for stream in x y z; do "$weir" xadd "$stream" n=1 > /dev/null; done
work x y z --group g --max-messages 1 -- sh -c 'echo run >> runs.out'
check 'no more than --max-messages are run' run "$(cat runs.out)"
work x y z --group g --until-empty -- sh -c 'echo run >> runs.out'
check 'and the others are there for the next' 3 "$(wc -l < runs.out | tr -d ' ')"

### Consumers
check 'a worker that is done leaves no consumer' 0 "$("$weir" info consumers x g | grep -vc 'weir.retry')"
"$weir" xadd x n=2 > /dev/null
work x --group g --consumer named --until-empty -- true
check 'but for one that was named' 1 "$("$weir" info consumers x g | grep -c '"name":"named"')"

### Standing still
"$weir" xadd still n=1 > /dev/null
mkfifo gate
"$weir" work still --group g --min-idle 300ms --until-empty -- sh -c 'echo run >> still.out; read -r go < gate' 2>> log &
worker=$!
workers=$worker
until_true test -s still.out
kill -STOP "$worker"
echo go > gate
idle_enough() { "$weir" pending still g --idle 400ms | grep -q '"id"'; }
until_true idle_enough
kill -CONT "$worker"
wait "$worker"
check 'what was done while the worker stood still is not done again' '0 run 0' "$? $(cat still.out) $(pending still g)"

"$weir" xadd pipe n=1 > /dev/null
work pipe --group g --until-empty --kill-after 100ms -- yes | head -n 1 > first.out
check 'a command ends with those who read it' 'y 1' "$(cat first.out) $(pending pipe g)"

"$weir" xadd open n=1 > /dev/null
work open --group g --until-empty -- ls -l /proc/self/fd > open.out
check 'a command gets no descriptor of the store' 0 "$(grep -c -e socket -e weir.db open.out)"

### No room for another command
# A limit that the worker has while it runs: its pipes are one too many.
open_files() { # PROCESS MOST
  python3 -c 'if True:
    import resource, sys
    process, most = map(int, sys.argv[1:])
    hard = resource.prlimit(process, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(process, resource.RLIMIT_NOFILE, (most, hard))' "$@"
}
pending_are() { [ "$(pending room g)" = "$1" ]; }
run_are() { [ "$(wc -l < room.out)" -eq "$1" ]; }
ran_first() { test -e room.out && run_are 1; }
"$weir" xadd room n=1 > /dev/null
"$weir" work room --group g -- sh -c 'echo "$WEIR_DELIVERIES" >> room.out' 2> room.log &
worker=$!
workers=$worker
until_true ran_first
for round in 1 2; do
  open_files "$worker" 3
  printf '{"n":"%s"}\n' 1 2 3 | "$weir" xadd room --quiet
  until_true pending_are 3 # so each was tried at least once, but for the last
  open_files "$worker" 256
  until_true run_are $((1 + round * 3))
done
kill -TERM "$worker"
wait "$worker"
check 'what could not be started runs as soon as it can, and was not delivered before' '0 1111111' "$? $(tr -d '\n' < room.out)"
check 'one line tells when it begins, and one when it is over' 'begins over begins over' \
  "$(sed -e 's/^weir: cannot start the command now: too many files are open in this process (ulimit -n); trying again$/begins/' \
    -e 's/^weir: commands are started again, after [0-9]* attempts that failed$/over/' room.log | paste -sd' ' -)"
check 'with the number of attempts' 2 "$(sed -n 's/.* after \([0-9]*\) attempts.*/\1/p' room.log | awk '$1 >= 2' | wc -l | tr -d ' ')"

said_so() { grep -q 'cannot start the command now' few.log; }
few_ran() { [ -e few.out ] && [ "$(wc -l < few.out)" -eq 1 ]; }
"$weir" xadd few n=1 > /dev/null
"$weir" work few --group g --max-messages 2 -- sh -c 'echo ran >> few.out' 2> few.log &
worker=$!
workers=$worker
until_true few_ran
open_files "$worker" 3
"$weir" xadd few n=2 > /dev/null
until_true said_so
open_files "$worker" 256
wait "$worker"
check 'what could not be started is none of --max-messages' '0 2' "$? $(wc -l < few.out | tr -d ' ')"

### No room to store anything, for good
if [ "${2:-file}" != server ]; then
  # Looking goes well all the while, and renews nothing: others may take the messages over.
  seq 9 | sed 's/.*/{"n":"&"}/' | in_db full.db xadd full --quiet
  # Another program reads, so the log cannot be begun anew.
  echo > reading
  for limit in $(seq 64 16 240); do # in blocks of 512 bytes: the log ends there, as on a full disk
    (
      cp full.db "full.$limit.db"
      sqlite3 "full.$limit.db" 'BEGIN' 'SELECT count(*) FROM sqlite_schema' \
        ".shell echo > full.$limit.read; while test -e reading; do sleep 0.1; done" > other 2>&1 &
      until_true test -e "full.$limit.read"
      (
        ulimit -f "$limit"
        exec timeout -s KILL 60 "$weir" --db "full.$limit.db" work full --group g --min-idle 500ms --backoff 1ms \
          --max-deliveries 0 -- false 2> "full.$limit.log"
      )
      echo "$?" > "full.$limit.status"
    ) &
    workers="$workers $!"
  done
  # shellcheck disable=SC2086 # numbers of processes
  wait $workers
  rm reading
  check 'a worker that can store nothing ends when its leases do' '12 5' "$(cat full.*.status | sort | uniq -c | xargs)"
  # Where the log has room for a smaller change after all, the worker gets on for a moment, and fails anew.
  check '... and does not say with each try that it tries again' yes \
    "$(grep -c 'trying again' full.*.log | sed 's/.*://' | sort -n | tail -n 1 | awk '{ print $1 >= 1 && $1 <= 3 ? "yes" : $1 }')"
  # Where nobody does, it is moved and begun anew, as often as it takes.
  cp full.db little.db
  (ulimit -f 240 && exec "$weir" --db little.db work full --group g --until-empty --max-deliveries 20 --backoff 1ms -- \
    sh -c '[ "$1" -gt 9 ]' sh '{deliveries}' 2> little.log)
  check 'a worker goes on where the log has room once it is moved' '0 0' "$? $(grep -c full little.log)"
fi

### The server goes
if [ "${2:-file}" = server ]; then
  "$weir" xadd s n=1 > /dev/null
  "$weir" --lock-timeout 1d work s --group g -- sh -c 'echo > ran.out' 2>> log &
  worker=$!
  workers=$worker
  until_true test -e ran.out
  waits() { redis-cli -s redis.sock info clients | grep -q '^blocked_clients:[1-9]'; }
  until_true waits
  kill_server
  kill -TERM "$worker"
  wait "$worker" # if it waited for the server, it would for a day
  check 'an idle worker ends when told, though the server is away' 0 "$?"
fi
[ "$failures" = 0 ]
