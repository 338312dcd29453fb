#!/bin/sh
# If simdjson cannot be loaded, a command that reads JSON says so, keeps what it has stored, and ends with the status of
# a store failure; all other commands work.
# usage: simdjson_missing_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
WEIR_DB=$dir/weir.db
export WEIR_DB

name=$(grep -ao 'libsimdjson\.so\.[0-9]*' "$weir" | head -n 1)
[ -n "$name" ] || { echo 'skipped: simdjson is inside'; exit 0; }
mkdir broken
echo 'not a library' > "broken/$name"
without() { LD_LIBRARY_PATH=$dir/broken "$weir" "$@" 2> err; }
# What the dynamic linker says is its own.
said() { sed "s/^\(weir: reading JSON needs simdjson\): [^ ]*$name: .*/\1/" err | paste -sd'|' -; }
needs='weir: reading JSON needs simdjson'

without xadd s n=1 > /dev/null
check 'what reads no JSON works' '0 1' "$? $(without xlen s)"
without xadd s --lines text < /dev/null
check 'lines of text are none' '0 ' "$? $(said)"

echo '{"n":2}' | without xadd s
check 'JSON lines' "5 $needs 1" "$? $(said) $("$weir" xlen s)"
{
  head -c 3000000 /dev/zero | tr '\0' '\n'
  echo '{"n":2}'
} | without xadd s
check 'JSON lines that another thread reads' "5 $needs 1" "$? $(said) $("$weir" xlen s)"
printf '{"n":2}\nno JSON\n' | without xadd s --on-error skip
check 'none is passed over for that' "5 $needs 1" "$? $(said) $("$weir" xlen s)"

"$weir" xrange s | without xdel s
check 'entries as IDs' "5 $needs 1" "$? $(said) $("$weir" xlen s)"

without work s --group g --into t --until-empty -- echo '{{"n":3}}'
check 'messages of a command' "5 $needs" "$? $(said)"
check 'the message stays pending' 1 "$("$weir" pending s g | sed 's/.*"pending":\([0-9]*\).*/\1/')"

# A letter of a message of thousands of fields has them in JSON.
seq 4500 | sed 's/.*/"f&":"&"/' | paste -sd, - | sed 's/.*/{&}/' | "$weir" xadd wide --quiet
"$weir" work wide --group g --until-empty --max-deliveries 1 -- false 2> err
check 'a letter that cannot be read is not put back' "5 $needs 1" \
  "$(without dead requeue wide --all; echo $?) $(said) $("$weir" xlen wide.dead)"
check 'the screen tells it, and can be left' 'told 0' "$(TERM=xterm LD_LIBRARY_PATH=$dir/broken python3 -c 'if True:
  import os, sys
  sys.path.insert(0, os.path.dirname(sys.argv[1]))
  from testing import Terminal
  top = Terminal([sys.argv[2], "top"], columns=160)
  told = top.until(lambda: b"needs simdjson" in top.shown and b"(trying again)" in top.shown)
  top.press("q")
  print("told" if told else top.shown, top.finish())' "$testing" "$weir")"
[ "$failures" = 0 ]
