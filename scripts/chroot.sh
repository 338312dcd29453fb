# shellcheck shell=bash
# Shared by scripts that need another system than this one, which source this file. debootstrap, which needs root, makes
# the systems from this machine's mirror.

mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE -e 's/^URIs: *(\S*).*/\1/p' -e 's/^deb +(\[[^]]*\] +)?(\S+) .*/\2/p' | sed -n '/\/debian\/*$/p' || true)
  echo "${found:-http://deb.debian.org/debian}" | head -n 1
}

# Makes a bare system. Each step runs only if the one before went well, since `set -e` has no effect if a caller looks at
# the status.
make_root() { # FOLDER SUITE
  rm -rf "${1:?}"
  debootstrap --variant=minbase "$2" "$1" "$(mirror)" &&
    # The mirror may be a snapshot. No service may be started.
    printf 'Acquire::Check-Valid-Until "false";\nAcquire::Languages "none";\n' >"$1/etc/apt/apt.conf.d/99weir" &&
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" && chmod +x "$1/usr/sbin/policy-rc.d"
}

# Runs a command in the system. The mounts that maintainers' scripts and tests need are there only while it runs.
inside() { # FOLDER COMMAND…
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount --pid --fork --kill-child sh -c 'root=$1; shift
    mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" && mount -t devpts devpts "$root/dev/pts"
    exec chroot "$root" env -i HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' \
    sh "$@"
}
