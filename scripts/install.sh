#!/bin/sh
# install.sh [--uninstall] [PREFIX]: installs the contents of this folder: weir, its manual pages, its completions for
# bash, zsh and fish, its documents. PREFIX: the argument, else $PREFIX, else /usr/local. With $DESTDIR everything goes
# below that folder, for packaging. --uninstall removes only what this version has installed.
set -eu
umask 022

refuse() { # WHAT [WHAT-TO-DO]
  printf 'install.sh: %s\n' "$@" >&2
  exit 1
}
usage() {
  echo 'usage: install.sh [--uninstall] [PREFIX]   (PREFIX: /usr/local unless the variable PREFIX says another)'
}

action=install
prefix=
for word in "$@"; do
  case $word in
    --uninstall) action=uninstall ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) [ -z "$prefix" ] || { usage >&2; exit 2; }
       prefix=$word ;;
  esac
done
prefix=${prefix:-${PREFIX:-/usr/local}}
for folder in "$prefix" ${DESTDIR:+"$DESTDIR"}; do
  case $folder in /*) ;; *) refuse "'$folder' is not an absolute path" ;; esac
done
root=${DESTDIR:-}
root=${root%/}
[ "$prefix" = / ] || prefix=${prefix%/}
to=$root${prefix%/}

cd "$(dirname "$0")"
[ -f bin/weir ] || refuse "there is no bin/weir beside it: run it where the archive was unpacked"

# The names contain no blanks.
files=$(find bin share -type f | LC_ALL=C sort)
# Debian's zsh has a folder of its own for completions below /usr.
target_of() { # FILE
  case $prefix/$1 in
    /usr/share/zsh/site-functions/*)
      if [ -d "$root/usr/share/zsh/vendor-completions" ]; then
        echo "$to/share/zsh/vendor-completions/${1##*/}"
        return
      fi ;;
  esac
  echo "$to/$1"
}
nearest() { # FOLDER: itself if it exists, else its nearest existing parent
  found=$1
  until [ -e "$found" ] || [ -L "$found" ]; do found=$(dirname "$found"); done
  echo "$found"
}

# Checks first that everything can be installed.
for file in $files; do
  target=$(target_of "$file")
  folder=$(nearest "$(dirname "$target")")
  [ -d "$folder" ] || refuse "$folder is not a folder"
  [ ! -d "$target" ] || refuse "$target is a folder"
  if [ "$action" = install ] || [ -e "$target" ] || [ -L "$target" ]; then
    [ -w "$folder" ] || refuse "no right to write in $folder" \
      "run it as root, or give a folder of your own: ./install.sh $([ "$action" = install ] || echo '--uninstall ')\"\$HOME/.local\""
  fi
done

if [ "$action" = uninstall ]; then
  gone=0
  for file in $files; do
    target=$(target_of "$file")
    if [ -e "$target" ] || [ -L "$target" ]; then
      rm -f "$target"
      gone=$((gone + 1))
    fi
  done
  # Only weir's own folders are removed.
  find share/doc/weir -depth -type d | while read -r folder; do
    rmdir "$to/$folder" 2>/dev/null || :
  done
  echo "removed $gone files below ${to:-/}"
  exit 0
fi

# Each file is written beside its place and then moved, so that a running weir goes on, and nobody sees half a file.
partial=
trap '[ -z "$partial" ] || rm -f "$partial"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for file in $files; do
  target=$(target_of "$file")
  mkdir -p "$(dirname "$target")"
  mode=644
  [ ! -x "$file" ] || mode=755
  partial=$target.new.$$
  cp "$file" "$partial"
  chmod "$mode" "$partial"
  mv -f "$partial" "$target"
  partial=
done

version=$(bin/weir --version 2>/dev/null | head -n 1)
printf '%s\n' "installed ${version:-weir} below ${to:-/}:" \
  "  the program        $to/bin/weir" \
  "  manual pages       $to/share/man (man weir)" \
  "  completions        bash, zsh ($(dirname "$(target_of share/zsh/site-functions/_weir)")) and fish" \
  "  documents          $to/share/doc/weir"
[ -z "$root" ] || exit 0
case :$PATH: in
  *:"$prefix/bin":*) ;;
  *) echo "$prefix/bin is not in PATH: add it, as in PATH=$prefix/bin:\$PATH" ;;
esac
case $prefix in
  /usr | /usr/local) ;;
  *) echo "for zsh: fpath=($prefix/share/zsh/site-functions \$fpath), before compinit" ;;
esac
echo "to remove it: $PWD/install.sh --uninstall $prefix"
