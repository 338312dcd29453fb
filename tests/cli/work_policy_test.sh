#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# What `weir work` takes, and when, and what it makes of a message that is not for now. usage: work_policy_test.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine "${2:-file}"

fresh() { "$weir" flushall --force > log 2>&1; rm -f -- *.out; }
add() { "$weir" xadd "$@" > /dev/null; }
work() { "$weir" work "$@" 2>> log; }
pending() { "$weir" pending "$1" "$2" | sed 's/.*"pending":\([0-9]*\).*/\1/'; }
script() { printf '#!/bin/sh\n' > "$1"; cat >> "$1"; chmod +x "$1"; }

### A field that is not there
fresh
for i in 1 2 3 4 5; do add s name=$i to=x; done
work s --group g --until-empty -- echo '{nam}' > echo.out
check 'a field that no message has stops the worker' 2 "$?"
check 'it says which field, and which there are' 1 "$(grep -c "no message has had the field '{nam}', which the command names; they have: name, to" log)"
check 'after three messages' 3 "$(pending s g)"
check 'which are given back uncounted' '0 0 0' "$("$weir" pending s g - + 10 | sed 's/.*"deliveries":\([0-9]*\).*/\1/' | paste -sd' ')"
check 'and nothing became a dead letter' '0' "$("$weir" exists s.dead)"
check 'nothing was run' '' "$(cat echo.out)"
work s --group g --until-empty -- echo '{name}' > echo.out
check 'with the right name all are done, once' '0 1 2 3 4 5' "$? $(sort echo.out | paste -sd' ')"

fresh
add s other=1
add s other=2
work s --group g --until-empty -- echo '{nam}'
check 'two messages are enough where no more come' '2 2' "$? $(pending s g)"
fresh
add s other=1
add s nam=2
add s other=3
work s --group g --until-empty -- echo '{nam}' > echo.out
check 'where one has the field, those without it are dead letters' '3 2 2' "$? $(cat echo.out) $("$weir" xlen s.dead)"
fresh
add s other=1
work s --group g --until-empty --missing dead -- echo '{nam}'
check '--missing dead asks for that at once' '3 1' "$? $("$weir" xlen s.dead)"
fresh
add s other=1
check '--missing empty runs it' '0 []' "$(work s --group g --until-empty --missing empty -- echo '[{nam}]' > echo.out; echo "$? $(cat echo.out)")"
fresh
add s nam=1
add s other=1
add s nam=3
work s --group g --until-empty --missing stop -- echo '{nam}' > echo.out
check '--missing stop ends at the first' '2 1' "$? $(cat echo.out)"
check 'and gives it back' '{"deliveries":0}' "$("$weir" pending s g - + 10 | sed 's/.*\("deliveries":[0-9]*\).*/{\1}/')"

### Later
fresh
add s n=1
script busy <<'EOF2'
n=$(($(cat runs.out 2> /dev/null || echo 0) + 1)); echo $n > runs.out
echo "$WEIR_DELIVERIES" >> deliveries.out
[ $n -gt 3 ] || exit 75
EOF2
work s --group g --until-empty --later-status 75=1ms --max-deliveries 2 -- ./busy
check 'what is put off is run again, and it was no delivery' '0 1 1 1 1' "$? $(paste -sd' ' deliveries.out)"
fresh
add s n=1
add s n=2
work s --group g --max-messages 2 --later-status 75=1h -- sh -c 'exit 75'
check 'it waits, without an owner and uncounted, and says how often it was put off' '"consumer":null 0 1' \
  "$("$weir" pending s g - + 1 | sed 's/.*\("consumer":[a-z]*\).*"deliveries":\([0-9]*\),"laters":\([0-9]*\).*/\1 \2 \3/')"
check 'a table shows that' 1 "$("$weir" pending s g - + 10 -o table | grep -c LATERS)"
fresh
add s n=1
work s --group g --until-empty --later-status 75=1ms --max-laters 3 --max-deliveries 2 --backoff 1ms -- sh -c 'echo $WEIR_DELIVERIES >> runs.out; exit 75'
check 'put off too often, it has failed' '3 1 1 1 1 2' "$? $(paste -sd' ' runs.out)"
check 'which the line says' 1 "$(grep -c 'exit 75, too often (3 times); again in' log)"
work s --group g --later-status 75=soon -- true
check 'a wait that is none is refused' 2 "$?"

[ "$failures" = 0 ]
