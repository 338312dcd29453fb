#!/bin/sh
# 2,000 messages, a command that crashes, hangs or fails at random, four workers, and one of them killed with SIGKILL
# again and again: every message ends acknowledged or as a dead letter, never both, and none twice under --into.
# usage: work_torture.sh WEIR [ENGINE]
set -eu
weir=$(realpath "$1")
messages=2000
dir=$(mktemp -d)
workers=
server=
trap 'kill -9 $workers $server 2>/dev/null || :; rm -rf "$dir"' EXIT
WEIR_DB=$dir/weir.db
WEIR_DURABILITY=normal
export WEIR_DB WEIR_DURABILITY

# With "server" as ENGINE all of it runs against a Redis server of its own.
if [ "${2:-file}" = server ]; then
  command -v redis-server > /dev/null || { echo "skipped: there is no redis-server"; exit 77; }
  redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" > "$dir/redis.log" &
  server=$!
  WEIR_DB=unix://$dir/redis.sock
  until "$weir" ls > /dev/null 2>&1 || [ $? -eq 1 ]; do sleep 0.05; done
fi

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

fail=0
expect() { [ "$2" = "$3" ] || { echo "$1: $2, expected $3"; fail=1; }; }
"$weir" xrange 'done' | grep -o '"n":"[0-9]*' | cut -d'"' -f4 | sort > "$dir/done"
"$weir" xrange jobs.dead | grep -o '"n":"[0-9]*' | cut -d'"' -f4 | sort > "$dir/dead"
expect 'done twice' "$(uniq -d "$dir/done" | wc -l | tr -d ' ')" 0
expect 'dead twice' "$(uniq -d "$dir/dead" | wc -l | tr -d ' ')" 0
expect 'done and dead' "$(comm -12 "$dir/done" "$dir/dead" | wc -l | tr -d ' ')" 0
expect 'done or dead' "$(sort -u "$dir/done" "$dir/dead" | wc -l | tr -d ' ')" "$messages"
expect 'pending' "$("$weir" xpending jobs g | sed 's/.*"pending":\([0-9]*\).*/\1/')" 0
# No delivery of a message was begun twice, and none after the limit.
expect 'begun twice' "$(sort "$BEGUN" | uniq -d | wc -l | tr -d ' ')" 0
expect 'begun too often' "$(awk '$2 > 3' "$BEGUN" | wc -l | tr -d ' ')" 0
# A twentieth of the messages at a time; on a slow machine more are done before the next look.
[ "$kills" -ge 3 ] || { echo "only $kills workers were killed"; fail=1; }
echo "done $(wc -l < "$dir/done"), dead $(wc -l < "$dir/dead"), workers killed $kills"
exit $fail
