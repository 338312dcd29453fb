#!/bin/sh
# The database, or a file beside it, vanishes while processes use it. usage: file_gone_test.sh WEIR
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

lines() { wc -l < "$1" | tr -d ' '; }
has_lines() { [ -e "$1" ] && [ "$(lines "$1")" -ge "$2" ]; }

# Starts a producer that reads lines from descriptor 3, and has stored one message.
start_producer() { # COMMAND…
  rm -f feed ids.out # those of the one before
  mkfifo feed
  "$weir" --db q.db "$@" < feed > ids.out 2> err.out &
  producer=$!
  workers=$producer
  exec 3> feed
}

# What becomes of a producer when a file goes: NAME, the message that is expected, and how it goes. It has stored
# $stored messages; with more than one the folder has not changed for a while, so that it looks at that alone.
stored=1
folder_has_settled() { [ "$stored" -eq 1 ] || [ "$(($(date +%s) - $(stat -c %Z .)))" -ge 3 ]; }
producer_stops() { # NAME MESSAGE COMMAND…
  what=$1
  message=$2
  shift 2
  rm -f q.db*
  start_producer xadd s
  n=1
  while [ "$n" -le "$stored" ]; do
    echo "{\"n\":$n}" >&3
    until_true has_lines ids.out "$n"
    until_true folder_has_settled
    n=$((n + 1))
  done
  "$@"
  echo "{\"n\":$n}" >&3
  exec 3>&-
  wait "$producer"
  check "$what: the producer ends" 5 "$?"
  check "$what: it reports no ID that nobody can find" "$stored" "$(lines ids.out)"
  check "$what: it says what happened" "weir: $dir/$message" "$(head -n 1 err.out)"
  check "$what: and what to do" 2 "$(lines err.out)"
}
removed() { rm -f q.db q.db-*; }
log_removed() { rm q.db-wal; }
log_replaced() { cp q.db-wal w; mv w q.db-wal; }
index_removed() { rm q.db-shm; }
lock_removed() { rm q.db-lock; }
moved() { mv q.db moved.db; }
replaced() { in_db other.db xadd s n=other > /dev/null; mv other.db q.db; }

producer_stops 'removed' 'q.db: was removed or renamed while it was in use' removed
producer_stops 'moved away' 'q.db: was removed or renamed while it was in use' moved
check 'moved away: what was reported is where it went' 1 "$(in_db moved.db xrange s | grep -c '"n":1')"
producer_stops 'replaced' 'q.db: was replaced by another file while it was in use' replaced
producer_stops 'log removed' 'q.db-wal: was removed or renamed while it was in use' log_removed
check 'log removed: what was reported is saved' 1 "$(in_db q.db xrange s | grep -c '"n":1')"
producer_stops 'log replaced' 'q.db-wal: was replaced by another file while it was in use' log_replaced
producer_stops 'index of the log removed' 'q.db-shm: was removed or renamed while it was in use' index_removed
producer_stops 'lock file removed' 'q.db-lock: was removed or renamed while it was in use' lock_removed

stored=4
producer_stops 'removed later' 'q.db: was removed or renamed while it was in use' removed
producer_stops 'log replaced later' 'q.db-wal: was replaced by another file while it was in use' log_replaced
producer_stops 'lock file removed later' 'q.db-lock: was removed or renamed while it was in use' lock_removed

### Two names at a time
# What others would store by the new name, the one who has it open by the old name would overwrite when it ends.
rm -f q.db* moved.db*
start_producer batch
echo 'XADD s 1-1 a b' >&3
until_true has_lines ids.out 1
mv q.db moved.db
"$weir" --db moved.db --lock-timeout 100ms xadd t n=1 > new.out 2> new.err
check 'renamed while it is open: the new name is refused' 5 "$?"
check 'and why is said' "weir: $dir/moved.db: is open, and the log that it is used with is not $dir/moved.db-wal" "$(head -n 1 new.err)"
"$weir" --db moved.db --lock-timeout 100ms xlen s > new.out 2> new.err
check 'to those who look, too' 5 "$?"
exec 3>&-
wait "$producer"
check 'when it has ended, all is there' '{"id":"1-1","stream":"s","fields":{"a":"b"}}' "$(in_db moved.db xrange s)"
check 'and the new name is as good as any' 0 "$(in_db moved.db xadd t n=1 > /dev/null; echo $?)"
# Another program does not ask, and has it open when the one by the old name ends.
rm -f q.db* moved.db*
start_producer batch
echo 'XADD s 1-1 a b' >&3
until_true has_lines ids.out 1
mv q.db moved.db
mkfifo statements
sqlite3 moved.db < statements 3>&- &  # or the producer's input would not end
workers="$producer $!"
exec 4> statements
echo 'CREATE TABLE mine(x); INSERT INTO mine VALUES (1);' >&4
is_stored() { [ "$(sqlite3 moved.db 'SELECT count(*) FROM mine' 2> none)" = 1 ]; }
until_true is_stored
exec 3>&-
wait "$producer"
exec 4>&-
wait
check 'nothing of another program is overwritten' 1 "$(sqlite3 moved.db 'SELECT count(*) FROM mine')"

### Those who wait
# Who waits holds byte 1 of the lock file.
waits() { grep -qs "^lock:.*:$2 1 1\$" "/proc/$1/fdinfo/"*; } # PROCESS INODE
# Starts a command that waits for messages, and removes the database when it does.
waiter_stops() { # NAME COMMAND…
  what=$1
  shift
  rm -f q.db*
  in_db q.db group create s g '$' --mkstream
  "$weir" --db q.db "$@" > wait.out 2> err.out &
  waiter=$!
  workers=$waiter
  lock_file=$(stat -c %i q.db-lock)
  until_true waits "$waiter" "$lock_file"
  rm -f q.db*
  wait "$waiter"
  check "$what: it ends" 5 "$?"
  check "$what: it says what happened" "weir: $dir/q.db: was removed or renamed while it was in use" "$(head -n 1 err.out)"
}
if [ -e /proc/self/fdinfo ]; then
  waiter_stops 'a follower' xread s --follow
  waiter_stops 'a blocked reader' xread s --after '$' --block 1h
  waiter_stops 'a blocked reader of a group' xreadgroup s --group g --consumer c --block 1h
  waiter_stops 'a follower of a group' xreadgroup s --group g --consumer c --follow
  waiter_stops 'a worker' work s --group g -- true
fi

### Commands one after the other
rm -f q.db*
start_producer batch
echo 'XADD s 1-1 a b' >&3
until_true has_lines ids.out 1
rm -f q.db*
echo 'XADD s 2-1 a b' >&3
exec 3>&-
wait "$producer"
check 'batch ends with it' 5 "$?"
check 'and answers with no ID, and says why' '0 1' "$(grep -c '2-1' ids.out) $(grep -c 'was removed' err.out)"

### A target of copy
rm -f q.db*
seq 200000 | sed 's/.*/{"n":&}/' | in_db from.db xadd s --quiet
in_db q.db xadd first n=1 > /dev/null
in_db from.db xadd t n=1 > /dev/null
"$weir" copy from.db q.db > copy.out 2> err.out &
copier=$!
workers=$copier
grown() { [ "$(stat -c %s q.db-wal 2> /dev/null || echo 0)" -gt 200000 ]; }
until_true grown
rm -f q.db*
wait "$copier"
check 'copy does not say that it copied' 5 "$?"
[ "$failures" = 0 ]
