#!/bin/sh
# The archive and its install.sh. usage: install_test.sh WEIR SOURCE BUILD
source=$(realpath "$2")
build=$(realpath "$3")
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
umask 077 # what is installed is for all, whoever installs it
unset PREFIX DESTDIR

"$source/scripts/pack-archive" "$build" . > packed
archive=$(cat packed)
cp "$archive" first
"$source/scripts/pack-archive" "$build" . > packed
check "the same build gives the same bytes" 0 "$(cmp "$archive" first > /dev/null 2>&1; echo $?)"
version=$("$weir" --version | head -n 1 | cut -d ' ' -f 2)
check "its name" "weir-$version-linux-$(uname -m).tar.gz" "$(basename "$archive")"
check "one folder is in it, and nothing leaves it" "weir-$version-linux-$(uname -m)" "$(tar -tf "$archive" | cut -d / -f 1 | sort -u)"
mkdir "a folder"
tar -xf "$archive" -C "a folder" --strip-components=1
unpacked="$dir/a folder"
install() { "$unpacked/install.sh" "$@" > out 2> err; echo $?; }
listed() { (cd "$1" && find . -type f | sort); }

check "it runs where it was unpacked" "weir $version" "$("$unpacked/bin/weir" --version | head -n 1)"
check "to a folder" 0 "$(install "$dir/first place")"
check "it says where the program is" 1 "$(grep -c "first place/bin/weir" out)"
check "that PATH lacks it" 1 "$(grep -c 'is not in PATH' out)"
check "what is installed runs" "weir $version" "$("first place/bin/weir" --version | head -n 1)"
check "all of it is there" "$(cd "$unpacked" && find ./bin ./share -type f | sort)" "$(listed "first place")"
check "for all to read" '' "$(find "first place" ! -perm -o=r)"
check "the program is for all to run" 755 "$(stat -c %a "first place/bin/weir")"
check "pages of the manual" '' "$(find "$source/man" -type f -printf '%f\n' | while read -r page; do
  [ -s "first place/share/man/man${page##*.}/$page" ] || echo "$page"
done)"
for file in bash-completion/completions/weir zsh/site-functions/_weir fish/vendor_completions.d/weir.fish; do
  check "completions: $file" 1 "$(grep -c __complete "first place/share/$file" | sed 's/^[1-9].*/1/')"
done

echo mine > "first place/bin/other"
in_db q.db xadd s a=b > /dev/null
"first place/bin/weir" --db q.db xread s --after '$' --follow > followed 2> /dev/null &
workers=$!
until_true test "$dir/first place/bin/weir" -ef "/proc/$workers/exe"
check "again, while it runs" 0 "$(install "$dir/first place")"
kill "$workers"
wait "$workers" 2> /dev/null
workers=
check "nothing half is left" '' "$(find "first place" -name '*.new.*')"
check "away with it" 0 "$(install --uninstall "$dir/first place")"
check "others' files stay" ./bin/other "$(listed "first place")"
check "away with what is not there" "0 removed 0 files below $dir/first place" "$(install --uninstall "$dir/first place") $(cat out)"

check "the variable PREFIX" "0 yes" "$(PREFIX=$dir/second install) $([ -x second/bin/weir ] && echo yes)"
check "DESTDIR" "0 yes" "$(DESTDIR=$dir/image PREFIX=/opt/weir install) $([ -x image/opt/weir/bin/weir ] && echo yes)"
mkdir -p debian/usr/share/zsh/vendor-completions
check "below /usr zsh has Debian's folder" "0 yes" \
  "$(DESTDIR=$dir/debian install /usr) $([ -e debian/usr/share/zsh/vendor-completions/_weir ] && echo yes)"
check "which uninstalling knows" "0 " "$(DESTDIR=$dir/debian install --uninstall /usr) $(find debian -type f)"

check "a relative folder" "1 install.sh: 'third' is not an absolute path" "$(install third) $(cat err)"
check "two folders" 2 "$(install /a /b)"
check "an option that it does not know" 2 "$(install --force)"
check "help" "0 usage:" "$(install --help) $(cut -d ' ' -f 1 out)"
touch plain-file
check "a file where a folder belongs" "1 install.sh: $dir/plain-file is not a folder" "$(install "$dir/plain-file") $(cat err)"

# Without rights it begins nothing.
mkdir closed
chmod 755 closed . "$unpacked"
as_other() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
  as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
else
  chmod 555 closed
fi
if as_other test -x "$unpacked/install.sh"; then
  as_other "$unpacked/install.sh" "$dir/closed" > out 2> err
  check "without rights" "1 install.sh: no right to write in $dir/closed" "$? $(head -n 1 err)"
  check "it says what to do" 1 "$(grep -c "^install.sh: run it as root, or give a folder of your own: " err)"
  check "and nothing is there" '' "$(find closed -type f)"
else
  echo "skipped: $dir cannot be reached by another user"
fi
exit "$failures"
