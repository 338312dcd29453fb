#!/bin/sh
# 2,000 messages, a command that crashes, hangs or fails at random, and four workers, one of which is killed with SIGKILL
# again and again: every message ends acknowledged or as a dead letter, never both, and has no two results under --into.
# usage: work_torture.sh WEIR [ENGINE]
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
set -e
use_engine "${2:-file}"
messages=2000

# Whatever it does with a message, it says first that it began: "begun N D".
cat > "$dir/command" <<'EOF'
#!/bin/sh
read -r line
printf '%s %s\n' "$WEIR_FIELD_n" "$WEIR_DELIVERIES" >> "$BEGUN"
dice=$(( $(od -An -N2 -tu2 /dev/urandom) % 20 ))
case $dice in
  0) kill -9 $$ ;;
  1) sleep 1000 ;;
  2) echo '{"half":'; exit 1 ;;
  3) echo 'no use' >&2; exit 65 ;;
  4 | 5) exit 1 ;;
  6) echo 'this is no JSON' ;;
  *) echo "{\"n\":\"$WEIR_FIELD_n\"}" ;;
esac
EOF
chmod +x "$dir/command"
BEGUN=$dir/begun
export BEGUN
: > "$BEGUN"

start() {
  "$weir" work jobs --group g -j 3 --into 'done' --timeout 300ms --kill-after 100ms --min-idle 700ms \
    --backoff 10ms..100ms --max-deliveries 3 -- "$dir/command" 2>> "$dir/log" &
  workers="$workers $!"
}

seq "$messages" | sed 's/.*/{"n":"&"}/' | "$weir" xadd jobs > /dev/null
start; start; start; start
kills=0
settled=0
while [ "$settled" -lt "$messages" ]; do
  last=$settled
  # Until a twentieth is done, or nothing has been pending or left for so long that something must be wrong.
  tries=0
  while [ "$settled" -lt "$messages" ] && [ "$settled" -lt $((last + messages / 20)) ] && [ "$tries" -lt 600 ]; do
    sleep 0.05
    tries=$((tries + 1))
    settled=$(( $("$weir" xlen 'done' || :) + $("$weir" xlen jobs.dead || :) ))
  done
  [ "$tries" -lt 600 ] || { echo "stuck at $settled of $messages"; "$weir" pending jobs g; tail -5 "$dir/log"; exit 1; }
  [ "$settled" -lt "$messages" ] || break
  # shellcheck disable=SC2086 # a list of numbers
  set -- $workers
  kill -9 "$1"
  kills=$((kills + 1))
  shift
  workers="$*"
  start
done
# shellcheck disable=SC2086
kill -TERM $workers
for worker in $workers; do
  wait "$worker" || :
done
workers=

"$weir" xrange 'done' | grep -o '"n":"[0-9]*' | cut -d'"' -f4 | sort > "$dir/done"
"$weir" xrange jobs.dead | grep -o '"n":"[0-9]*' | cut -d'"' -f4 | sort > "$dir/dead"
lines() { wc -l | tr -d ' '; }
check 'none is done twice' 0 "$(uniq -d "$dir/done" | lines)"
check 'none is dead twice' 0 "$(uniq -d "$dir/dead" | lines)"
check 'none is done and dead' 0 "$(comm -12 "$dir/done" "$dir/dead" | lines)"
check 'each is done or dead' "$messages" "$(sort -u "$dir/done" "$dir/dead" | lines)"
check 'none is pending' 0 "$("$weir" xpending jobs g | sed 's/.*"pending":\([0-9]*\).*/\1/')"
check 'no delivery of a message was begun twice' 0 "$(sort "$BEGUN" | uniq -d | lines)"
check 'and none after the limit' 0 "$(awk '$2 > 3' "$BEGUN" | lines)"
# A twentieth of the messages at a time; on a slow machine more are done before the next look.
check 'workers were killed' yes "$([ "$kills" -ge 3 ] && echo yes || echo "$kills")"
echo "done $(lines < "$dir/done"), dead $(lines < "$dir/dead"), workers killed $kills"
[ "$failures" = 0 ]
