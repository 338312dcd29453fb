#!/bin/sh
# While no process is connected, the database file alone is complete. usage: file_rest_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

# The number of messages, in a copy of the database file alone.
alone() { rm -f alone.db*; cp q.db alone.db; in_db alone.db xlen s; }
add() { in_db q.db xadd s n="$1" > /dev/null; }

for durability in full normal off; do
  WEIR_DURABILITY=$durability
  rm -f q.db*
  for i in 1 2 3 4 5; do add "$i"; done
  check "$durability: one by one" 5 "$(alone)"
  seq 300 | sed 's/.*/{"n":&}/' | in_db q.db xadd s --quiet
  check "$durability: from a pipe" 305 "$(alone)"
  in_db q.db xreadgroup s --group g --consumer c --create --count 2 > /dev/null
  cp q.db alone.db
  check "$durability: what a group has taken" 2 "$(in_db alone.db pending s g | sed 's/.*"pending":\([0-9]*\).*/\1/')"
done
WEIR_DURABILITY=normal

rm -f q.db*
add 1
mv q.db moved.db
check 'a file that was moved' 1 "$(in_db moved.db xlen s)"

### Others come and go
rm -f q.db* moved.db*
add 1
mkfifo feed
in_db q.db batch < feed > batch.out &
reader=$!
workers=$reader
exec 3> feed
echo 'XLEN s' >&3
until_true test -s batch.out
add 2
exec 3>&-
wait "$reader"
check 'who only looked, and leaves last' 2 "$(alone)"

rm -f q.db*
add 0
cat > others.py << 'END'
import os, sqlite3, sys, time
added = 0
while not os.path.exists("stop") or added == 0:
    db = sqlite3.connect("q.db", timeout=30)
    with db:
        db.execute("INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"n\":1}')")
    db.close()
    added += 1
print(added)
END
python3 others.py > others.out 2> others.err &
other=$!
workers="$workers $other"
writers=
for i in $(seq 24); do
  (for n in 1 2 3; do add "$i.$n" && in_db q.db xlen s > /dev/null || exit 1; done) &
  writers="$writers $!"
done
for writer in $writers; do
  wait "$writer" || check "a process that comes and goes" 0 $?
done
touch stop
wait "$other" || check 'another program that comes and goes' '' "$(cat others.err)"
in_db q.db xlen s > /dev/null
check 'many who come and go at once' "$((73 + $(cat others.out)))" "$(alone)"

rm -f q.db*
add_and_be_killed
touch q.db # as if it was killed while it wrote there
in_db q.db xlen s > /dev/null
check 'after a kill the next one completes it, if it only looks' 1 "$(alone)"
touched=$(stat -c %Y.%z q.db)
in_db q.db xlen s > /dev/null
check 'who looks at a complete file leaves it alone' "$touched" "$(stat -c %Y.%z q.db)"
[ "$failures" = 0 ]
