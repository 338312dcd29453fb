#!/bin/sh
# shellcheck disable=SC2016,SC2317 # commands for other shells; functions for until_true
# `weir work` while other processes change its stream, group and messages. usage: work_disturbed_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

add() { "$weir" xadd "$@" > /dev/null; }
settled() { "$weir" info groups "$1" 2> /dev/null | grep -q "\"pending\":0,.*\"entries-read\":$2"; }

### The group goes
add destroyed n=1
"$weir" work destroyed --group g -- sh -c 'echo run >> destroyed.out' 2> gone.log &
workers=$!
until_true settled destroyed 1
"$weir" group destroy destroyed g > /dev/null
add destroyed n=2
wait "$workers"
check 'a worker whose group is destroyed ends, and runs nothing again' '3 run' "$? $(cat destroyed.out)"
check '... and says so' 1 "$(grep -c "group 'g' of stream 'destroyed' is gone" gone.log)"
check '... and has not made the group anew' 0 "$("$weir" info groups destroyed | grep -c '"name":"g"')"

mkfifo gate
add busy n=1
"$weir" work busy --group g --into busy.out -- sh -c 'echo > busy.begun; read -r go < gate; echo "{{\"n\":1}}"' 2> gone.log &
workers=$!
until_true test -e busy.begun
"$weir" group destroy busy g > /dev/null
echo go > gate
wait "$workers"
check 'so does one whose command runs, once that is over' '3 1' "$? $(grep -c "is gone" gone.log)"

add again n=1
"$weir" work again --group g -- sh -c 'echo $WEIR_FIELD_n >> again.out' 2> /dev/null &
workers=$!
until_true settled again 1
"$weir" del again > /dev/null
# The worker makes the group anew as soon as it has seen that the stream is gone.
has_group() { "$weir" info groups "$1" 2> /dev/null | grep -q '"name":"g"'; }
until_true has_group again
add again n=2
until_true grep -q 2 again.out
kill -TERM "$workers"
wait "$workers"
check 'a stream that was deleted is worked on again when it is there again' '0 1 2' "$? $(tr '\n' ' ' < again.out | sed 's/ $//')"

### The store is away for a while
held_for() { [ "$("$weir" pending same g --idle "$1" 2> /dev/null | wc -l)" -gt 0 ]; }
once() { sort "$1" | uniq -c | awk '$1 != 1' | wc -l | tr -d ' '; }
if [ -z "$server" ]; then
  add held n=1
  add held n=2
  "$weir" --lock-timeout 100ms work held --group g --max-messages 2 -- sh -c 'echo $WEIR_ID >> held.out; read -r go < gate' 2> held.log &
  workers=$!
  until_true test -s held.out
  cat > hold.py <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("holding", "w").close()
sys.stdin.read()
END
  mkfifo release
  python3 hold.py "$WEIR_DB" < release &
  exec 3> release
  until_true test -e holding
  echo go > gate
  until_true grep -q 'trying again' held.log
  exec 3>&-
  two_begun() { [ "$(wc -l < held.out)" -eq 2 ]; }
  until_true two_begun
  echo go > gate
  wait "$workers"
  check 'who cannot write tries again, and its command ran once' '0 2 0' "$? $(wc -l < held.out | tr -d ' ') $(once held.out)"
  check '... and is told once' 1 "$(grep -c 'trying again' held.log)"

  rm holding
  "$weir" --lock-timeout 100ms work away --group g --max-time 5s -- true 2> away.log &
  workers=$!
  until_true has_group away
  kill -STOP "$workers"
  add away n=1
  python3 hold.py "$WEIR_DB" < release &
  exec 3> release
  until_true test -e holding
  kill -CONT "$workers"
  wait "$workers"
  check 'who cannot take what waits until its time is over says so' '5 2' "$? $(grep -c 'another program' away.log)"
  exec 3>&-

  # Two of one name, which weir-work(1) forbids.
  rm holding
  mkfifo gate_of_two
  add same n=1
  "$weir" work same --group g --consumer w --max-messages 1 -- sh -c 'read -r go < gate' &
  one=$!
  until_true held_for 200ms
  add same n=2
  "$weir" --lock-timeout 100ms work same --group g --consumer w --max-messages 2 -- \
    sh -c 'echo $WEIR_FIELD_n >> two.out; read -r go < gate_of_two' 2> two.log &
  two=$!
  workers="$one $two"
  until_true test -s two.out
  python3 hold.py "$WEIR_DB" < release &
  exec 3> release
  until_true test -e holding
  echo go > gate_of_two
  until_true grep -q 'trying again' two.log
  exec 3>&-
  add same n=3
  two_begun() { [ "$(wc -l < two.out)" -eq 2 ]; }
  until_true two_begun
  echo go > gate_of_two
  wait "$two"
  echo go > gate
  wait "$one"
  check 'who could not write takes nothing that another of its name holds' '2 3' "$(tr '\n' ' ' < two.out | sed 's/ $//')"
else
  # Between worker and server: it keeps an answer back, and hangs up.
  cat > between.py <<'END'
import select, socket, sys
path, server, what = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(16)
ways = {}
armed = True
while True:
    for end in select.select([listener, *ways], [], [])[0]:
        if end is listener:
            client, way = listener.accept()[0], socket.socket(socket.AF_UNIX)
            way.connect(server)
            ways[client], ways[way] = way, client
            continue
        if end not in ways:
            continue
        other = ways[end]
        data = end.recv(1 << 16)
        if armed and what.encode() in data:
            armed = False
            other.sendall(data)
            other.recv(1 << 16)
            data = b""
            open("kept-back", "a").write("x")
        if data:
            other.sendall(data)
        else:
            for one in (end, other):
                del ways[one]
                one.close()
END
  through() { # WHAT: a worker's requests go through; the answer to the first that has WHAT in it is lost
    rm -f between.sock kept-back
    python3 between.py between.sock redis.sock "$1" 2> between.log &
    between=$!
    workers="$workers $between"
    until_true test -S between.sock
  }
  stop_between() { kill "$between"; wait "$between" 2> /dev/null; }

  add lost n=1
  through weir.reason
  "$weir" --db "unix://$dir/between.sock" work lost --group g --until-empty -- sh -c 'echo run >> lost.out; exit 65' 2> lost.log
  check 'a dead letter whose answer is lost is written once' '3 x 1 run' "$? $(cat kept-back) $("$weir" xlen lost.dead) $(cat lost.out)"
  check '... and told' '1 0' "$(grep -c 'dead letter in' lost.log) $(grep -c 'not recorded' lost.log)"
  stop_between

  add plain n=1
  through acknowledge
  "$weir" --db "unix://$dir/between.sock" work plain --group g --until-empty -- sh -c 'echo run >> plain.out' 2> plain.log
  check 'nor is what is done run again when that answer is lost' '0 x run 0' "$? $(cat kept-back) $(cat plain.out) $(grep -c 'not acknowledged' plain.log)"
  stop_between

  add read n=1
  through XREADGROUP
  "$weir" --db "unix://$dir/between.sock" work read --group g --max-deliveries 1 --until-empty -- sh -c 'echo $WEIR_DELIVERIES >> read.out' 2> read.log
  check 'what was delivered and not received is delivered at once, for the first time' '0 x 1' "$? $(cat kept-back) $(cat read.out)"
  stop_between

  # Two of one name, which weir-work(1) forbids.
  add same n=1
  "$weir" work same --group g --consumer w --max-messages 1 -- sh -c 'read -r go < gate' &
  one=$!
  workers="$workers $one"
  until_true held_for 200ms
  add same n=2
  through XREADGROUP
  "$weir" --db "unix://$dir/between.sock" work same --group g --consumer w --max-messages 1 --until-empty -- \
    sh -c 'echo $WEIR_FIELD_n $WEIR_DELIVERIES >> two.out' 2> two.log
  check '... but not what another of its name was delivered before' 'x 2 1' "$(cat kept-back) $(cat two.out)"
  echo go > gate
  wait "$one"
  stop_between

  "$weir" --lock-timeout 100ms work away --group g --max-time 5s -- true 2> away.log &
  workers=$!
  until_true has_group away
  kill_server
  wait "$workers"
  check 'a worker whose server is away when its time is over says so' 5 "$?"
  start_server --appendonly yes --appendfsync always
  seq 300 | sed 's/.*/{"n":&}/' | "$weir" xadd restarted --quiet
  "$weir" work restarted --group g -j 4 -- sh -c 'echo $WEIR_FIELD_n >> restarted.out' 2> restarted.log &
  worker=$!
  workers="$workers $worker"
  for lines in 20 80 140; do
    enough() { [ -e restarted.out ] && [ "$(wc -l < restarted.out)" -ge "$lines" ]; }
    until_true enough
    kill_server
    start_server --appendonly yes --appendfsync always
  done
  until_true settled restarted 300
  kill -TERM "$worker"
  wait "$worker"
  check 'a worker outlives its server, and each command ran once' '0 300 0' "$? $(wc -l < restarted.out | tr -d ' ') $(once restarted.out)"
fi

### A server that does not let this user do what a worker does
if [ -n "$server" ]; then
  redis-cli -s "$dir/redis.sock" acl setuser poor on nopass '~*' '&*' +@all -eval > /dev/null
  add forbidden n=1
  REDISCLI_AUTH=any timeout 30 "$weir" --db "unix://poor@$dir/redis.sock" work forbidden --group g --rate 5/s -- true 2> forbidden.log
  check 'a worker that may not take messages ends' '5 1 0' "$? $(grep -c NOPERM forbidden.log) $(grep -c again forbidden.log)"
fi

### An idle worker that is stopped (Ctrl-Z) keeps no message from the others
if [ -z "$server" ]; then # a server hands messages to whoever waits, stopped or not
  readers() { "$weir" info consumers "$1" g 2> /dev/null | grep -c '"name"'; }
  both_idle() { [ "$(readers "one$idle")" = 1 ] && [ "$(readers "two$idle")" = 1 ]; }
  for idle in 60s 10ms; do
    "$weir" work "one$idle" "two$idle" --group g --min-idle "$idle" -- true 2>> log &
    stopped=$!
    workers="$workers $stopped"
    until_true both_idle
    kill -STOP "$stopped"
    for n in 1 2 3; do
      "$weir" xadd "one$idle" n="$n" > /dev/null
      "$weir" xadd "two$idle" n="$n" > /dev/null
      # Each time another worker comes: it must not pay anew for the one that is stopped.
      check "another worker gets what comes ($idle, $n)" 2 "$(timeout 20 "$weir" work "one$idle" "two$idle" --group g --max-messages 2 -- sh -c 'echo run' 2>> log | grep -c run)"
    done
    kill -CONT "$stopped"
    kill -TERM "$stopped"
    wait "$stopped"
    check "the one that goes on ends well ($idle)" 0 "$?"
  done
fi

[ "$failures" = 0 ]
