#!/bin/sh
# The same command lines on a file and on a server, in each format: output, errors and exit status are the same.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/../support/shell.sh"
start_server --appendonly no

set -- "$here/lines"
asked() { redis-cli -s redis.sock "$@"; }
# What a server does not know it answers with nil, or takes for a mistake.
for command in xdelex xcfgset; do
  if asked COMMAND INFO "$command" | grep -q "$command"; then set -- "$@" "$here/lines.$command"; fi
done
if asked XREADGROUP GROUP g c CLAIM 0 STREAMS none '>' | grep -q NOGROUP; then set -- "$@" "$here/lines.claim"; fi
cat "$@" | grep -v -e '^#' -e '^$' > lines
run_all() { # DATABASE: what each line says, in all formats
  for format in jsonl redis resp table; do
    replace="s/(^|[^A-Za-z])S(\$|[^A-Za-z])/\\1s-$format\\2/g"
    sed -E -e "$replace" -e "$replace" lines > "lines.$format" # twice: one may follow on another
    while IFS= read -r line; do
      echo "\$ $line"
      words=${line%% << *}
      case "$format $words" in
        # Before 8.6 a server does not tell of idempotent producers, and all that comes after it is numbered otherwise.
        redis\ info\ stream* | resp\ info\ stream*) continue ;;
      esac
      set -f
      # shellcheck disable=SC2086 # a line is words
      if [ "$words" = "$line" ]; then
        in_db "$1" -o "$format" --utc $words < /dev/null > out 2> err
      else
        printf '%s\n' "${line#* << }" | in_db "$1" -o "$format" --utc $words > out 2> err
      fi
      status=$?
      set +f
      # How long ago is not the same on both.
      case $words in
        xreadgroup*CLAIM* | xreadgroup*--claim*)
          sed -E -i -e 's/"idle":[0-9]+/"idle":AGE/' -e 's/3\) \(integer\) [0-9]+/3) AGE/' -e '/^:/{N;s/^:[0-9]+/AGE/}' out
          ;;
      esac
      sed -E -e 's/ +(<1|[0-9]+)[smh]$/ AGE/' -e 's/"idmp-duration".*"iids-duplicates":[0-9]*,//' -e 's/^/out: /' out
      sed 's/^/err: /' err
      echo "status: $status"
    done < "lines.$format"
  done
}
in_db same.db xadd s k=v > /dev/null
in_db same.db del s > /dev/null
run_all same.db > on_file
run_all "$url" > on_server
check 'over 300 lines were run' yes "$(if [ "$(grep -c '^\$ ' on_file)" -gt 300 ]; then echo yes; else echo no; fi)"
echo "# $(grep -c '^\$ ' on_file) lines"
diff -U 3 on_file on_server > difference
check 'all say the same on both' '' "$(head -n 100 difference)"

exit "$((failures > 0))"
