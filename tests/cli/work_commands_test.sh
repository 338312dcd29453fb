#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# Commands of `weir work`: what they inherit, and what they leave behind. usage: work_commands_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

add() { "$weir" xadd "$@" > /dev/null; }
work() { "$weir" work "$@" 2>> log; }
settled() { "$weir" info groups "$1" 2> /dev/null | grep -q "\"pending\":0,.*\"entries-read\":$2"; }

### Signals that whoever started the worker has blocked or ignored
cat > blocked.py <<'END'
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
for ignored in (signal.SIGCHLD, signal.SIGQUIT, signal.SIGUSR1, signal.SIGHUP):
    signal.signal(ignored, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
END
cat > signals.py <<'END'
import signal
print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
      [s.name for s in signal.Signals if s not in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT)
       and signal.getsignal(s) not in (signal.SIG_DFL, None)])
END
add blocked n=1
python3 blocked.py "$weir" work blocked --group g -- sh -c 'exec < /dev/null > /dev/null 2>&1; exit 0' 2>> log &
worker=$!
workers=$worker
until_true settled blocked 1
check 'the end of a command is noticed, though signals are blocked' 0 "$?"
kill -TERM "$worker"
wait "$worker"
check '... and so is SIGTERM' 0 "$?"
add blocked n=2
check 'commands begin with no signal blocked or ignored' '0 []' \
  "$(python3 blocked.py "$weir" work blocked --group g --until-empty -- python3 signals.py 2>> log)"

### A daemon that a command leaves behind
add daemon n=1
# If it read on, the worker would meet the limit of memory before this machine's end. A sanitizer needs more by itself.
# shellcheck disable=SC3045 # a shell without it would do without
limit_memory() { ulimit -v 1000000; }
{ (limit_memory && "$weir" --version); } > /dev/null 2>&1 || limit_memory() { :; }
(limit_memory; work daemon --group g --until-empty -- sh -c 'setsid sh -c "echo \$\$ > daemon.pid; exec yes" & until [ -s daemon.pid ]; do sleep 0.01; done; echo printed >&2' > daemon.out)
status=$?
workers="$workers $(cat daemon.pid)"
check 'a daemon that goes on printing does not keep the worker' '0 0' "$status $("$weir" pending daemon g | sed 's/.*"pending":\([0-9]*\).*/\1/')"
check '... which has read what the command itself printed' 1 "$(grep -c '^printed' log)"
until_true gone "$(cat daemon.pid)"

### The worker's store
if [ -z "$server" ]; then
  told() { # [OPTION…]: what a worker's command finds
    add env n=1
    "$weir" "$@" work env --group g --until-empty -- sh -c 'cd /; echo "$WEIR_DB"' 2>> log
  }
  check 'a command finds the store of $WEIR_DB' "$dir/weir.db" "$(told)"
  check '... by a name that holds in any folder' "$dir/weir.db" "$(WEIR_DB=weir.db told)"
  check '... and that of --db' "$dir/weir.db" "$(
    add env n=1
    WEIR_DB=other.db told --db "$dir/weir.db")"
  add out n=1
  add out n=2
  check 'what it adds is added there' 3 "$(unset WEIR_DB; in_db weir.db work out --group g --max-messages 1 -- \
    sh -c 'mkdir -p f; cd f && exec "$0" xadd out n=3' "$weir" > /dev/null 2>> log; in_db weir.db xlen out)"
  check 'and that of the default' "$dir/state/weir/weir.db" \
    "$(unset WEIR_DB; XDG_STATE_HOME=$dir/state; export XDG_STATE_HOME; told)"
  mkdir 'a$b'
  cd 'a$b' || exit 1
  check 'a folder may have a $ in its name' 1 "$(in_db weir.db xadd s n=1 > /dev/null
    in_db weir.db work s --group g --until-empty -- sh -c 'cd / && exec "$0" xlen s' "$weir" 2>> ../log)"
  cd "$dir" || exit 1
  add dead n=1
  check 'so does a command for dead letters' "$dir/weir.db" "$(WEIR_DB=weir.db "$weir" work dead --group g \
    --max-deliveries 1 --on-dead 'echo "$WEIR_DB"' --until-empty -- false 2>> log)"
else
  add env n=1
  check 'a command finds the URL of the server' "$WEIR_DB" \
    "$("$weir" --db unix://redis.sock work env --group g --until-empty -- sh -c 'echo "$WEIR_DB"' 2>> log)"
  kill_server
  start_server --appendonly no --requirepass secret
  WEIR_DB=unix://:secret@$dir/redis.sock
  environment() { # [OPTION…]: what a command finds
    add env n=1
    WEIR_REDIS_PASSWORD=secret "$weir" work env --group g "$@" --until-empty \
      -- sh -c 'echo "${{WEIR_REDIS_PASSWORD-none}} $WEIR_DB"' 2>> log
  }
  check '... without its password' "none unix://$dir/redis.sock" "$(environment)"
  check '... unless it is to be passed' "secret $WEIR_DB" "$(environment --pass-password)"
  WEIR_DB="unix://$dir/redis.sock?password=secret&db=1"
  check '... wherever it stands' "none unix://$dir/redis.sock?db=1" "$(environment)"
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' > port
  kill_server
  start_server --appendonly no --requirepass secret --port "$(cat port)"
  WEIR_DB=redis://default:secret@127.0.0.1:$(cat port)/2
  check '... nor that of a user' "none redis://default@127.0.0.1:$(cat port)/2" "$(environment)"
fi

[ "$failures" = 0 ]
