#!/bin/sh
# Limits of the system, and unusable files: the command ends with one sentence that has the reason, and status 5, and
# each message that was reported as stored is stored.
# usage: file_limits_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

first_line() { head -n 1 "$1"; }

### The size of a file
seq 100 | sed 's/.*/{"n":"&"}/' | in_db q.db xadd s --quiet
# The signal is put back to what ends a program: some shells and tests run with it ignored.
limited() { # BLOCKS COMMAND…
  python3 -c 'if True:
    import os, resource, signal, sys
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]) * 512, resource.RLIM_INFINITY))
    os.execv(sys.argv[2], sys.argv[2:])' "$@"
}
seq 200000 | sed 's/.*/{"n":"&"}/' > lines
limited 2000 "$weir" --db q.db xadd s < lines > ids 2> err
check 'at the limit for the size of a file the reason is told' \
  "5 1 weir: $dir/q.db: the file size limit (ulimit -f) is reached" "$? $(grep -c '^weir:' err) $(first_line err)"
check 'something was stored before, and all that was reported is stored' '0 0' \
  "$(test -s ids; echo $?) $(in_db q.db xrange s | tail -n +101 | head -n "$(wc -l < ids)" | sed 's/{"id":"\([^"]*\).*/\1/' | cmp - ids > /dev/null; echo $?)"
limited 8 "$weir" --db new.db xadd s a=b > out 2> err
check 'also for a database that would be new' '5 0 1' "$? $(wc -c < out) $(grep -c 'the file size limit (ulimit -f) is reached' err)"
limited 200 "$weir" --db q.db xrange s > out 2> err
check 'also for what is printed' "5 weir: cannot write to standard output: the file size limit (ulimit -f) is reached" \
  "$? $(first_line err)"
in_db jobs.db xadd s a=b > /dev/null
limited 2000 "$weir" --db jobs.db work s --group g --max-deliveries 1 --until-empty \
  -- sh -c 'exec head -c 2000000 /dev/zero > big' 2> /dev/null
check 'a command of a worker gets the signal that it would have had' 'signal 25 (File size limit exceeded)' \
  "$(in_db jobs.db dead ls s -o jsonl | sed 's/.*"reason":"\([^"]*\)".*/\1/')"

### Open files
few() { # FILES ARGUMENT…
  python3 -c 'if True:
    import os, resource, sys
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]), int(sys.argv[2])))
    os.execv(sys.argv[1], [sys.argv[1]] + sys.argv[3:])' "$weir" "$@"
}
in_db files.db xadd s a=b > /dev/null
done_at=
for most in 3 4 5 6 7 8 9 10; do
  few "$most" --db files.db xadd s a=b > out 2> err && { done_at=$most; break; }
  status=$?
  [ "$status" = 127 ] && continue # there is none even for a library
  check "with $most open files the reason is told" '5 1 0' \
    "$status $(grep -c 'too many files are open\|Too many open files' err) $(grep -c 'permissions\|read-only' err)"
done
check 'with a few it works' yes "$([ -n "$done_at" ] && echo yes)"

### Paths
component=$(printf '%0200d' 0)
deep=$dir/$component/$component/$component/$component
mkdir -p "$deep"
"$weir" --db "$deep/q.db" xadd s a=b > out 2> err
check 'a path that is too long is told to be that' '5 1' "$? $(grep -c 'the path is too long' err)"
check 'and nothing is made' '' "$(ls "$deep")"
"$weir" --db "$dir/$component$component" xadd s a=b > out 2> err
check 'a name that is too long too' '5 1' "$? $(grep -c 'the name is too long' err)"

### Folders of others
# Root may look everywhere: then somebody else is asked.
mkdir open closed
chmod 755 .
chmod 777 open
cp "$weir" open/weir
in_db open/q.db xadd s a=b > /dev/null
cp open/q.db closed/q.db
chmod 644 open/q.db*
if [ "$(id -u)" = 0 ]; then
  chmod 700 closed
  somebody() {
    python3 -c 'if True:
      import os, sys
      os.setgid(54321)
      os.setuid(54321)
      os.execv(sys.argv[1], sys.argv[1:])' open/weir "$@"
  }
else
  chmod 000 closed
  somebody() { open/weir "$@"; }
fi
for dry in --dry-run ''; do
  for way in 'open/q.db closed/new.db' 'open/q.db closed/folder/new.db' 'open/q.db closed/q.db' 'closed/q.db open/new.db'; do
    # shellcheck disable=SC2086 # two paths, and perhaps no option
    somebody copy $way s $dry > out 2> err
    check "copy $way $dry says that it may not look" "5 0 weir: closed/: Permission denied" \
      "$? $(wc -c < out) $(sed 's/closed.*db/closed\//' err)"
  done
done
chmod 700 closed
check 'and nothing is made' 'q.db no' "$(ls closed) $([ -e open/new.db ] && echo yes || echo no)"

### Damage
seq 20000 | sed 's/.*/{"n":"&"}/' | in_db whole.db xadd s --quiet
cp whole.db damaged.db
python3 -c 'if True:
  import os
  file = open("damaged.db", "r+b")
  file.seek(os.path.getsize("damaged.db") // 8192 * 4096)
  file.write(b"\377" * 4096)'
in_db damaged.db xrange s > out 2> err
check 'a damaged database is told to be that' 5 "$?"
command=$(sed -n "s/.*: \(sqlite3 FILE '.clone NEW'\)$/\1/p" err)
check 'with a command that saves what can be read' "sqlite3 FILE '.clone NEW'" "$command"
sqlite3 damaged.db '.clone saved.db' > /dev/null 2>&1
saved=$(in_db saved.db xrange s | wc -l)
check 'which does so' yes "$([ "$saved" -gt 15000 ] && echo yes)"
in_db saved.db xadd s new=one > /dev/null
check 'into a database that can be used' 0 "$?"
in_db saved.db verify --repair > /dev/null
check 'and put in order' 0 "$?"
in_db whole.db backup cut.db
truncate -s $(($(stat -c %s cut.db) / 2 / 4096 * 4096)) cut.db
in_db cut.db xlen s > out 2> err
check 'a file that was cut off is told to be damaged, and a backup is better' '5 1' "$? $(grep -c '^use the last backup' err)"
sqlite3 cut.db '.clone kept.db' > /dev/null 2>&1
in_db kept.db verify --repair > /dev/null
check 'of it, too, what can be read is saved' '0 yes' "$? $([ "$(in_db kept.db xrange s | wc -l)" -gt 8000 ] && echo yes)"
[ "$failures" = 0 ]
