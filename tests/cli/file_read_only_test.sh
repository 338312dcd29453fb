#!/bin/sh
# Commands can read a backup in a folder where no file can be made. usage: file_read_only_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

in_db q.db xadd s n=1 > /dev/null
in_db q.db xadd s n=2 > /dev/null
in_db q.db backup b.db

cat > look.sh <<'END'
"$@" xlen s
"$@" verify
"$@" xrange s | wc -l | tr -d ' '
"$@" backup "$out" && "${1}" --db "$out" xlen s
"$@" xadd s n=3 2>&1
echo "$?"
END

### On a read-only medium
mkdir medium
cat > mounted.sh <<'END'
mount -t tmpfs none medium && cp b.db q.db q.db-wal medium/ && mount -o remount,ro medium || exit 77
out=saved.db . ./look.sh > medium.out
"$1" --db medium/q.db xlen s 2> log.err
true
END
unshare -m sh mounted.sh "$weir" --db medium/b.db > mount.out 2> mount.err
if [ "$?" = 77 ]; then
  echo 'skipped: no file system can be mounted here'
else
  check 'on a read-only medium a backup is looked at, and not written' \
    "2 {\"streams\":1,\"entries\":2,\"found\":0,\"left\":0} 2 2 weir: $dir/medium/b.db: what is needed beside it cannot be made: the file system is read-only copy it, and $dir/medium/b.db-wal if that is there, into a folder where you may make files 5" \
    "$(tr '\n' ' ' < medium.out | sed 's/ $//')"
  check 'one with a log is refused, with the reason' 1 "$(grep -c 'cannot be made: the file system is read-only' log.err)"
fi

### In the folder of another user
if [ "$(id -u)" != 0 ] || ! command -v setpriv > /dev/null; then
  echo 'skipped: the folder of another user (needs root and setpriv)'
else
  mkdir -m 755 theirs
  mkdir -m 777 mine
  chmod 755 "$dir"
  cp b.db look.sh theirs/
  cp "$weir" theirs/weir
  chmod 644 theirs/b.db
  chmod 755 theirs/weir
  out=$dir/mine/saved.db setpriv --reuid 65534 --regid 65534 --clear-groups sh theirs/look.sh theirs/weir --db theirs/b.db > theirs.out
  check "in another's folder a backup is looked at, and not written" \
    "2 {\"streams\":1,\"entries\":2,\"found\":0,\"left\":0} 2 2 weir: $dir/theirs/b.db: read-only: Permission denied look at the permissions of the file and of its folder 5" \
    "$(tr '\n' ' ' < theirs.out | sed 's/ $//')"
  check 'and nothing is made beside it' b.db "$(cd theirs && echo b.db*)"
fi

[ "$failures" -eq 0 ]
