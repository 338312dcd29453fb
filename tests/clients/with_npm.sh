#!/bin/sh
# Runs a command that uses an npm package. Installs the package in FOLDER if it is not there; exits with 77 if that is
# not possible.
# usage: with_npm.sh FOLDER PACKAGE@VERSION COMMAND…
set -u
folder=$1 package=$2
shift 2
skip() { echo "SKIPPED: $*"; exit 77; }
command -v npm > /dev/null || skip "there is no npm"
mkdir -p "$folder/$package" || exit 1
folder=$(realpath "$folder/$package")
if [ ! -e "$folder/installed" ]; then
  (cd "$folder" && npm install --prefix "$folder" --no-audit --no-fund --fetch-retries 1 --fetch-timeout 30000 "$package" > npm.log 2>&1) ||
    skip "npm cannot install $package: $(tail -n 1 "$folder/npm.log")"
  touch "$folder/installed"
fi
NODE_PATH=$folder/node_modules
export NODE_PATH
exec "$@"
