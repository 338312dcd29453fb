#!/bin/sh
# A process that a signal ends while it waits leaves the database file complete. usage: file_stopped_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

add() { in_db q.db xadd s n="$1" > /dev/null; }
alone() { rm -f alone.db*; cp q.db alone.db; in_db alone.db xlen s; }
start() { rm -f q.db* feed out err; add 1; }
# Its input: file descriptor 3. A background job of a shell would ignore SIGINT.
run_in_background() {
  rm -f feed
  mkfifo feed
  env --default-signal=INT "$weir" --db q.db "$@" < feed > out 2> err &
  running=$!
  workers=$running
  exec 3> feed
  until_true has_begun
}
has_begun() { [ "$(cat "/proc/$running/comm")" = weir ]; }
lines_out() { [ -e out ] && [ "$(wc -l < out)" -ge "$1" ]; }
waits_for_messages() { grep -q 'OFDLCK.*READ' "/proc/$running/fdinfo/"* 2> /dev/null; }
# A signal that comes before it waits ends it at once.
sleeps() { grep -q '^State:[[:space:]]*S' "/proc/$running/status"; }
ends() { # NAME SIGNAL STATUS
  until_true sleeps
  kill -s "$2" "$running"
  wait "$running" 2> /dev/null
  check "$1, $2: status" "$3" $?
  check "$1, $2: what it says" '' "$(cat err)"
  exec 3>&-
  workers=
}

for ending in 'TERM 143' 'INT 130' 'HUP 129'; do
  signal=${ending% *}
  status=${ending#* }

  for command in 'xread s --follow' 'xreadgroup s --group g --create --follow'; do
    start
    # shellcheck disable=SC2086
    run_in_background $command
    until_true lines_out 1
    add 2
    add 3
    until_true lines_out 3
    until_true waits_for_messages
    ends "$command" "$signal" "$status"
    check "$command, $signal: the file alone" 3 "$(alone)"
  done

  start
  run_in_background xread s --after '$' --block 0
  until_true waits_for_messages
  in_db q.db xadd other n=1 > /dev/null
  ends 'a blocked read' "$signal" "$status"
  check "a blocked read, $signal: the file alone" 1 "$(cp q.db alone.db && in_db alone.db xlen other)"

  start
  run_in_background xadd s
  echo '{"n":2}' >&3
  until_true lines_out 1
  printf '{"n":3}\n{"n":' >&3
  until_true lines_out 2
  ends 'lines from a pipe' "$signal" "$status"
  check "lines from a pipe, $signal: the file alone" 3 "$(alone)"

  start
  run_in_background batch
  echo 'XADD s * n 2' >&3
  until_true lines_out 1
  ends 'batch' "$signal" "$status"
  check "batch, $signal: the file alone" 2 "$(alone)"

  start
  in_db q.db group create s g 0
  run_in_background ack s g
  ends 'IDs from a pipe' "$signal" "$status"

  start
  run_in_background xadd s --atomic
  echo '{"n":2}' >&3
  ends 'all or none' "$signal" "$status"
  check "all or none, $signal: none" 1 "$(in_db q.db xlen s)"
done
[ "$failures" = 0 ]
