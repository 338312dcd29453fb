#!/bin/sh
# A database was replaced, and the log of the previous one still lies beside it. usage: file_replaced_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

length_of() { in_db "$1" xlen s 2>&1; }
add() { in_db q.db xadd s n="$1" > /dev/null; }
sums() { cksum q.db q.db-wal; }
refuses() { # NAME
  before=$(sums)
  in_db q.db xlen s > out 2> err
  check "$1: status" 5 $?
  check "$1: what it says" "weir: $dir/q.db: another file was put in the place of the one that $dir/q.db-wal belongs to
to use this file, move $dir/q.db-wal and $dir/q.db-shm away; or put the one before back" "$(cat err)"
  in_db q.db xadd s n=x > out 2> err
  check "$1: adding" 5 $?
  check "$1: nothing is changed" "$before" "$(sums)"
}
# 3 messages in backup.db, 8 in q.db, 2 in other.db: each a file at rest.
start() {
  rm -rf q.db* other.db* backup.db kept.db away
  for i in 1 2 3; do add "$i"; done
  cp q.db backup.db
  for i in 4 5 6 7 8; do add "$i"; done
  cp q.db kept.db
  in_db other.db xadd s a=1 > /dev/null
  in_db other.db xadd s a=2 > /dev/null
  rm -f other.db-*
}
### Refused
start
cp backup.db q.db
refuses 'a backup copied over it'
mkdir away && mv q.db-wal q.db-shm away
check 'as told: the log moved away' 3 "$(length_of q.db)"
add 9
check 'and it goes on' 4 "$(length_of q.db)"

start
mv q.db old.db && mv other.db q.db
refuses 'another moved into its place'
mv q.db other.db && mv old.db q.db
check 'as told: the one before put back' 8 "$(length_of q.db)"

# Moved away without its log after a kill: SQLite would delete the log, which has what was added last.
start
add_and_be_killed
mv q.db moved.db
for command in 'xadd s n=10' 'work s --group g --until-empty -- true'; do
  # shellcheck disable=SC2086
  in_db q.db $command > out 2> err
  check "a new one beside the log of a killed one: $command" 5 $?
  check '... and why' "weir: q.db-wal is in the way: it has messages of a database that was moved away or removed" "$(sed 1q err)"
  check '... nothing is made' 'q.db-lock q.db-shm q.db-wal' "$(echo q.db*)"
done
: > q.db
in_db other.db xadd s a=3 > /dev/null
before=$(cksum q.db-wal)
for command in '--db q.db xlen s' '--db q.db doctor' '--db q.db verify' '--db other.db backup q.db'; do
  # shellcheck disable=SC2086
  "$weir" $command > out 2> err
  check "... nor is the log deleted where an empty file lies there: $command" "$before" "$(cksum q.db-wal)"
done
mv moved.db q.db
check 'put back: what the killed one added is there' 9 "$(length_of q.db)"
mv q.db moved.db
add 1
check 'at rest a database may be moved without its log' '1 9' "$(length_of q.db) $(length_of moved.db)"
rm q.db
add 1
check 'and removed' 1 "$(length_of q.db)"

start
touch -d '1 hour ago' backup.db
cp -p backup.db q.db
refuses 'an older file copied over it with its time'

if [ "$(stat -c %W .)" -gt 0 ] 2> /dev/null; then
  start
  add_and_be_killed
  mv q.db old.db && mv other.db q.db
  refuses 'another moved into its place after a kill'
  mv old.db q.db
  check 'and put back: what the killed one added is there' 9 "$(length_of q.db)"
else
  echo 'skipped: this file system does not tell when a file was made'
fi

### Let pass
start
add_and_be_killed
check 'after a kill' 9 "$(length_of q.db)"
start
cp kept.db q.db
check 'the same content copied over it' 8 "$(length_of q.db)"
start
mv kept.db q.db
check 'the same content moved over it' 8 "$(length_of q.db)"
add_and_be_killed
check 'and a kill after that' 9 "$(length_of q.db)"
start
touch q.db
check 'a new time' 8 "$(length_of q.db)"
start
rm q.db-wal q.db-shm
cp backup.db q.db
check 'no old log' 3 "$(length_of q.db)"
add_and_be_killed
check 'no old log, and a kill after that' 4 "$(length_of q.db)"
start
rm q.db
add 1
check 'the database removed, its log not' 1 "$(length_of q.db)"

start
add_and_be_killed
mkdir away && cp -a q.db q.db-wal q.db-shm q.db-lock away
check 'all files copied' 9 "$(length_of away/q.db)"
start
add_and_be_killed
mkdir away && mv q.db q.db-wal q.db-shm q.db-lock away
check 'all files moved' 9 "$(length_of away/q.db)"
for suffix in '' -wal -shm -lock; do mv "away/q.db$suffix" "r.db$suffix"; done
check 'all files renamed' 9 "$(length_of r.db)"
start
mkdir away && cp -a q.db q.db-wal q.db-shm q.db-lock away
add 9
cp -a away/. .
check 'a copy of all files put back over them' 8 "$(length_of q.db)"
add_and_be_killed
mv q.db moved.db
mv q.db-wal moved.db-wal
check 'database and log moved without the lock file' 9 "$(length_of moved.db)"

### Other programs
start
cat > other.py << 'END'
import os, signal, sqlite3
db = sqlite3.connect("q.db", isolation_level=None)
for mode in "PASSIVE", "FULL", "RESTART":
    db.execute("INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"n\":1}')")
    db.execute(f"PRAGMA wal_checkpoint({mode})")
os.kill(os.getpid(), signal.SIGKILL)
END
python3 other.py
check 'another program wrote, moved the log, and was killed' 11 "$(length_of q.db)"
add 12
cat > move.py << 'END'
import os, signal, sqlite3
db = sqlite3.connect("q.db", isolation_level=None)
db.execute("PRAGMA wal_checkpoint(PASSIVE)")
os.kill(os.getpid(), signal.SIGKILL)
END
python3 move.py
check 'another program moved the log, and was killed' 12 "$(length_of q.db)"
sqlite3 q.db "PRAGMA journal_mode = DELETE" > /dev/null
sqlite3 q.db "INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"n\":1}')"
check 'another program wrote without a log' 13 "$(length_of q.db)"
[ "$failures" = 0 ]
