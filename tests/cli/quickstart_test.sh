#!/bin/sh
# scripts/quickstart in a fresh clone: how it ends, and that it leaves nothing behind.
# usage: quickstart_test.sh WEIR SOURCE
source=$(realpath "$2")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
if ! command -v dpkg-query > /dev/null; then
  echo "skipped: quickstart shows the packages of a Debian"
  exit 77
fi

# What is in the repository, and nothing that was made in it.
mkdir clone temporary
in_source() { git -C "$source" -c safe.directory='*' "$@"; }
if in_source rev-parse --git-dir > /dev/null 2>&1; then
  in_source ls-files -z scripts | tar -c -C "$source" --null -T - | tar -x -C clone
else
  cp -R "$source/scripts" clone
fi
find clone -type f | sort > before

# In a session of its own, in which nothing may be left.
quickstart() { # WEIR
  TMPDIR=$dir/temporary setsid --fork --wait sh -c 'echo $$ > session; exec "$@"' sh clone/scripts/quickstart "$1" > out 2> err
}
nothing_left() { # WHAT
  check "$1 leaves no folder" '' "$(ls -A temporary)"
  check "$1 leaves no process" '' "$(pgrep -l -s "$(cat session)")"
  find clone -type f | sort > after
  check "$1 leaves the clone as it was" '' "$(diff before after)"
}

quickstart "$weir"
check 'quickstart succeeds' '0' "$?"
check 'and says so' 1 "$(grep -c 'Every message was done once, and none was lost' out)"
check 'without a complaint' '' "$(cat err)"
nothing_left 'success'

# A weir that fails near the end.
mkdir faulty
quickstart_without() { # COMMAND, which fails
  cat > faulty/weir << END
#!/bin/sh
[ "\$1" != $1 ] || exit 5
exec '$weir' "\$@"
END
  chmod +x faulty/weir
  quickstart faulty/weir
}
quickstart_without autoclaim
check 'where a command fails it fails' 5 "$?"
nothing_left 'failure'

# A worker that dies before it holds anything is not waited for.
quickstart_without xreadgroup
check 'a worker that ends early ends it' 1 "$?"
check 'with the reason' 'quickstart: worker-3 ended before it held anything' "$(tail -n 1 err)"
nothing_left 'that'
[ "$failures" = 0 ]
