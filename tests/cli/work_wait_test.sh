#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# `weir wait` and `weir xadd --wait` tell whether messages were done. usage: work_wait_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

# A worker whose commands wait until they may end: with the status that is in the file "go".
work() {
  "$weir" work mails --group g --max-messages "$1" --max-deliveries 1 -- \
    sh -c 'until [ -s go ]; do sleep 0.01; done; exit "$(cat go)"' 2>> log &
  workers=$!
}
# shellcheck disable=SC2317 # until_true calls it
held() { [ "$("$weir" pending mails g --idle 0 2> /dev/null | wc -l)" -eq "$1" ]; }
# shellcheck disable=SC2317 # likewise
is_there() { "$weir" xlen "$1" 2> /dev/null | grep -q '[1-9]'; }
status_of() { "$@" > out 2> err; echo $?; }

check 'who waits for a group that is not there yet gets the ID, and 1 at the time-out' 1 \
  "$(status_of "$weir" xadd mails --wait g --timeout 1 to=ann)"
first=$(cat out)
check '... and the message is there' "$first" "$("$weir" xrange mails | jq -r .id)"

check 'wait by the ID says the same, as nobody has refused it' 1 "$(status_of "$weir" wait mails --group g --timeout 1 "$first")"
check '... without a word, as before any time-out' '' "$(cat err)"
check '... and so it does of all that is there' 1 "$(status_of "$weir" wait mails --group g --timeout 1)"
check 'what never was in the stream is refused all the same' 3 "$(status_of "$weir" wait mails --group g --timeout 1 1-1)"
check '... and so is a stream that is not there' 3 "$(status_of "$weir" wait none --group g --timeout 1 "$first")"

work 1
until_true held 1
check 'what a worker holds is not done' 1 "$(status_of "$weir" wait mails --group g --timeout 1 "$first")"
"$weir" wait mails --group g "$first" 2> err &
waiter=$!
echo 0 > go
wait "$waiter"
check 'once it is done, who waits is told' 0 "$?"
wait "$workers"
check 'all that is there is done' '0' "$(status_of "$weir" wait mails --group g)"

rm go
work 1
"$weir" xadd mails --wait g to=bob > bob.out 2> bob.err &
waiter=$!
until_true held 1
check 'all that is there is not done' 1 "$(status_of "$weir" wait mails --group g --timeout 1)"
check '... and that is no answer with nothing in it' 1 "$(status_of "$weir" wait mails --group g --timeout 1 --empty-ok)"
check '... either way' 1 "$(status_of "$weir" xadd other --wait g --timeout 1 --empty-ok a=b)"
check 'but nothing added is' 0 "$(status_of "$weir" xadd none --nomkstream --wait g --empty-ok a=b)"
echo 65 > go
wait "$waiter"
check 'who asked for a message that cannot be done is told' 3 "$?"
second=$(cat bob.out)
check '... why' "weir: $second is a dead letter: exit 65" "$(sed 1q bob.err)"
wait "$workers"
check 'a dead letter is told later, too' 3 "$(status_of "$weir" wait mails --group g "$second")"
check '... and how to see it' "weir dead show mails $("$weir" dead ls mails | jq -r .id)" "$(sed 1d bob.err)"
check 'what came before it is done' 0 "$(status_of "$weir" wait mails --group g "$first")"
check 'an old dead letter is no concern of what is there now' 0 "$(status_of "$weir" wait mails --group g)"

# Who waits for all has to have begun before the letter is written. When that is cannot be seen: after longer and longer.
for begun in 0.1 0.3 1 3 10; do
  rm go
  "$weir" xadd mails to=bob > bob.out
  work 1
  until_true held 1
  "$weir" wait mails --group g > all.out 2> all.err &
  all=$!
  sleep "$begun"
  echo 65 > go
  wait "$all"
  status=$?
  wait "$workers"
  [ "$status" -eq 0 ] || break
done
check 'who waits for all is told of one that cannot be done' 3 "$status"
check '... and why' "weir: $(cat bob.out) is a dead letter: exit 65" "$(sed 1q all.err)"

check 'what is not there cannot be waited for' 3 "$(status_of "$weir" wait mails --group g 99999999999999-5)"
check '... which is said' 'weir: 99999999999999-5 is not in mails, and the group has not been given it' "$(cat err)"
check 'a stream is needed' 3 "$(status_of "$weir" wait none --group g)"
check 'nothing is added, nothing waited for' 1 "$(status_of "$weir" xadd none --nomkstream --wait g a=b)"
check 'an ID is needed' 2 "$(status_of "$weir" wait mails --group g x)"

# It is dropped when it would be delivered again, and would seem to be done.
rm go
"$weir" xadd mails to=zoe > zoe.out
work 1
until_true held 1
"$weir" wait mails --group g "$(cat zoe.out)" 2> err &
waiter=$!
"$weir" xdel mails "$(cat zoe.out)" > out
wait "$waiter"
check 'one that is deleted while it is pending is not done' 3 "$?"
check '... which is said' "weir: $(cat zoe.out) is not in mails any more, and the group has not acknowledged it" "$(sed 1q err)"
echo 0 > go
wait "$workers"

# The clock was set back: the letter has a lower ID than its message.
"$weir" xadd mails --id 9999999999999-1 to=future > out
printf 65 > go
work 1
wait "$workers"
check 'a dead letter is found, whatever its ID' 3 "$(status_of "$weir" wait mails --group g 9999999999999-1)"

"$weir" xadd none2 --wait g a=b > none2.out 2> none2.err &
waiter=$!
until_true test -s none2.err
"$weir" xdel none2 "$(cat none2.out)" > out
wait "$waiter"
check 'who waits for a group is told that the message is gone' 3 "$?"
check '... and was told at once, and once, that the group is not there' "weir: there is no group 'g' in 'none2' yet: it is waited for" \
  "$(grep 'no group' none2.err)"
"$weir" xadd none3 --wait g --quiet a=b 2> err &
waiter=$!
until_true is_there none3
"$weir" del none3 > out
wait "$waiter"
check 'but not who wants to be told little' '' "$(grep 'no group' err)"

"$weir" xadd mails to=eve > out
"$weir" wait mails --group g 2> err &
waiter=$!
workers=$waiter
kill -TERM "$waiter"
wait "$waiter"
check 'a signal ends it' 143 "$?"
for signal in TERM INT HUP; do
  rm -f blocked.err
  python3 -c 'import os, signal, sys
stops = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
for each in stops:
    signal.signal(each, signal.SIG_DFL)  # a background job ignores some
signal.pthread_sigmask(signal.SIG_BLOCK, stops)
os.execv(sys.argv[1], sys.argv[1:])' "$weir" -o json xadd "blocked$signal" --wait g a=b > blocked.out 2> blocked.err &
  waiter=$!
  workers=$waiter
  until_true test -s blocked.err
  kill -"$signal" "$waiter"
  until_true gone "$waiter"
  wait "$waiter"
  check "SIG$signal ends it though the parent has blocked it" "$signal" "$(kill -l "$?")"
  check '... and what is printed is whole' array "$(jq -r type blocked.out)"
done
exit "$((failures > 0))"
