# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Makes the host fit for k3s and for the storage that the stack asks for.

# The directory of snapshots that the settings name: k3s makes its own default only (k3s-io/k3s pkg/etcd/snapshot.go, snapshotDir).
make_snapshot_place() {
  [ -n "${snapshot_dir:-}" ] && [ ! -d "$snapshot_dir" ] || return 0
  { mkdir -p "$snapshot_dir" && chmod 700 "$snapshot_dir"; } || cannot_write "$snapshot_dir"
  say "made $snapshot_dir"
}

prepare() {
  make_snapshot_place
  if [ "$swap_off" = yes ]; then mask_swap; else give_swap_back; fi
  [ "$prepare_hosts" = yes ] || return 0
  load_modules
}

# k3s runs with swap on, so it is left alone unless asked. A masked unit stays off over a reboot, whoever wrote it; fstab is the
# host's own. What was masked is written down first, for the day when k3s goes.
mask_swap() {
  swaps=''
  ask swaps systemctl list-units --all --type=swap --no-legend --plain
  for unit in $(printf '%s\n' "$swaps" | awk '{ print $1 }'); do
    [ "$(systemctl is-enabled "$unit" 2>/dev/null)" != masked ] || continue
    if ! grep -qxs "$unit" "$state_dir/swap-masked"; then
      swaps_masked=$({ [ ! -e "$state_dir/swap-masked" ] || cat "$state_dir/swap-masked"; } && echo "$unit") ||
        fail "$node: $state_dir/swap-masked cannot be read; see the line above"
      printf '%s\n' "$swaps_masked" | write_file "$state_dir/swap-masked" 644
    fi
    systemctl mask --now "$unit" >/dev/null || fail "$node: $unit cannot be switched off; see the line above"
    say "switched off $unit"
    note_change swap
  done
}

# The setting was taken back: what it masked is the host's own again.
give_swap_back() {
  [ -s "$state_dir/swap-masked" ] || return 0
  while IFS= read -r unit; do
    systemctl unmask "$unit" >/dev/null || fail "$node: $unit stays masked; see the line above"
    # It waits for the disk, which may be gone.
    systemctl start --no-block "$unit" || warn "$node: $unit is unmasked, and does not start; see the line above"
    say "switched on $unit"
  done <"$state_dir/swap-masked"
  rm -f "$state_dir/swap-masked" || cannot_write "$state_dir/swap-masked"
  note_change swap
}

load_modules() {
  for module in br_netfilter overlay; do
    # Built into some kernels, and not to be loaded in containers: what counts is checked below, and by k3s.
    modprobe -q "$module" 2>/dev/null || true
  done
  sysctl -q -p /etc/sysctl.d/90-groundwork.conf || warn "$node: not every line of /etc/sysctl.d/90-groundwork.conf could be set; see above"
  [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || fail "$node: net.ipv4.ip_forward stays 0; pods could not reach other nodes"
}
