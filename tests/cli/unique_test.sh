#!/bin/sh
# With --unique KEY one message of a key waits at a time, whichever process adds it and whichever is killed. A message
# that runs or is done does not keep the next one out.
# usage: unique_test.sh WEIR file|server
# shellcheck disable=SC2317 # functions for until_true
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$2"

add() { stream=$1; key=$2; shift 2; "$weir" xadd "$stream" --unique "$key" "$@"; }
status_of() { "$@" > out 2> err; echo $?; }
same() { if [ "$1" = "$2" ]; then echo the same; else echo another; fi; }

# Without a group: while it is in the stream.
first=$(add s a n=1)
check 'the earlier one is answered' "$first" "$(add s a n=2)"
check 'with --new-only: status 1' 1 "$(status_of add s a --new-only n=2)"
check 'and nothing is printed' '' "$(cat out err)"
check 'another key is another message' another "$(same "$first" "$(add s b n=1)")"
check 'Redis grammar has it too' "$first" "$("$weir" xadd s --unique a '*' n 2)"
check 'and JSON lines' "$first" "$(echo '{"n":2}' | add s a)"
check 'two are in the stream' 2 "$("$weir" xlen s)"
"$weir" xdel s "$first" > /dev/null
second=$(add s a n=3)
check 'one that was deleted does not wait' another "$(same "$first" "$second")"
"$weir" xtrim s --maxlen 0 > /dev/null
third=$(add s a n=4)
check 'nor one that was trimmed' another "$(same "$second" "$third")"
check 'it is trimmed by the next, too' another "$(same "$third" "$(add s c --maxlen 1 n=1; add s a n=5)")"
"$weir" del s > /dev/null
add s a --id 1-1 n=1 > /dev/null
"$weir" del s > /dev/null
check 'a stream made again knows no keys' 2-1 "$(add s a --id 2-1 n=1)"
check 'one of an ID of its own counts' 2-1 "$(add s a n=2)"
check 'a refused one leaves nothing behind' 3 "$(status_of add s z --id 1-1 n=1)"
check 'and its key is free' 3-1 "$(add s z --id 3-1 n=1)"
# An ID far in the future is an ID like others.
check 'a message from the future waits' 99999999999999-1 "$(add s f --id 99999999999999-1 --quiet n=1; add s f n=2)"
check 'until it goes' 99999999999999-2 "$("$weir" xdel s 99999999999999-1 > /dev/null; add s f n=2)"

# One that becomes due while another is appended comes behind it: as if the clock had just then come so far.
if [ "$2" = file ]; then
  "$weir" xadd due --in 1h n=1 > /dev/null
  sqlite3 "$WEIR_DB" "CREATE TRIGGER comes_due AFTER INSERT ON weir_entries WHEN NEW.fields GLOB '*meanwhile*' BEGIN
    UPDATE weir_delayed SET due_ms = 1; UPDATE weir_streams SET due_ms = 1 WHERE name = 'due'; END"
  first=$(add due a meanwhile=1)
  check 'what became due was appended' 2 "$("$weir" xlen due)"
  check 'and the earlier one is answered all the same' "$first" "$(add due a n=2)"
  sqlite3 "$WEIR_DB" 'DROP TRIGGER comes_due'
fi

# With groups: until one of them is given it.
first=$(add jobs a n=1)
"$weir" group create jobs g 0
"$weir" group create jobs h 0
check 'while no group has been given it' "$first" "$(add jobs a n=2)"
"$weir" xreadgroup jobs --group g --consumer c > /dev/null
second=$(add jobs a n=2)
check 'one that runs does not stand in the way' another "$(same "$first" "$second")"
check 'but the next one does' "$second" "$(add jobs a n=3)"
"$weir" ack jobs g "$first" > /dev/null
check 'nor does one that is done' "$second" "$(add jobs a n=3)"
"$weir" xreadgroup jobs --group g --consumer c | "$weir" ack jobs g > /dev/null
third=$(add jobs a n=3)
check 'the next, when it is done' another "$(same "$second" "$third")"
# A group that is set back.
"$weir" xreadgroup jobs --group g --consumer c > /dev/null
"$weir" group setid jobs g 0
check 'one that is still held runs, wherever its group is set' another "$(same "$third" "$(add jobs a n=4)")"
"$weir" group destroy jobs g > /dev/null
"$weir" group destroy jobs h > /dev/null
fourth=$("$weir" xrevrange jobs --count 1 | jq -r .id)
check 'without groups it waits in the stream' "$fourth" "$(add jobs a n=5)"
"$weir" group create jobs late '$'
check 'a group that begins after it has passed it' another "$(same "$fourth" "$(add jobs a n=5)")"

# Delayed.
handle=$(add later a --in 1h n=1)
check 'a delayed one waits' "$handle" "$(add later a n=2)"
check 'for a delayed one, too' "$handle" "$(add later a --in 2h n=2)"
check 'JSON lines, too' "$handle" "$(echo '{"n":2}' | add later a --at 2100-01-01)"
check 'with --new-only: status 1' 1 "$(status_of add later a --in 1h --new-only n=2)"
"$weir" delayed cancel later "$handle" > /dev/null
second=$(add later a --in 1h n=2)
check 'one that was taken back does not' another "$(same "$handle" "$second")"
"$weir" delayed now later "$second" > /dev/null
id=$("$weir" xrange later | jq -r .id)
check 'when it is appended it waits as before' "$id" "$(add later a n=3)"
add later b --at @1 n=1 > /dev/null
check 'also when its time has come' "$(add later b n=2)" "$("$weir" xrevrange later --count 1 | jq -r .id)"
add later c --in 1h n=1 > /dev/null
"$weir" rename later renamed > /dev/null
check 'in a stream of another name' @ "$(add renamed c n=2 | cut -c 1)"

# A copy knows which wait; from a server, which delayed ones do.
"$weir" copy "$WEIR_DB" copy.db renamed > /dev/null
if [ "$2" = file ]; then
  check 'a copy knows what waits' "$id" "$(in_db copy.db xadd renamed --unique a n=9)"
fi
check 'a copy knows what is delayed' "$(add renamed c n=2)" "$(in_db copy.db xadd renamed --unique c n=9)"
"$weir" del renamed > /dev/null
"$weir" copy copy.db "$WEIR_DB" renamed > /dev/null
check 'and its copy does' "$(in_db copy.db xadd renamed --unique c n=9)" "$(add renamed c n=2)"
check 'ls shows the key' c "$("$weir" delayed ls renamed | jq -r .key)"

# Hostile keys, and what is wrong.
check 'a key is any bytes' "$(add odd "$(printf 'a\377\n"')" n=1)" "$(add odd "$(printf 'a\377\n"')" n=2)"
if [ "$2" = file ]; then # few servers have --once
  check 'also of a producer' another "$(same "$("$weir" xadd odd --once k n=1)" "$(add odd k n=1)")"
fi
check 'no key is none' 2 "$(status_of add odd '' n=1)"
check '--new-only alone' 2 "$(status_of "$weir" xadd odd --new-only n=1)"
check '--once beside it' 2 "$(status_of add odd k --once k n=1)"
said() { "$@" 2>&1 < /dev/null; }
check 'a key that was forgotten' 2 "$(echo '{"n":1}' | status_of "$weir" xadd lines --unique n=1)"
check 'is what the message has become' "weir: no message was given: --unique took 'n=1' as its KEY" \
  "$(said "$weir" xadd lines --unique n=1 | head -n 1)"
check 'no message' 2 "$(status_of add lines k < /dev/null)"
check 'is said' 'weir: no message was given: --unique KEY is for one, and standard input has none' \
  "$(said add lines k | head -n 1)"
check 'more than one line' 4 "$(printf '{"n":1}\n{"n":2}\n' | status_of add lines k)"
check 'stores none' 1 "$(status_of "$weir" exists lines)"
check 'a line that is wrong' 4 "$(echo '{"n":' | status_of add lines k)"
check 'no stream, and none to be made' 1 "$(status_of add lines k --nomkstream n=1)"

# Keys do not pile up.
if [ "$2" = file ]; then
  keys() { sqlite3 "$WEIR_DB" "SELECT count(*) FROM weir_keys JOIN weir_streams USING (stream) WHERE name = '$1'"; }
  i=0
  while [ $((i += 1)) -le 20 ]; do add many "$i" n=1 > /dev/null; done
  check 'one for each' 20 "$(keys many)"
  "$weir" xtrim many --maxlen 5 > /dev/null
  check 'what is trimmed takes its key along' 5 "$(keys many)"
  "$weir" xrange many | "$weir" xdel many > /dev/null
  for key in x y z; do add many $key n=1 | "$weir" xdel many > /dev/null; done
  check 'what is deleted does, when others come' 2 "$(keys many)"
  sqlite3 "$WEIR_DB" "UPDATE weir_keys SET turn = 5, ms = 7 WHERE key = 'z'"
  check 'a row that is wrong is in nobody'\''s way' 0 "$(status_of add many z --new-only n=1)"
fi

if [ "$2" = server ]; then
  asked() { redis-cli -s redis.sock "$@"; }
  i=0
  while [ $((i += 1)) -le 40 ]; do add many "$i" --maxlen 1 n=1 > /dev/null; done
  check 'keys of what is gone go' yes "$(if [ "$(asked hlen 'weir:unique:{many}many')" -le 20 ]; then echo yes; else echo no; fi)"
  asked set 'weir:unique:{odd}odd' x > /dev/null
  check 'what somebody else has put there' 3 "$(status_of add odd k n=1)"
  check 'is said' 1 "$(grep -c 'WRONGTYPE weir:unique:{odd}odd' err)"
  "$weir" rename many more > /dev/null
  check 'keys go along with their stream' "$(add more 40 n=2)" "$("$weir" xrange more | jq -r .id)"
fi

# Eight at once, killed at any moment, while a worker takes some away: of each key one message waits.
"$weir" group create busy g 0 --mkstream > /dev/null
round=0
while [ $((round += 1)) -le 40 ]; do
  workers=
  for n in 1 2 3 4 5 6 7 8; do
    # Some are due at once.
    if [ $n -gt 5 ]; then set -- --in 1ms; else set --; fi
    "$weir" xadd busy --unique "$((n % 3))" --quiet "$@" "key=$((n % 3))" 2> /dev/null &
    workers="$workers $!"
  done
  "$weir" xreadgroup busy --group g --consumer c --count 1 --noack > /dev/null
  sleep "0.00$((round % 10))" # any moment will do
  # shellcheck disable=SC2086 # a list of numbers
  kill -9 $workers 2> /dev/null
  # shellcheck disable=SC2086
  wait $workers 2> /dev/null
done
workers=
last=$("$weir" info groups busy | jq -r '."last-delivered-id"')
check 'of each key one waits' '' "$("$weir" xrange busy "($last" + | jq -r .fields.key | sort | uniq -d)"
check 'and every key can wait' 3 "$(for key in 0 1 2; do add busy $key n=1; done | sort -u | wc -l)"

exit "$((failures > 0))"
