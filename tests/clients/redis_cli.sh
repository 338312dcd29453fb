#!/bin/bash
# A producer and a worker with redis-cli. usage: redis_cli.sh produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
set -u
what=$1 port=$2 stream=$3
persist() { # COMMAND…: until a server answers: it may have been killed, and be started again
  until reply=$(redis-cli -e -p "$port" "$@" 2>&1); do
    case $reply in *BUSYGROUP*) return ;; *ERR*) echo "$reply" >&2; exit 1 ;; esac
    sleep 0.02
  done
}
settle() { # WORD: what came: a cursor or the stream's name, then for each entry its ID, its field's name and value
  printf '%s\n' "$reply" | sed 1d > "$entries"
  while read -r id && read -r _ && read -r n; do
    echo "$1 $id $n"
    persist XACK "$stream" "$group" "$id"
    echo "acked $id $n"
  done < "$entries"
}
if [ "$what" = produce ]; then
  for ((number = 1; number <= $4; ++number)); do
    persist XADD "$stream" '*' n "$number"
    echo "added $reply $number"
  done
  exit
fi
group=$4 consumer=$5
entries=$(mktemp)
trap 'rm -f "$entries"' EXIT
trap exit TERM
persist XGROUP CREATE "$stream" "$group" 0 MKSTREAM
echo ready
while true; do
  persist XAUTOCLAIM "$stream" "$group" "$consumer" 1000 0-0 COUNT 10
  settle again
  persist XREADGROUP GROUP "$group" "$consumer" COUNT 5 BLOCK 200 STREAMS "$stream" '>'
  settle new
done
