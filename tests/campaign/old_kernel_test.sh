#!/bin/sh
# `weir work` on Linux older than 5.9, or in a container that forbids close_range: the worker ends, and so does its
# guardian.
# usage: old_kernel_test.sh WEIR SHIM
shim=$(realpath "$2")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
WEIR_DB=$dir/weir.db
export WEIR_DB

# In a subshell of its own: what is started in the background is weir itself.
old() { # ARGUMENT…: for every call of close_range there is "no such call"
  LD_PRELOAD=$shim WEIR_FAULT=close_range:1+:38 WEIR_FAULT_DONE=$dir/refused exec "$weir" "$@"
}
start_worker() { # STREAM, whose command runs on
  rm -f command
  "$weir" xadd "$1" n=1 > /dev/null
  # shellcheck disable=SC2016 # for the other shell
  (old work "$1" --group g -- sh -c 'echo $$ > command; exec sleep 1000') 2> log &
  worker=$!
  workers=$worker
  until_true test -s command
  guardian=$(ps -o pid= -o comm= --ppid "$worker" | awk '$2 == "weir" { print $1 }')
  workers="$worker $guardian"
}

"$weir" xadd s n=1 > /dev/null
(old work s --group g --until-empty -- true) 2> log &
workers=$!
until_true gone "$workers"
wait "$workers"
check 'a worker ends when nothing is left' '0 ' "$? $(cat log)"
check 'and was refused the call' 0 "$(test -e refused; echo $?)"

start_worker stopped
check 'its guardian has nothing open but the pipe' 'pipe' \
  "$(find "/proc/$guardian/fd" -type l -printf '%l\n' | sed 's/:.*//' | grep -vx /dev/null | paste -sd' ' -)"
kill -TERM "$worker"
kill -TERM "$(cat command)"
until_true gone "$worker"
until_true gone "$guardian"
wait "$worker"
check 'a worker that is told to end does, and its guardian' 0 $?

start_worker killed
kill -KILL "$worker"
wait "$worker" 2> /dev/null
until_true gone "$guardian"
check 'the guardian ends with a worker that is killed' 0 $?
until_true gone "$(cat command)"
check 'and the command' 0 $?
workers=
[ "$failures" = 0 ]
