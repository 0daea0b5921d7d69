#!/bin/sh
# Builds hollow k3s as OUT. The first build compiles all of Kubernetes (about
# 12 minutes of two cores); Go's cache makes the next one a matter of seconds.
# What the result depends on is this folder alone, so a caller can cache it by
# the folder's content.
set -eu

usage() {
  echo "usage: build.sh OUT" >&2
  exit 2
}

[ $# -eq 1 ] || usage
case $1 in
  /*) out=$1 ;;
  *) out=$PWD/$1 ;;
esac

cd "$(dirname "$0")"
command -v go >/dev/null || {
  echo "build.sh: Go is needed (see go.mod for the version)" >&2
  exit 1
}

# Without cgo the binary runs on every host of the architecture; -trimpath
# keeps paths of this machine out of it. -buildvcs=false: the commit is not
# part of the content.
CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w' -o "$out.building" .
mv "$out.building" "$out"
