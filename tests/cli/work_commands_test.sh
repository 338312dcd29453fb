#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# What commands of `weir work` inherit, and what they leave behind. usage: work_commands_test.sh WEIR [ENGINE]
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

### The password of the server
if [ -z "$server" ]; then
  # It is there whichever store this worker uses.
  environment() { # DATABASE [OPTION…]: what a command finds
    named=$1
    shift
    add env n=1
    WEIR_REDIS_PASSWORD=secret WEIR_DB=$named "$weir" --db weir.db work env --group g "$@" --until-empty \
      -- sh -c 'echo "${{WEIR_REDIS_PASSWORD-none}} $WEIR_DB"' 2>> log
  }
  check 'a command does not get the password of a server' 'none redis://ann@host:1/2' "$(environment redis://ann:secret@host:1/2)"
  check '... nor one without a user' 'none redis://host:1/2' "$(environment redis://:s%40cret@host:1/2)"
  check '... nor one of a socket' 'none unix:///tmp/s?db=1' "$(environment 'unix:///tmp/s?password=secret&db=1')"
  check '... unless it is to be passed' 'secret redis://ann:secret@host' "$(environment redis://ann:secret@host --pass-password)"
  check 'a file stays as it is' 'none a:b@c.db' "$(environment a:b@c.db)"
fi

[ "$failures" = 0 ]
