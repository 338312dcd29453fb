#!/bin/sh
# Hostile values do no harm in the examples, which people copy. usage: example_values_test.sh WEIR EXAMPLES
# shellcheck disable=SC2016 # nothing in these values is to be expanded
examples=$(realpath "$2")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
use_engine file
newline='
'
work() { # STREAM COMMAND…
  stream=$1
  shift
  "$weir" work "$stream" --group g --until-empty --max-deliveries 1 -- "$@" > out 2> err
}
all_refused() { # STREAM HOW-MANY
  check "$1: all are dead letters, with a reason" "$2" "$("$weir" dead ls "$1" -o jsonl | grep -c '"reason":"exit 65"')"
  check "$1: nothing has run" '' "$(find . -name 'pwned*')"
  check "$1: nothing is printed" '' "$(cat out)"
  check "$1: nobody's log gets an escape sequence" 0 "$(grep -c "$(printf '\033')" err)"
}

### Numbers that are none, in a shell's arithmetic, in JSON and in a line of text
hostile() { # calls $1 with each
  for value in 'a[$(touch pwned1)]' '$(touch pwned2)' '`touch pwned3`' '1;touch pwned4' '1,"cents":0' '1"' '"' '-1' '1+1' \
    '%s%n' '\c' 010 99999999999999999999 '' ' 1' 'WEIR_FIELD_order' "1${newline}order 2: 0 cents" "$(printf '\033[2J1')"; do
    "$@" "$value"
  done
}
order() { "$weir" xadd orders --quiet "order=$1" pieces=3 && "$weir" xadd orders --quiet order=1 "pieces=$1"; }
invoice() { "$weir" xadd invoices --quiet "order=$1" cents=3 && "$weir" xadd invoices --quiet order=1 "cents=$1"; }
for shell in sh bash; do
  "$weir" del orders orders.dead > /dev/null
  hostile order
  "$weir" xadd orders --quiet pieces=3
  work orders "$shell" "$examples/pipeline/bill"
  all_refused orders 37
done
hostile invoice
# An invoice of 010 or of very many cents is only a line of text.
work invoices bash "$examples/pipeline/post"
check 'invoices: a line for each that is a number' 4 "$(grep -cE '^order [0-9]+: [0-9]+ cents$' out)"
check 'invoices: and no other' 4 "$(wc -l < out | tr -d ' ')"
check 'invoices: nothing has run' '' "$(find . -name 'pwned*')"

### Addresses and subjects that would be options, further headers, or commands
mkdir calls sent
for to in -oQ/tmp@example.com "ann@example.com${newline}Bcc: eve@example.com" ann@example.com,eve@example.com \
  'ann eve@example.com' '|touch pwned5@example.com' '$(touch pwned6)@example.com' ann@ @example.com ann@b@c ann ''; do
  "$weir" xadd emails --quiet "to=$to" subject=Hello
done
for subject in "Hello${newline}Bcc: eve@example.com" "$(printf 'Hello\rBcc: eve@example.com')" "$(printf 'a\033[2Jb')"; do
  "$weir" xadd emails --quiet to=ann@example.com "subject=$subject"
done
work emails "$examples/mail/send-mail" '--to={to}' '--subject={subject}'
all_refused emails 14
check 'emails: none is sent' '' "$(ls sent)"

### Files that are not among the uploads
mkdir upload upload/folder thumbs
{ printf 'P6\n64 32\n255\n'; head -c 6144 /dev/zero | tr '\0' x; } > secret.ppm
ln -s ../secret.ppm upload/link.ppm
mkfifo upload/fifo.ppm
printf 'P6\n-4 -4\n255\n%048d' 0 > upload/negative.ppm
for file in "$dir/secret.ppm" ../secret.ppm folder/../../secret.ppm link.ppm fifo.ppm negative.ppm folder . .. ../upload ''; do
  "$weir" xadd pictures --quiet "file=$file"
done
work pictures "$examples/thumbnails/thumbnail" -- '{file}' upload thumbs
all_refused pictures 11
check 'pictures: nothing is made of them' '' "$(ls thumbs)"

### Numbers and names that would be paths, options or code
mkdir busy ledgers open
contact() { "$weir" xadd contacts --quiet "contact=$1"; }
hostile contact
work contacts "$examples/rate-limited-api/push" '{contact}'
all_refused contacts 18
check 'contacts: the service has not seen them' '' "$(ls busy; cat accepted 2> /dev/null)"
step() { "$weir" xadd events --quiet customer=ann "step=$1"; }
hostile step
for customer in ../ann ann/../bob . .. /tmp/ann -ann '$(touch pwned8)' "ann${newline}bob" Ann 'ann bob' ''; do
  "$weir" xadd events --quiet "customer=$customer" step=1
done
work events "$examples/in-order/apply" '{customer}' '{step}'
all_refused events 29
check 'events: nothing is booked' '' "$(ls ledgers; ls open)"
[ "$failures" = 0 ]
