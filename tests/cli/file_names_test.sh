#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# A database has one name: links, mounts, and names that SQLite would not take for a path. usage: file_names_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

in_db q.db xadd s n=1 > /dev/null

### A second name
ln q.db other.db
in_db other.db xadd s n=2 > hard.out 2> hard.err
check 'a hard link is refused' "5 0 weir: other.db: has a second name (a hard link)" "$? $(wc -c < hard.out | tr -d ' ') $(head -n 1 hard.err)"
in_db q.db xadd s n=2 > /dev/null 2>&1
check 'and so is the first name' 5 "$?"
in_db q.db xlen s > /dev/null 2>&1
check 'also to look at it' 5 "$?"
rm other.db
check 'without the link it goes on' 1 "$(in_db q.db xlen s)"
check 'and no second log was made' 0 "$(find . -name 'other*' | wc -l | tr -d ' ')"

mkdir folder
touch folder/q.db
cat > mounted.sh <<'END'
mount --bind q.db folder/q.db || exit 77
"$1" --db folder/q.db xadd s n=2
END
unshare -m sh mounted.sh "$weir" > mount.out 2> mount.err
case $? in
  5) check 'a file that is mounted by itself is refused' 1 "$(grep -c 'is mounted here as a single file' mount.err)" ;;
  0) check 'a file that is mounted by itself is refused' 5 0 ;;
  *) echo 'skipped: this system does not let us mount a file' ;;
esac

### Symbolic links lead to one file
ln -s q.db link.db
ln -s "$dir" folder/here
for name in link.db ./link.db folder/../q.db folder/here/q.db; do
  in_db "$name" xadd s n=2 > /dev/null
done
check 'all of them are the same database' 5 "$(in_db q.db xlen s)"
check 'with one lock file' 1 "$(find . -name '*-lock' | wc -l | tr -d ' ')"

mode_of() { find "$1" -printf '%M'; }
umask 022
mkdir away
ln -s away/new.db dangling.db
in_db dangling.db xadd s n=1 > /dev/null
check 'what a link leads to is made for its owner only' '0 -rw-------' "$? $(mode_of away/new.db)"
check 'and its lock file too' '-rw------- 1' "$(mode_of away/new.db-lock) $(find . -name '*new.db-lock' | wc -l | tr -d ' ')"
ln -s loop.db loop.db
in_db loop.db xadd s n=1 > /dev/null 2> loop.err
check 'a link to itself is refused' '5 1' "$? $(grep -c 'loop.db' loop.err)"

### Names that are no paths
mkdir names
cd names || exit 1
for name in :memory: file:q.db 'file:q.db?mode=memory' file:///q.db; do
  in_db "$name" xadd s n=1 > /dev/null 2> name.err
  check "$name is refused" '2 1' "$? $(grep -c '^weir: ' name.err)"
done
check 'and nothing is made' name.err "$(ls)"
for name in ./:memory: ./file:q.db; do
  in_db "$name" xadd s n=1 > /dev/null
  check "$name is a file" '0 1' "$? $(in_db "$name" xlen s)"
  check "$name is there" yes "$(test -s "$name" && echo yes)"
done

### Names that were meant for a shell
mkdir ../literal
cd ../literal || exit 1
# shellcheck disable=SC2088,SC2016 # they are not to be expanded
for name in '~/q.db' '~ann/q.db' '$HOME/q.db' 'queues/$USER.db' '/nowhere/$HOME/q.db'; do
  in_db "$name" xadd s n=1 > /dev/null 2> ../name.err
  check "--db $name is refused" '2 1' "$? $(grep -c "^weir: '$name' .*which weir does not replace" ../name.err)"
  WEIR_DB=$name "$weir" xadd s n=1 > /dev/null 2>&1
  check "and so is WEIR_DB=$name" 2 "$?"
  "$weir" copy ../q.db "$name" > /dev/null 2>&1
  check "and a copy to it" 2 "$?"
  "$weir" copy "$name" ../q.db > /dev/null 2>&1
  check "and a copy from it" 2 "$?"
done
for name in '"redis://:hunter2@queue.example.org"' ' redis://:hunter2@queue.example.org' 'redis//:hunter2@queue.example.org' \
  'redis//:hunter2$x@queue.example.org' 'WEIR_DB=redis://:hunter2@queue.example.org'; do
  WEIR_DB=$name "$weir" xadd s n=1 > ../name.err 2>&1
  check "WEIR_DB=$name is not a file" '2 1 0' "$? $(grep -c '^weir: .*URL' ../name.err) $(grep -c hunter ../name.err)"
  "$weir" copy ../q.db "$name" > ../name.err 2>&1
  check "nor for a copy" '2 0' "$? $(grep -c hunter ../name.err)"
  "$weir" copy "$name" ../q.db > ../name.err 2>&1
  check "nor from it" '2 0' "$? $(grep -c hunter ../name.err)"
  "$weir" --db ../q.db backup "$name" > ../name.err 2>&1
  check "nor for a backup" '2 0' "$? $(grep -c hunter ../name.err)"
done
check 'nothing is made of them' '' "$(ls -A)"
# shellcheck disable=SC2016
for name in './~q.db' './$q.db' "$dir/literal/./\$r.db"; do
  in_db "$name" xadd s n=1 > /dev/null
  check "$name is meant" '0 yes' "$? $(test -s "$name" && echo yes)"
done

### Where the database is if nothing says so
unset WEIR_DB
XDG_STATE_HOME=here HOME=$dir/literal "$weir" xadd s n=1 > /dev/null
check 'an XDG_STATE_HOME that is not absolute is ignored' '0 no yes' \
  "$? $(test -e here && echo yes || echo no) $(test -s .local/state/weir/weir.db && echo yes)"
cd "$dir" || exit 1
mkdir -m 555 locked
chmod 755 .
if [ "$(id -u)" -ne 0 ]; then
  as_user() { "$@"; }
else # whom no mode keeps out
  as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
fi
if as_user true; then
  as_user env XDG_STATE_HOME="$dir/locked" "$weir" xadd s n=1 2> err
  check 'what a folder was to be made for is said' \
    "5 it is for the database $dir/locked/weir/weir.db; name another with --db or WEIR_DB" "$? $(tail -n 1 err)"
fi
[ "$failures" = 0 ]
