# shellcheck shell=bash
# What scripts share that need another system than this one: sourced, not run. The systems are made by debootstrap, which
# needs root, from the mirror that this machine has.

mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE -e 's/^URIs: *(\S*).*/\1/p' -e 's/^deb +(\[[^]]*\] +)?(\S+) .*/\2/p' | sed -n '/\/debian\/*$/p' || true)
  echo "${found:-http://deb.debian.org/debian}" | head -n 1
}

# A bare system. Each step only if the one before went well: where its status is looked at, `set -e` does not hold.
make_root() { # FOLDER SUITE
  rm -rf "${1:?}"
  debootstrap --variant=minbase "$2" "$1" "$(mirror)" &&
    # The mirror may be a snapshot. Nothing is to be started.
    printf 'Acquire::Check-Valid-Until "false";\nAcquire::Languages "none";\n' >"$1/etc/apt/apt.conf.d/99weir" &&
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" && chmod +x "$1/usr/sbin/policy-rc.d"
}

# What maintainers' scripts and tests look for is there while a command runs, and gone with it.
inside() { # FOLDER COMMAND…
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount --pid --fork --kill-child sh -c 'root=$1; shift
    mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" && mount -t devpts devpts "$root/dev/pts"
    exec chroot "$root" env -i HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' \
    sh "$@"
}
