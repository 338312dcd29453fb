#!/bin/sh
# Builds a program in Go with Debian's packages, in FOLDER, then runs a command with the program as its last word.
# usage: with_go.sh FOLDER SOURCE COMMAND…
set -eu
folder=$1 source=$2
shift 2
mkdir -p "$folder"
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$folder/cache" /usr/bin/go build -o "$folder/program" "$source"
exec "$@" "$folder/program"
