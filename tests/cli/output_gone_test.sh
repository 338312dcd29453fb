#!/bin/sh
# If nobody reads standard output any more, a read that waits ends, and takes nothing.
# usage: output_gone_test.sh WEIR file|server
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "$2"

weir() { "$weir" "$@"; }
pending() { weir pending s g --idle 0 -o tsv --no-header --fields consumer; }
fresh() {
  weir del s > /dev/null
  weir xadd s n=1 > /dev/null
}
# With its output in a pipe. A job of its own, so that its status is that of weir.
start() {
  rm -f pipe
  mkfifo pipe
  "$weir" "$@" > pipe 2> err &
  reader=$!
  workers="$workers $reader"
}
ends_quietly() { # NAME
  until_true gone "$reader"
  wait "$reader" 2> /dev/null
  check "$1: ended by SIGPIPE" 141 $?
  check "$1: without a word" '' "$(cat err)"
}

sleeps() { grep -q '^State:[[:space:]]*S' "/proc/$1/status"; }

# A signal that ends the wait leaves what was printed whole.
for command in 'xread s --follow' 'tail -f s'; do
  fresh
  # shellcheck disable=SC2086
  "$weir" -o json $command > array 2> err &
  reader=$!
  workers="$workers $reader"
  until_true test -s array
  until_true sleeps "$reader"
  kill -TERM "$reader"
  wait "$reader" 2> /dev/null
  check "$command: ended by the signal" 143 $?
  check "$command: its array has an end" array "$(jq -r type array)"
done

for command in 'xread s --follow' 'tail -f s' 'xreadgroup s --group g --create --consumer early --follow'; do
  fresh
  # shellcheck disable=SC2086
  start $command
  check "$command: the first message" 1 "$(head -n 1 < pipe | grep -c '"n":"1"')"
  ends_quietly "$command"
done


weir xadd s n=2 > /dev/null
check 'the next message is for who is there' 1 "$(weir xreadgroup s --group g --consumer late | grep -c '"n":"2"')"
check '... alone' 'early late ' "$(pending | sort | tr '\n' ' ')"

fresh
weir group create s g '$'
for command in 'xreadgroup s --group g --block 0' 'xread s --after $ --block 0'  \
  "xread s --after $(weir xrange s -o tsv --fields id --no-header) --block 0"; do
  # shellcheck disable=SC2086
  start $command
  : < pipe
  ends_quietly "$command"
done

# Several that stand in line for one group.
line=
for each in 1 2 3 4; do
  mkfifo "pipe$each"
  "$weir" xreadgroup s --group g --consumer "c$each" --block 0 > "pipe$each" 2> err &
  line="$line $!"
  workers="$workers $!"
done
exec 5< pipe1 6< pipe2 7< pipe3 8< pipe4
for each in $line; do
  until_true sleeps "$each"
done
exec 5<&- 6<&- 7<&- 8<&-
for each in $line; do
  until_true gone "$each"
  wait "$each" 2> /dev/null
  check 'in a line: ended by SIGPIPE' 141 $?
done
weir xadd s n=2 > /dev/null
check 'nobody of the line takes a message' 1 "$(weir xreadgroup s --group g --consumer late | grep -c '"n":"2"')"

# Gone before it begins. Descriptor 4 writes to a pipe without a reader.
fresh
weir group create s g 0
rm -f pipe
mkfifo pipe
exec 5<> pipe
exec 4> pipe
exec 5>&-
for command in 'xreadgroup s --group g' 'xreadgroup s --group g --block 0' 'xreadgroup s --group g --follow'; do
  # shellcheck disable=SC2086
  (exec "$weir" $command >&4) 2> err
  check "$command, nobody reads: status" 141 $?
  check "$command, nobody reads: nothing is taken" '' "$(cat err; pending)"
done
(trap '' PIPE; exec "$weir" xreadgroup s --group g >&4) 2> err
check 'where SIGPIPE is ignored: status' 5 $?
check 'where SIGPIPE is ignored: said, and nothing is taken' 'weir: cannot write to standard output: Broken pipe' \
  "$(cat err; pending)"
(exec "$weir" xread s --quiet --block 0 >&4)
check 'who only wants to know whether there is something is told' 0 $?
exec 4>&-

# A socket, whose other end may have something to say: that does not matter. Nor does it that this end is shut for
# reading, as systemd shuts that to its journal.
for socket in open shut; do
  weir xtrim s --maxlen 1 > /dev/null
  python3 - "$weir" "$WEIR_DB" "$socket" <<'END'
import socket, subprocess, sys
ours, theirs = socket.socketpair()
ours.sendall(b"nobody reads this")
if sys.argv[3] == "shut":
    theirs.shutdown(socket.SHUT_RD)
reader = subprocess.Popen([sys.argv[1], "--db", sys.argv[2], "xread", "s", "--follow"], stdout=theirs)
theirs.close()
first = ours.recv(1000)
subprocess.run([sys.argv[1], "--db", sys.argv[2], "xadd", "s", "n=2"], stdout=subprocess.DEVNULL, check=True)
second = ours.recv(1000)
ours.close()
sys.exit(0 if first.count(b"\n") == 1 and b'"2"' in second and reader.wait(60) == -13 else 1)
END
  check "a socket, $socket" 0 $?
done

[ "$failures" = 0 ]
