#!/bin/sh
# A pause on a server, which knows no pauses: messages that came in spite of it go back and are not lost, a waiting
# reader notices that its group is gone, and a user with fewer rights is refused no more than before.
# usage: pause_server_test.sh WEIR
# shellcheck disable=SC2016,SC2317 # commands for other shells; functions for until_true
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine server

redis() { redis-cli -s "$dir/redis.sock" "$@"; }
status_of() { "$@" > out 2> err; echo $?; }
not_blocked() { ! blocked "$1" 1; }
group_says() { redis --json xinfo groups jobs | jq -r --arg field "$1" '.[0][$field]'; }
new_group() {
  "$weir" del jobs > /dev/null
  rm -f got? err?
  "$weir" group create jobs g 0 --mkstream > /dev/null
}
blocked() { [ "$(redis client list | grep -c "flags=b.* cmd=$1 ")" -ge "$2" ]; } # COMMAND COUNT
all_given_back() { [ "$(group_says last-delivered-id) $(group_says pending)" = '0-0 0' ]; }
# COUNT readers [OPTION…] that wait when the group is paused, and then each get a message in the pause.
readers_in_a_pause() {
  count=$1
  shift
  readers=
  for n in $(seq "$count"); do
    "$weir" xreadgroup jobs --group g --consumer "c$n" --count 1 --block 60s "$@" > "got$n" 2> "err$n" &
    readers="$readers $!"
  done
  workers=$readers
  until_true blocked xreadgroup "$count"
  # Without its bell, so that nobody learns of it before the messages come.
  redis hset 'weir:pause:{jobs}jobs' g 0 > /dev/null
  seq "$count" | jq -c '{n: .}' | "$weir" xadd jobs > /dev/null
}
got_by_all() { cat got? | jq -r .fields.n | sort | paste -sd ' '; }

for option in '' --noack; do
  new_group
  # shellcheck disable=SC2086 # nothing, or an option
  readers_in_a_pause 6 $option
  until_true all_given_back
  check "what came in a pause is new again $option" '0-0 0 0 6' \
    "$(group_says last-delivered-id) $(group_says pending) $(group_says entries-read) $(group_says lag)"
  check "and nobody got it $option" '' "$(got_by_all)"
  "$weir" resume jobs g
  # shellcheck disable=SC2086 # a list of numbers
  wait $readers
  workers=
  check "then each is given one, once $option" '1 2 3 4 5 6' "$(got_by_all)"
done
check 'without a complaint' '' "$(cat err?)"

# Who waits when the pause begins stands aside for it, and is given nothing in between.
new_group
"$weir" xreadgroup jobs --group g --consumer c1 --block 60s > got1 2> err1 &
reader=$!
until_true blocked xreadgroup 1
until_true blocked xread 1 # its ear for bells
"$weir" pause jobs g
until_true not_blocked xreadgroup
"$weir" xadd jobs n=1 > /dev/null
check 'who waited when the pause began got nothing' '0-0 null ' "$(group_says last-delivered-id) $(group_says entries-read) $(cat got1)"
"$weir" resume jobs g
wait $reader
check 'until its end' 1 "$(jq -r .fields.n got1)"

# Another client, which knows of no pause, was given the second one.
new_group
readers_in_a_pause 1
until_true all_given_back
redis xreadgroup group g other count 1 streams jobs '>' > /dev/null
"$weir" xadd jobs n=2 > /dev/null
redis xreadgroup group g other count 1 streams jobs '>' > /dev/null
"$weir" resume jobs g
"$weir" xadd jobs n=3 > /dev/null
# shellcheck disable=SC2086
wait $readers
check 'what another client was given stays with it' '2 3' "$(redis --json xpending jobs g - + 10 other | jq length) $(got_by_all)"

# Whoever waits for the end of a pause notices what happens to the group meanwhile.
new_group
"$weir" pause jobs g
"$weir" xreadgroup jobs --group g --consumer c1 --block 60s > got1 2> err1 &
reader=$!
until_true blocked xread 1
redis xgroup destroy jobs g > /dev/null
wait $reader
check 'a reader in a pause whose group is gone' 3 $?
check 'says so' 'weir: NOGROUP' "$(cut -c 1-13 err1 | head -n 1)"
# Made anew by another client, with the pause of the former gone.
new_group
"$weir" pause jobs g
"$weir" xreadgroup jobs --group g --consumer c1 --block 60s > got1 2> err1 &
reader=$!
until_true blocked xread 1
redis del jobs "$(redis keys '*pause*')" > /dev/null
redis xgroup create jobs g 0 mkstream > /dev/null
redis xadd jobs '*' n 7 > /dev/null
wait $reader
check 'a reader in a pause whose group was made anew' '0 7' "$? $(jq -r .fields.n got1)"

# A claim of more IDs than a script takes.
new_group
seq 10000 | jq -c '{n: .}' | "$weir" xadd jobs > ids
"$weir" xreadgroup jobs --group g --consumer ann --count 10000 > /dev/null
"$weir" pause jobs g
check 'a claim of very many, in a pause' '1 ' "$(status_of xargs -n 10000 -a ids "$weir" claim jobs g bob 0 --justid | sed 's/123/1/') $(head -n 1 out)"
check 'takes none of them' 0 "$(redis --json xpending jobs g - + 1 bob | jq length)"

# Nor, without a pause, what waits for its next delivery.
"$weir" resume jobs g
first=$(head -n 1 ids)
"$weir" nack jobs g "$first" --in 1h > /dev/null
xargs -n 10000 -a ids "$weir" claim jobs g bob 0 --justid > claimed
check 'a claim of very many leaves what waits for its next delivery' '9999 0' \
  "$(wc -l < claimed) $(grep -c "$first" claimed)"
"$weir" pause jobs g

# A group that could not be destroyed is still paused.
redis acl setuser keeper on nopass '~*' '&*' +@all -xgroup > /dev/null
as() { user=$1; shift; REDISCLI_AUTH=any "$weir" --db "unix://$user@$dir/redis.sock" "$@"; }
check 'a group that may not be destroyed' 5 "$(status_of as keeper group destroy jobs g)"
check 'is still paused' true "$("$weir" info groups jobs | jq .paused)"

# Who may not look at what is pending is told nothing of it.
redis acl setuser reader on nopass '~*' '&*' +@all -xpending > /dev/null
"$weir" xadd jobs n=1 > /dev/null
check 'a reader who may not see what is pending' '1 ' "$(status_of as reader xreadgroup jobs --group g --consumer c) $(cat err)"

# A time that is over leaves nothing behind.
"$weir" pause jobs g --for 50ms
until_true sh -c '[ "$(redis-cli -s "$0/redis.sock" hvals "$(redis-cli -s "$0/redis.sock" keys "*pause*")")" != 0 ]' "$dir"
"$weir" xreadgroup jobs --group g --consumer c --block 60s > /dev/null
check 'a pause that is over leaves nothing behind' '' "$(redis keys '*pause*')"

# A server without scripts.
kill_server
start_server --appendonly no --rename-command EVAL '' --rename-command EVALSHA ''
redis xgroup create jobs g 0 mkstream > /dev/null
redis xadd jobs 1-1 n 1 > /dev/null
redis xadd jobs 1-2 n 2 > /dev/null
check 'a server without scripts gives' 1 "$("$weir" xreadgroup jobs --group g --consumer c --count 1 | jq -r .fields.n)"
check 'also who waits' 2 "$("$weir" xreadgroup jobs --group g --consumer c --count 1 --block 60s | jq -r .fields.n)"
check 'and lets who works claim' 1-1 "$("$weir" claim jobs g d 0 1-1 | jq -r .id)"

exit "$((failures > 0))"
