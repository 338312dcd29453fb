# shellcheck shell=bash
# shellcheck disable=SC2034  # read by the scripts that source this
# The Debian packages that each script needs. The scripts source this file.
build_packages=(cmake g++ ninja-build libcli11-dev libsqlite3-dev libfmt-dev libsimdjson-dev libexpected-dev libhiredis-dev libssl-dev libxxhash-dev libncurses-dev)
# Clients of Redis in several languages.
client_packages=(python3-redis python3-hiredis libredis-perl ruby-redis php-cli php-redis golang-go golang-github-gomodule-redigo-dev)
test_packages=("${build_packages[@]}" catch2 python3 redis-server redis-tools sqlite3 jq tmux mandoc bash-completion zsh fish dpkg-dev lintian file procps monitoring-plugins-basic "${client_packages[@]}")
check_packages=(clang-format shellcheck spin gcc)
fuzz_packages=(clang libclang-rt-dev)
judges_packages=(debootstrap openssl)
bench_packages=(python3 redis-server redis-tools sqlite3 hyperfine valgrind faketime binutils dpkg-dev gnuplot-nox linux-perf)
archive_packages=("${build_packages[@]}" python3 binutils git ca-certificates)
