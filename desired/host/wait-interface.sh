#!/bin/sh
# wait-interface INTERFACE SECONDS: k3s must not start before its interface has an address, and must not wait forever for it.
set -eu
interface=$1
limit=$2
spent=0
until ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; do
  if [ "$spent" -ge "$limit" ]; then
    echo "$interface has no address after $limit s; k3s cannot start without it" >&2
    exit 1
  fi
  [ "$spent" -gt 0 ] || echo "waiting up to $limit s for an address on $interface"
  sleep 1
  spent=$((spent + 1))
done
[ "$spent" -eq 0 ] || echo "$interface has an address after $spent s"
