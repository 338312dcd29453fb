#!/bin/sh
# shellcheck disable=SC2016 # what stands in single quotes is meant for others
# Without memory or threads a command ends with one sentence and status 5; no message is lost or half delivered.
# usage: file_memory_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"

limited() { # MEGABYTES COMMAND…
  python3 -c 'if True:
    import os, resource, sys
    most = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.execv(sys.argv[2], sys.argv[2:])' "$@"
}
limited 400 "$weir" --version > /dev/null 2>&1 || { echo 'skipped: this build needs very much memory by itself'; exit 0; }

value=$(head -c 6000000 /dev/zero | tr '\0' x)
printf '{"v":"%s"}\n' "$value" > line
printf '["XADD","b","*","v","%s"]\n["XRANGE","b","-","+"]\n' "$value" > batch.in
for _ in 1 2; do cat line; done | in_db full.db xadd s --quiet
in_db full.db group create s g 0 > /dev/null

# Each command with less and less memory: it does its work, or says that it cannot.
limits='40 48 56 66 400'
full=full.db
each() { # NAME COMMAND…: with its input in the file "input"
  name=$1
  shift
  bad=
  ends=
  for most in $limits; do
    rm -rf try.db*
    cp "$full" try.db
    limited "$most" "$weir" "$@" < input > out 2> err
    status=$?
    case $status in
      0) ends=${ends}0 ;;
      5)
        ends=${ends}5
        [ "$(grep -c '^weir: ' err)" = 1 ] && grep -q 'out of memory' err || bad="$bad $most:$(head -c 200 err)"
        # What is in the output is whole lines.
        [ -z "$(tail -c 1 out | tr -d '\n')" ] || bad="$bad $most:half a line"
        ;;
      127) continue ;; # not even the libraries could be loaded
      *) bad="$bad $most:$status:$(head -c 200 err)" ;;
    esac
    held=$(in_db try.db pending s g - + 10 2> /dev/null | grep -c '"consumer":"')
    case $name in
      *xreadgroup) check "$name at $most MB: what was not printed is with nobody" "$(grep -o '"deliveries"' out | wc -l)" "$held" ;;
      work) [ "$held" -le 1 ] || bad="$bad $most:$held messages are held, not only the one in hand" ;;
    esac
  done
  check "$name: with little memory it says so, with enough it goes" 'yes' \
    "$(case $ends in *5*0) echo yes ;; *) echo "$ends" ;; esac)"
  check "$name: it ends in no other way" '' "$bad"
}
WEIR_DB=$dir/try.db
export WEIR_DB
: > input
each xrange xrange s
each xreadgroup xreadgroup s --group g --consumer c
each copy copy full.db try.db s --replace
for _ in 1 2 3 4 5 6; do printf '{"v":"%s"}\n' "$(head -c 3000000 line | tail -c 2999990)"; done | in_db many.db xadd s --quiet
in_db many.db group create s g 0 > /dev/null
full=many.db
limits='33 37 39 41 43 400'
each work work s --group g --until-empty -- true
full=full.db
limits='40 48 56 66 400'
cp line input
each xadd xadd s
cp batch.in input
each batch batch
echo '["XREADGROUP","GROUP","g","c","COUNT","2","STREAMS","s",">"]' > input
each 'batch xreadgroup' batch
each 'batch --atomic xreadgroup' batch --atomic
{ echo MULTI; cat input; echo EXEC; } > multi
mv multi input
each 'batch MULTI xreadgroup' batch

### Paths that cannot be looked at
ln -s loop.db loop.db
for to in "$dir/$(printf '%0300d' 0)" loop.db; do
  in_db full.db copy full.db "$to" s --dry-run > out 2> err
  check 'a dry run says why it cannot look at its target' '5 1' "$? $(grep -c '^weir: ' err)"
done

### No more threads, which root has without end
if [ "$(id -u)" = 0 ]; then
  mkdir shared
  chmod 777 shared
  chmod 755 .
  cp "$weir" shared/weir
  cat > among.py <<'END'
# PROCESSES COMMAND…: as somebody who may have so many, threads counted, until allow.py gives more
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NPROC, (int(sys.argv[1]), 100))
os.setgid(54321)
os.setuid(54321)
os.execv(sys.argv[2], sys.argv[2:])
END
  cat > allow.py <<'END'
import os, resource, sys
os.setgid(54321)
os.setuid(54321)
resource.prlimit(int(sys.argv[1]), resource.RLIMIT_NPROC, (100, 100))
END
  alone() { python3 ../among.py 1 "$dir/shared/weir" "$@"; }
  cd shared || exit 1
  seq 300000 | sed 's/.*/{"n":"&"}/' | alone --db q.db xadd s --quiet 2> err
  check 'a bulk append needs no second thread' '0 300000' "$? $(cat err)$(alone --db q.db xlen s)"
  alone copy q.db copy.db s > out 2> err
  check 'nor does a copy' '0 300000' "$? $(cat err)$(alone --db copy.db xlen s)"
  alone --db q.db xreadgroup s --group g --consumer c --create --count 1 --block 1s > out 2> err
  check 'nor a reader' '0 1' "$? $(cat err)$(wc -l < out | tr -d ' ')"

  alone --db q.db work s --group w --until-empty -- true > out 2> err
  check 'a worker says that it cannot start, and takes nothing' '5 weir: cannot start: Resource temporarily unavailable 0' \
    "$? $(cat err) $(in_db q.db info groups s | grep -c '"name":"w"')"
  # With the small process that guards its commands, but without room for a thread or a command.
  python3 ../among.py 2 "$dir/shared/weir" --db jobs.db work s --group w -- sh -c 'echo "$WEIR_DELIVERIES" >> ran' 2> err &
  worker=$!
  workers=$worker
  has_group() { in_db jobs.db info groups s 2> /dev/null | grep -q '"name":"w"'; }
  until_true has_group
  in_db jobs.db xadd s a=b > /dev/null
  until_true grep -q 'cannot start the command now: Resource temporarily unavailable' err
  python3 ../allow.py "$worker"
  until_true test -s ran
  kill -TERM "$worker"
  wait "$worker"
  check 'a worker without room for a command goes on when there is some' '0 1 2' "$? $(cat ran) $(wc -l < err | tr -d ' ')"
else
  echo 'skipped: only root can take threads from somebody else'
fi
[ "$failures" = 0 ]
