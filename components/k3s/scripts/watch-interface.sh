#!/bin/sh
# watch-interface INTERFACE SERVICE: the kernel drops flannel's VXLAN device together with the interface below it, and k3s before
# 1.33.13, 1.34.9, 1.35.6 and 1.36.2 does not make it again (k3s#12436, k3s#14142). Polled, because udev is not on every host.
set -eu
interface=$1
service=$2
missing=0
while sleep 5; do
  if [ -e /sys/class/net/flannel.1 ] || ! systemctl is-active -q "$service" ||
    ! ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; then
    missing=0
    continue
  fi
  # A k3s that mends it by itself gets the time to do so.
  missing=$((missing + 1))
  [ "$missing" -ge 4 ] || continue
  echo "$interface came back but flannel.1 did not: restarting $service"
  systemctl restart --no-block "$service"
  missing=0
done
