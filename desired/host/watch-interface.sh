#!/bin/sh
# watch-interface INTERFACE SERVICE: the kernel drops flannel's VXLAN devices together with the interface below them, and k3s before
# 1.33.13, 1.34.9, 1.35.6 and 1.36.2 does not make them again (k3s#12436, k3s#14142). Polled, because udev is not on every host.
# Only a device that was there before is missed: an IPv4 cluster has flannel.1, an IPv6 one flannel-v6.1, one of both has both.
set -eu
interface=$1
service=$2
seen_dir=/run/groundwork/flannel
missing=0
mkdir -p "$seen_dir"
while sleep 5; do
  gone=''
  for device in flannel.1 flannel-v6.1; do
    if [ -e "/sys/class/net/$device" ]; then
      : >"$seen_dir/$device"
    elif [ -e "$seen_dir/$device" ]; then
      gone="$gone $device"
    fi
  done
  if [ -z "$gone" ] || ! systemctl is-active -q "$service" ||
    ! ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; then
    missing=0
    continue
  fi
  # A k3s that mends it by itself needs up to 30 s, and then some to be seen.
  missing=$((missing + 1))
  [ "$missing" -ge 10 ] || continue
  echo "$interface came back but$gone did not: restarting $service"
  systemctl restart --no-block "$service"
  missing=0
done
