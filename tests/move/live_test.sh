#!/bin/sh
# Producers and workers run on a file and are stopped; the file is copied; they go on with a server.
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
start_server --appendonly no

produce() { # NAME: appends until there is a file "stop", and keeps what it was told is stored
  n=0
  while [ ! -e stop ]; do
    n=$((n + 1))
    "$weir" xadd orders producer="$1" n="$n" >> "stored.$1" || exit 1
  done
}
consume() { # NAME: reads, acknowledges two of three, keeps what it acknowledged
  while [ ! -e stop ]; do
    "$weir" xreadgroup orders --group bills --consumer "$1" --count 3 --block 100ms > "batch.$1"
    sed 's/.*"id":"\([^"]*\)".*/\1/' "batch.$1" | head -n 2 > "ids.$1"
    if [ -s "ids.$1" ] && "$weir" ack orders bills < "ids.$1" > /dev/null; then
      cat "ids.$1" >> acked
    fi
  done
}
run_until() { # LENGTH: two producers and two workers, until the stream has so many entries; then they are stopped
  rm -f stop
  produce a & one=$!
  produce b & two=$!
  consume x & three=$!
  consume y & four=$!
  until_true long_enough "$1"
  touch stop
  wait "$one" "$two" "$three" "$four"
}
# shellcheck disable=SC2317 # called by until_true
long_enough() { [ "$(length "$WEIR_DB" orders)" -ge "$1" ]; }
pending_ids() { in_db "$1" xpending orders bills - + 1000000 | sed 's/.*"id":"\([^"]*\)".*/\1/' | sort; }

WEIR_DB=$dir/orders.db
export WEIR_DB
: > acked
"$weir" group create orders bills 0 --mkstream
run_until 60
before=$(length "$WEIR_DB" orders)
pending=$(pending_ids "$WEIR_DB")
check 'some were pending when all was stopped' yes "$(if [ -n "$pending" ]; then echo yes; else echo no; fi)"
"$weir" copy "$WEIR_DB" "$url" > out
check 'copied' 0 $?
check 'nothing pending was forgotten' "$pending" "$(pending_ids "$url")"

WEIR_DB=$url
run_until $((before + 60))
check 'every ID that was printed is there, once' "$(sort stored.a stored.b)" \
  "$("$weir" xrange orders | sed 's/.*"id":"\([^"]*\)".*/\1/' | sort)"
# A worker that takes over all that is left.
"$weir" work orders --group bills --min-idle 10ms --until-empty -- printf '%s\n' '{id}' >> acked 2> err
check 'every message was done, once' "$(sort stored.a stored.b)" "$(sort acked)"
check 'nothing is left pending' '' "$(pending_ids "$url")"

exit "$((failures > 0))"
