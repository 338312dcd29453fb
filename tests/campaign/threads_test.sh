#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# If no thread can be made, waiting processes look more often instead: workers and readers go on, also the second in
# line.
# usage: threads_test.sh WEIR SHIM
shim=$(realpath "$2")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
WEIR_DB=$dir/weir.db
export WEIR_DB

# In a subshell of its own: what is started in the background is weir itself.
without_threads() { # NAME ARGUMENT…: NAME.refused is made when the first thread was refused
  refused=$dir/$1.refused
  shift
  LD_PRELOAD=$shim WEIR_FAULT=thread:1+:11 WEIR_FAULT_DONE=$refused exec "$weir" "$@"
}
consumers_are() { [ "$("$weir" info consumers "$1" g 2> /dev/null | grep -c '"name"')" = "$2" ]; }
all_acknowledged() { "$weir" info groups "$1" | grep -q "\"pending\":0,.*\"entries-read\":$2,"; }
ran() { [ -s first.out ] && [ -s second.out ]; }

### Two workers, of which one is behind the other in the line
for name in first second; do
  mkfifo $name.gate
  (without_threads $name work jobs --group g -- \
    sh -c 'echo "$WEIR_FIELD_n" >> "$0.out"; read -r go < "$0.gate"' $name 2> $name.err) &
  workers="$workers $!"
  until_true test -e $name.refused # it waits
done
"$weir" xadd jobs n=1 > /dev/null
until_true eval '[ -s first.out ] || [ -s second.out ]'
"$weir" xadd jobs n=2 > /dev/null # while one is busy with the first
until_true ran
check 'each of two idle workers gets a message' '1 2' "$(sort first.out second.out | paste -sd' ' -)"
echo go > first.gate
echo go > second.gate
until_true all_acknowledged jobs 2
# shellcheck disable=SC2086 # a list of numbers
kill -TERM $workers
for worker in $workers; do
  wait "$worker"
  check 'told to end, it does, and had nothing to say' '0 ' "$? $(cat first.err second.err)"
done
workers=

### Two readers
for name in one two; do
  (without_threads $name xreadgroup line --group g --consumer $name --create --count 1 --block 10m > $name.out) &
  workers="$workers $!"
done
until_true consumers_are line 2
printf '{"n":"%s"}\n' 1 2 | "$weir" xadd line --quiet
for reader in $workers; do
  wait "$reader"
  check 'each of two waiting readers gets a message' 0 "$?"
done
workers=
check 'its own' '"1" "2"' "$(cat one.out two.out | sed 's/.*"n":\("[0-9]"\).*/\1/' | sort | paste -sd' ' -)"
[ "$failures" = 0 ]
