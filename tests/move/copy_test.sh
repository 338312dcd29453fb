#!/bin/sh
# `weir copy`: what it copies, what it refuses, and where it goes on. usage: copy_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
start_server --appendonly no

# All that a stream is, but for when its consumers were last seen.
whole() { in_db "$1" xinfo stream "$2" FULL COUNT 0 | sed 's/"\(seen\|active\)-time":[-0-9nul]*/"\1-time":0/g; s/"nacked-count":[0-9]*,//g; s/"idmp-duration".*"iids-duplicates":[0-9]*,//'; }
copied() { sed 's/.*"action":"\([a-z ]*\)","copied":\([0-9]*\).*/\1 \2/'; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
numbers() { # FIRST LAST
  seq "$1" "$2" | sed 's/.*/{"id":"&-1","fields":{"n":"&","text":"two words"}}/'
}

### Everything goes along
numbers 1 40 | in_db a.db xadd s --keep-ids --quiet
in_db a.db group create s readers 0
in_db a.db group create s idle '$'
in_db a.db group create s new 5-1
in_db a.db xreadgroup s --group readers --consumer ann --count 10 > /dev/null
in_db a.db xreadgroup s --group readers --consumer bob --count 5 > /dev/null
in_db a.db group createconsumer s readers nobody > /dev/null
in_db a.db ack s readers 1-1 2-1 12-1 > /dev/null
in_db a.db claim s readers bob 0 3-1 --retrycount 7 --idle 60000 > /dev/null
in_db a.db xdel s 30-1 40-1 > /dev/null
in_db a.db xsetid s 99-9 > /dev/null
in_db a.db xadd empty --id 1-1 k=v > /dev/null
in_db a.db xdel empty 1-1 > /dev/null
in_db a.db xadd bytes --id 1-1 "$(printf 'k=\377\001')" > /dev/null

in_db a.db ls > /dev/null
check 'a dry run says what would be done' '{"stream":"s","action":"copy","entries":38,"there":0,"groups":3}' \
  "$("$weir" copy a.db "$url" s --dry-run)"
check '... and does nothing' 0 "$(length "$url" s)"
"$weir" copy a.db b.db --dry-run > /dev/null
"$weir" copy a.db foo://b --dry-run > out 2> err
check '... nor takes a URL for a file' 2 $?
check '... makes no file either' no "$(if [ -e b.db ]; then echo yes; else echo no; fi)"
"$weir" copy a.db "$url" > out 2> err
check 'file to server' 'status 0, 3 lines' "status $?, $(wc -l < out) lines"
check '... nothing to complain of' '' "$(cat err)"
"$weir" copy "$url" b.db > out
check 'server to file' 0 $?
"$weir" copy b.db c.db > out
check 'file to file' 0 $?
for stream in s empty bytes; do
  for end in "$url" b.db c.db; do
    check "$stream is the same in ${end##*/}" "$(whole a.db "$stream")" "$(whole "$end" "$stream")"
  done
done

### What a stream remembers of idempotent producers
in_db keys.db xadd s --once k n=1 > first
in_db keys.db xadd s --idmpauto p n=2 n=3 > /dev/null
in_db keys.db xcfgset s --idmp-maxsize 7
in_db keys.db xadd s --once k n=1 > first
in_db keys.db xadd s --idmpauto p n=4 > second
"$weir" copy keys.db keys-too.db > /dev/null
check 'a copy from file to file remembers keys' "$(cat first second)" \
  "$(in_db keys-too.db xadd s --once k n=5; in_db keys-too.db xadd s --idmpauto p n=4)"
check '... and how long' 7 "$(in_db keys-too.db xinfo stream s | jq '."idmp-maxsize"')"
check '... and is the same' "$(in_db keys.db xinfo stream s | jq -c '[."iids-tracked",."iids-added",."iids-duplicates"+2]')" \
  "$(in_db keys-too.db xinfo stream s | jq -c '[."iids-tracked",."iids-added",."iids-duplicates"]')"

# Keys of --once that stay behind are told of, for as long as they count.
left() { sed -n "s/^weir: 'o': keys of --once that were not carried: \([0-9]*\);.*/\1/p" err; }
in_db left.db xadd o n=1 > out
in_db left.db xcfgset o --idmp-duration 24h
for key in k l; do in_db left.db xadd o --once "$key" n=2 > out; done
"$weir" copy left.db "$url" o > out 2> err
check 'a copy to a server says how many keys stay behind' '0 2' "$? $(left)"
"$weir" copy left.db left-too.db > out 2> err
check '... one to a file leaves none' '' "$(cat err)"
in_db left-other.db xadd o --id 1-1 n=0 > out
"$weir" copy left.db left-other.db --append > out 2> err
check '... but with --append' 2 "$(left)"
sqlite3 left.db 'UPDATE weir_keys SET added_ms = 1'
in_db "$url" del o > out
"$weir" copy left.db "$url" o > out 2> err
check 'keys that no longer count are not missed' '' "$(cat err)"
in_db "$url" del o > out

# Of messages with --unique: one that waits here waits there, too, one that was given does not.
in_db unique.db xadd u --unique waits n=1 > waiting
in_db unique.db xadd u --unique given n=2 > /dev/null
in_db unique.db xadd u --unique later --in 1h n=3 > handle
in_db unique.db group create u g "$(cat waiting)" > /dev/null
in_db unique.db xreadgroup u --group g --consumer c --count 1 > /dev/null
in_db unique.db xadd u --unique waits n=4 > waiting
for end in "$url" unique-too.db unique-back.db; do
  [ "$end" = unique-back.db ] && from=$url || from=unique.db
  "$weir" copy "$from" "$end" u > /dev/null
  check "what waits with --unique waits in ${end##*/}" "$(cat waiting handle)" \
    "$(in_db "$end" xadd u --unique waits n=5; in_db "$end" xadd u --unique later n=6)"
done
check 'and what was given does not' '1 1 1' "$(for end in "$url" unique-too.db unique-back.db; do in_db "$end" xadd u --unique given --new-only n=7 | wc -l; done | tr -d ' ' | paste -sd' ')"
"$weir" copy unique.db unique-third.db > /dev/null
in_db unique.db xadd u --unique 'after that' n=9 > waiting
"$weir" copy unique.db unique-third.db > /dev/null
check 'a copy that goes on takes them, too' "$(cat waiting)" "$(in_db unique-third.db xadd u --unique 'after that' n=10)"

# A message that is added while the copy runs may come after its last page: here its key, of an ID that is not copied.
in_db late.db xadd s --once k n=1 > /dev/null
sqlite3 late.db 'UPDATE weir_keys SET ms = ms + 1000'
"$weir" copy late.db late-too.db > /dev/null
in_db late-too.db xadd s --once k n=1 > /dev/null
check '... but of no message that it does not have' 2 "$(length late-too.db s)"

### Once more
check 'a second copy has nothing to do' 'go on 0' "$("$weir" copy a.db "$url" s | copied)"
numbers 100 109 | in_db a.db xadd s --keep-ids --quiet
check 'what came later goes after' 'go on 10' "$("$weir" copy a.db "$url" s | copied)"
check '... and all is the same' "$(whole a.db s)" "$(whole "$url" s)"

### What waits for its next delivery, and nobody holds
numbers 1 4 | in_db waiting.db xadd s --keep-ids --quiet
in_db waiting.db group create s g 0
in_db waiting.db xreadgroup s --group g --consumer ann --count 4 > /dev/null
in_db waiting.db nack s g 1-1 --in 1h > /dev/null
in_db waiting.db nack s g FAIL IDS 1 2-1 RETRYCOUNT 5 > /dev/null
in_db waiting.db nack s g 4-1 --in 1h > /dev/null
in_db waiting.db xdel s 4-1 > /dev/null
in_db "$url" del s > /dev/null
"$weir" copy waiting.db waiting-file.db s > out 2> err
check 'a file with messages that wait is copied to a file' 0 $?
check '... saying what it could not carry' "weir: 's': 1 pending entries were not carried: their message is gone" "$(cat err)"
"$weir" copy waiting.db "$url" s > out 2> err
check '... to a server' 0 $?
"$weir" copy "$url" waiting-back.db s > out 2> err
check '... and from there' 0 $?
for end in waiting-file.db "$url" waiting-back.db; do
  check "${end##*/}: they wait as long, and were delivered as often" \
    '["1-1",null,1,true] ["2-1",null,5,false] ["3-1","ann",1,null] ' \
    "$(in_db "$end" pending s g --idle 0 |
      jq -c '[.id, .consumer, .deliveries, (."due-in" | if . == null then null else . > 3000000 end)]' | tr '\n' ' ')"
  check '... and are nobody'"'s" '"ann"' "$(in_db "$end" info consumers s g | jq -c .name)"
done
in_db "$url" del s > /dev/null
"$weir" copy a.db "$url" s > out

### Pending entries whose message is gone
numbers 1 6 | in_db unheld.db xadd s --keep-ids --quiet
in_db unheld.db group create s g 0
in_db unheld.db xreadgroup s --group g --consumer ann --count 4 > /dev/null
in_db unheld.db xdel s 1-1 3-1 > /dev/null
for end in unheld-copy.db "$url"; do
  in_db "$end" del s > /dev/null
  for time in first second third; do
    "$weir" copy unheld.db "$end" s > out 2> err
    check "the $time copy to ${end##*/} ends well" 0 $?
    check '... saying what it could not carry' "weir: 's': 2 pending entries were not carried: their message is gone" \
      "$(cat err)"
  done
done
in_db unheld-copy.db ack s g 2-1 > /dev/null
"$weir" copy unheld.db unheld-copy.db s > out 2> err
check '... and tells what does differ' 3 $?
in_db "$url" del s > /dev/null
"$weir" copy a.db "$url" s > out

### Other entries
in_db other.db xadd s 1-0 other entry > /dev/null
"$weir" copy a.db other.db s > out 2> err
check 'a stream with other entries is refused' 3 $?
check '... in two lines' 2 "$(wc -l < err)"
check '... and left alone' 1 "$(length other.db s)"
check '--append puts them after' 'append 48' "$("$weir" copy a.db other.db s --append 2> err | copied)"
check '... all of them' 49 "$(length other.db s)"
check '--append again adds nothing' 'append 0' "$("$weir" copy a.db other.db s --append 2> err | copied)"
check '--replace deletes what was there' 'replace 48' "$("$weir" copy a.db other.db s --replace | copied)"
check '... all of it' "$(whole a.db s)" "$(whole other.db s)"
in_db high.db xadd s 50-0 k v > /dev/null
"$weir" copy a.db high.db s --append > out 2> err
check 'IDs that have no place are refused' 3 $?
in_db other.db xreadgroup s --group readers --consumer eve --count 1 > /dev/null
"$weir" copy a.db other.db s > out 2> err
check 'a group that has moved on is refused' 3 $?
"$weir" copy a.db a.db > out 2> err
check 'a store is not copied onto itself' 2 $?
before=$(whole "$url" s)
ln -s redis.sock other.sock
for same in "$url?db=0" "unix://$dir/./redis.sock" "unix://$dir/other.sock"; do
  "$weir" copy "$url" "$same" s --replace > out 2> err
  check "... nor a server under another name: ${same##*/}" 2 $?
done
port=$(free_port)
redis-cli -s redis.sock config set bind 127.0.0.1 > /dev/null
redis-cli -s redis.sock config set port "$port" > /dev/null
"$weir" copy "$url" "redis://127.0.0.1:$port" s --replace > out 2> err
check '... nor at another address' 2 $?
mkdir replica
master=$server
start_server_in "$dir/replica" --replicaof 127.0.0.1 "$port"
workers=$server
server=$master
# shellcheck disable=SC2317 # called by until_true
follows() { redis-cli -s replica/redis.sock info replication 2> /dev/null | grep -q 'master_link_status:up'; }
until_true follows
"$weir" copy "unix://$dir/replica/redis.sock" "$url" s --replace > out 2> err
check '... nor from a replica to its master' 2 $?
check '... and what it holds is still there' "$before" "$(whole "$url" s)"
"$weir" copy "$url" "$url?db=1" s > out 2> err
check 'another database of the same server is another place' 0 $?
redis-cli -s redis.sock -n 1 flushdb > /dev/null
ln -s a.db link.db
"$weir" copy a.db link.db s --replace > out 2> err
check 'a file is not copied onto itself under another name' 2 $?
"$weir" copy a.db new.db nothing > out 2> err
check 'a stream that is not there: nothing to copy' 1 $?
check '... and that is said' "weir: there is no stream 'nothing' to copy" "$(head -1 err)"
check '... and no target is made' no "$(if [ -e new.db ]; then echo yes; else echo no; fi)"
"$weir" copy a.db new.db nothing s > out 2> err
check '... it does not keep others' 'status 3, 1 lines' "status $?, $(wc -l < out) lines"
"$weir" copy missing.db new.db > out 2> err
check 'a file that is not there' 5 $?

### Groups that are there
in_db a.db xadd hollow --id 1-1 k=v > /dev/null
in_db a.db xdel hollow 1-1 > /dev/null
in_db other.db xadd hollow --id 1-0 k=v > /dev/null
in_db other.db xreadgroup hollow --group weir-copy --consumer eve --create > /dev/null
"$weir" copy a.db other.db hollow --append > out 2> err
check 'nothing is appended' 'status 0, append 0' "status $?, $(copied < out)"
check '... and every group keeps what is pending' 1 "$(in_db other.db pending hollow weir-copy | grep -c '"pending":1,')"
in_db a.db del hollow > /dev/null

### Pending entries: all of them, and only once
unfinished=0-18446744073709551615 # where a group stands while its pending entries are on their way
held() { in_db "$1" xpending s readers -o jsonl | sed 's/{"pending":\([0-9]*\),.*/\1/'; }
for end in "$url" pending.db; do
  "$weir" copy a.db "$end" s --replace > /dev/null
  all=$(held a.db)
  check 'all are carried' "$all" "$(held "$end")"
  in_db "$end" ack s readers 4-1 5-1 > /dev/null
  "$weir" copy a.db "$end" s > out 2> err
  check 'what was acknowledged since is not pending again' "$((all - 2))" "$(held "$end")"
  in_db "$end" xgroup setid s readers "$unfinished" > /dev/null
  "$weir" copy a.db "$end" s > out 2> err
  check 'a copy that was stopped among them goes on' "status 0, $all" "status $?, $(held "$end")"
  check '... and gives the group its place' "$(whole a.db s)" "$(whole "$end" s)"
  in_db "$end" xgroup setid s readers "$unfinished" > /dev/null
  in_db "$end" ack s readers 4-1 5-1 > /dev/null
  "$weir" copy a.db "$end" s --append > out 2> err
  check '... with --append, too' "$all" "$(held "$end")"
done

### Names that are hostile to a terminal
hostile=$(printf 'a\033[31m\302\233b')
in_db a.db xadd "$hostile" --id 1-0 k=v > /dev/null
in_db other.db xadd "$hostile" --id 2-0 k=v > /dev/null
"$weir" copy a.db other.db "$hostile" > out 2> err
check 'a hostile name is refused like any other' 3 $?
check '... and shown without its bite' 1 "$(grep -cF "'a\x1b[31m\x9bb' was not copied" err)"
in_db a.db del "$hostile" > /dev/null

### What cannot be carried
in_db gone.db xadd s --id 1-0 k=v > /dev/null
echo '{"id":"2-0","fields":{"n":1,"deep":"x"}}' | in_db gone.db xadd s --keep-ids --quiet
in_db gone.db group create s g 0
in_db gone.db xreadgroup s --group g --consumer c > /dev/null
in_db gone.db xdel s 1-0 > /dev/null
"$weir" copy gone.db "$url" s --replace > out 2> err
check 'a pending entry without its message, and types: told' 'status 0, 1 pending, 1 types' \
  "status $?, $(grep -c '1 pending entries were not carried' err) pending, $(grep -c 'strings only.*2-0' err) types"

### 200,000 entries, killed in the middle
numbers 1 200000 | in_db large.db xadd large --keep-ids --quiet
in_db large.db group create large g 0
in_db large.db xreadgroup large --group g --consumer c --count 20000 > /dev/null
# shellcheck disable=SC2317 # called by until_true
some_are_there() { [ "$(length "$1" large)" -ge 5000 ]; }
for end in "$url" back.db; do
  if [ "$end" = back.db ]; then from=$url; else from=large.db; fi
  "$weir" copy "$from" "$end" large > out 2> err &
  copy=$!
  until_true some_are_there "$end"
  kill -STOP "$copy" 2> /dev/null
  there=$(length "$end" large)
  kill -KILL "$copy" 2> /dev/null
  wait "$copy" 2> /dev/null
  check "killed on the way to ${end##*/}, it goes on" 'go on' "$("$weir" copy "$from" "$end" large | copied | sed 's/ [0-9]*$//')"
  echo "# $there were there when it was killed"
  check '... all entries are there, once' "$(in_db large.db xrange large | cksum)" "$(in_db "$end" xrange large | cksum)"
  check '... and 20,000 pending' "$(in_db large.db pending large g)" "$(in_db "$end" pending large g)"
done

### In use meanwhile
end=$dir/live.db
"$weir" copy "$url" "$end" large > out 2> err &
copy=$!
until_true some_are_there "$end"
kill -STOP "$copy" 2> /dev/null
numbers 300001 300010 | in_db "$url" xadd large --keep-ids --quiet
kill -CONT "$copy" 2> /dev/null
wait "$copy"
check 'what the source gets meanwhile goes along' 'status 0, 200010 entries' "status $?, $(length "$end" large) entries"
check '... nothing to complain of' '' "$(cat err)"
check '... groups and all else too' "$(in_db "$url" xinfo stream large | sed 's/"recorded.*//'; in_db "$url" pending large g)" \
  "$(in_db "$end" xinfo stream large | sed 's/"recorded.*//'; in_db "$end" pending large g)"

exit "$((failures > 0))"
