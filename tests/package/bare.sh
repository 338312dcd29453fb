#!/bin/sh
# Installs and uses the archive unpacked in /opt/weir, on a system that has little else. scripts/archive runs this
# script.
set -eu
expect() { # WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || { printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"; exit 1; }
}
! command -v weir >/dev/null || { /opt/weir/install.sh --uninstall >/dev/null; }
/opt/weir/install.sh
cd "$(mktemp -d)"
WEIR_DB=$PWD/weir.db
export WEIR_DB

expect "the program" /usr/local/bin/weir "$(command -v weir)"
for library in sqlite3 hiredis simdjson stdc++ ncurses; do
  expect "what it is linked with has $library" '' "$(ldd /usr/local/bin/weir | grep "lib$library" || :)"
done
weir xadd numbers --id 1-1 n=1
expect "JSON, by the simdjson inside" 2-2 "$(printf '%s\n' '{"id":"2-2","fields":{"n":2.50,"text":"é"}}' | weir xadd numbers --keep-ids)"
expect "JSON that is none" 4 "$(echo '{"n":}' | weir xadd numbers 2>/dev/null || echo $?)"
expect "what was stored" '{"id":"1-1","stream":"numbers","fields":{"n":"1"}}
{"id":"2-2","stream":"numbers","fields":{"n":2.50,"text":"é"}}' "$(weir xrange numbers)"
expect "work" 'got 1
got 2.50' "$(weir work numbers --group g --until-empty -- echo 'got {n}')"
expect "a table" 'STREAM LENGTH' "$(weir -o table ls | head -n 1 | tr -s ' ' | cut -d ' ' -f 1-2)"
touch drawn
# shellcheck disable=SC2094  # the one waits for what the other writes
expect "top shows the stream, and q ends it" 0 "$({ until grep -q numbers drawn; do sleep 0.1; done; printf q; } |
  TERM=linux timeout 60 script -qefc 'weir top' /dev/null >drawn; echo $?)"
expect "a server that is not there" 5 "$(weir --db redis://127.0.0.1:1/ xlen s 2>/dev/null || echo $?)"
bash /opt/quickstart /usr/local/bin/weir
/opt/weir/install.sh --uninstall
expect "what is left" '' "$(find /usr/local -name '*weir*')"
