#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# The owner of the file that `weir metrics --file` writes, and the links that it follows.
# usage: metrics_file_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

if [ "$(id -u)" -ne 0 ] || ! command -v setpriv > /dev/null; then
  echo 'skipped: only root can act for several users'
  exit 0
fi
umask 022
chmod 755 .
WEIR_DB=$dir/q.db
export WEIR_DB
"$weir" xadd s n=1 > /dev/null
chmod 644 q.db*
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
rights() { stat -c '%a %u:%g' "$1"; }

mkdir theirs
chown 65534:65534 theirs
as_other sh -c 'echo old > theirs/weir.prom; chmod 640 theirs/weir.prom'
"$weir" metrics --file theirs/weir.prom
check 'root leaves a file to its owner and group' '0 640 65534:65534 1' \
  "$? $(rights theirs/weir.prom) $(grep -c '^weir_stream_length' theirs/weir.prom)"

chown 0:12345 theirs/weir.prom
as_other "$weir" metrics --file theirs/weir.prom
check 'who may not give it to its group lets no other in' '0 600 65534:65534' "$? $(rights theirs/weir.prom)"
check 'and nothing is left' weir.prom "$(ls theirs)"

echo precious > precious
mkdir shared
chmod 1777 shared
as_other ln -s "$dir/precious" shared/weir.prom
"$weir" metrics --file shared/weir.prom 2> err
check 'a link of another user is not followed' '5 weir: cannot write shared/weir.prom: it is a symbolic link of another user' \
  "$? $(cat err)"
as_other ln -s "$dir/precious" theirs/link.prom
ln -s theirs/link.prom own.prom
"$weir" metrics --file own.prom 2> err
check 'nor where one of root leads to it' '5 1' "$? $(grep -c 'theirs/link.prom is a symbolic link of another user' err)"
check 'and the file is as it was' precious "$(cat precious)"

as_other sh -c 'ln -s weir.prom theirs/mine.prom; exec "$0" metrics --file theirs/mine.prom' "$weir"
check 'a link of its own is' '0 600 65534:65534' "$? $(rights theirs/weir.prom)"
ln -s theirs/weir.prom here.prom
chown -h 65534:65534 here.prom
"$weir" metrics --file here.prom
check "and any, where root's folder keeps others out" 0 "$?"

as_other sh -c 'umask 077; echo half > theirs/weir.prom.partial'
"$weir" metrics --file theirs/weir.prom
check 'what another user has left is replaced by root' '0 no' \
  "$? $(test -e theirs/weir.prom.partial && echo yes || echo no)"
[ "$failures" = 0 ]
