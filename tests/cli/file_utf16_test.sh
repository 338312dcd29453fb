#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# An application's own database may be UTF-16: everything works as in a UTF-8 database. usage: file_utf16_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

make_database() { # FILE ENCODING
  python3 -c 'if True:
    import sqlite3, sys
    database = sqlite3.connect(sys.argv[1])
    database.execute("PRAGMA encoding = \"" + sys.argv[2] + "\"")
    database.execute("CREATE TABLE application(x)")
    database.commit()' "$1" "$2"
}
from_application() { # FILE: a message in a transaction of the application
  python3 -c 'if True:
    import sqlite3, sys
    database = sqlite3.connect(sys.argv[1])
    database.execute("INSERT INTO weir_inbox VALUES (?, ?)", ("größe", "{\"a\":\"é\\u00fc😀\",\"n\":1.50}"))
    database.commit()
    print(database.execute("SELECT stream, fields FROM weir_messages WHERE stream = ?", ("größe",)).fetchall())' "$1"
}
# Everything that reads text back, with IDs that are the same each time.
everything() {
  weir_() { "$weir" "$@" || echo "status $?"; }
  printf '%s\n' '{"id":"1-1","fields":{"to":"ann","größe":"😀","n":1.50,"n":2,"none":null,"":""}}' \
    '{"id":"1-2","fields":{"bytes":{"base64":"/wA="},"escaped":"\ufffe\u0000"}}' | weir_ xadd s --keep-ids
  seq 3 40 | sed 's/.*/{"id":"1-&","fields":{"größe":"m"}}/' | weir_ xadd s --keep-ids --quiet
  weir_ xadd s 9223372036854775808-18446744073709551615 high x
  weir_ xadd s 18446744073709551615-1 high y
  printf '\377 \357\277\276' | xargs -0 -I '{}' "$weir" xadd '{}' 1-1 a b
  printf '\357\277\276' | xargs -0 -I '{}' "$weir" xadd '{}' 1-1 a b
  weir_ ls
  weir_ xrange s
  weir_ xrange s 2 +
  weir_ xrevrange s + - --count 2
  weir_ xread s --after 1-39
  weir_ -o redis xrange s - 1-3
  weir_ -o resp xrange s 1-1 1-1
  weir_ group create s grüppe 0
  weir_ xreadgroup s --group grüppe --consumer käthe --count 3
  weir_ xreadgroup s --group grüppe --consumer käthe --after 0
  weir_ claim s grüppe erna 0 1-2
  weir_ autoclaim s grüppe erna 0 --count 2
  weir_ nack s grüppe FAIL IDS 1 1-1
  weir_ pending s grüppe - + 5 | sed 's/"idle":[0-9]*/"idle":0/g; s/"waited":[0-9]*/"waited":0/'
  weir_ info groups s
  weir_ info stream s --full --count 2 | sed 's/"\(seen-time\|active-time\|idle\|inactive\|delivery-time\|waited\)":[0-9]*/"\1":0/g'
  weir_ batch << 'LINES'
["XADD","größe","1-1","ä","ö"]
["RENAME","größe","süß"]
["XRANGE","süß","-","+"]
["KEYS","s*"]
["DEL","süß"]
LINES
  weir_ xadd later --in 1ms "both=$(printf '\357\277\276 \357\277\277')" > /dev/null
  weir_ xread later --after 0 --block 1m | jq -c .fields
  weir_ xadd jobs 1-1 size 12 'name=ä😀' 2> /dev/null || weir_ xadd jobs 1-1 size 12 name 'ä😀'
  weir_ xadd jobs 1-2 size 13 name 'weiß'
  weir_ work jobs --group w --until-empty --max-deliveries 1 --into ready -- sh -c 'cat; test "$1" = 12' sh '{size}' 2> /dev/null
  weir_ xrange ready - + | sed 's/"id":"[^"]*"/"id":""/g'
  weir_ dead ls jobs | sed 's/"age":[0-9]*/"age":0/; s/"id":"[^"]*"/"id":""/; s/"\(time\|failed\|at\)":"[^"]*"/"\1":""/g; s/"\(worker\|consumer\)":"[^"]*"/"\1":""/g'
  weir_ xrange jobs.dead | sed 's/"id":"[^"]*"/"id":""/; s/"weir\.\(last\|consumer\)":"[^"]*"/"weir.\1":""/g'
  weir_ dead requeue jobs --all | sed 's/[0-9]\{5,\}/N/g'
  weir_ xrange jobs 1-3 + | sed 's/"id":"[^"]*"/"id":""/; s/"weir\.[a-z]*":"[^"]*"/"":""/g'
  from_application "$WEIR_DB"
  weir_ xrange größe | sed 's/"id":"[^"]*"/"id":""/'
  weir_ copy "$WEIR_DB" "$dir/copy-$1.db" s | sed "s/$1/E/g"
  in_db "$dir/copy-$1.db" xrange s
}

for encoding in UTF-8 UTF-16le UTF-16be; do
  make_database "$encoding.db" "$encoding"
  WEIR_DB=$dir/$encoding.db
  export WEIR_DB
  everything "$encoding" > "$encoding.out" 2>&1
done
check 'the test has said what it should' '1 1' \
  "$(grep -c '^{"id":"1-1","stream":"s","fields":{"to":"ann","größe":"😀","n":1.50,"n":2,"none":null,"":""}}$' UTF-8.out | sed 's/[2-9]/1/') $(grep -c 'é\\u00fc😀' UTF-8.out | sed 's/[2-9]/1/')"
for encoding in UTF-16le UTF-16be; do
  check "$encoding is read and written as UTF-8 is" '' "$(diff UTF-8.out "$encoding.out")"
done

# Two characters that are none, which SQLite makes U+FFFD of on the way to UTF-16.
printf '{"a":"\357\277\276 \357\277\277","\357\277\276":1}\n' | in_db UTF-16le.db xadd none --quiet
check 'what UTF-16 has no room for is escaped' '{"a":"\ufffe \uffff","\ufffe":1}' \
  "$(in_db UTF-16le.db xrange none | sed 's/.*"fields":\(.*\)}$/\1/')"
[ "$failures" = 0 ]
