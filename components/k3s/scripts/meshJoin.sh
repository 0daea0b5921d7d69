# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The interface of the mesh, and its peers.

mesh_drops=groundwork-mesh-drop   # units that wait until a peer that left is silent

mesh() {
  doing='putting the host into the mesh'
  lock_node mesh
  claim_host
  claim_mesh
  ensure_packages
  need_scratch
  # What read_peers finds wrong must not be lost in a pipe.
  read_peers >"$scratch/peers" || exit 1
  mesh_conf >"$scratch/conf" || exit 1
  write_file "$mesh_dir/$mesh.conf" 600 <"$scratch/conf"
  mesh_changed=$differs
  systemctl is-enabled -q "wg-quick@$mesh" 2>/dev/null || systemctl enable -q "wg-quick@$mesh" ||
    fail "$node: wg-quick@$mesh cannot be enabled; see the line above"
  if [ -e "/sys/class/net/$mesh" ]; then
    change_mesh
  else
    ensure_wireguard
    # As systemd has it, it may have run already: then its interface was taken away.
    systemctl restart "wg-quick@$mesh" || mesh_is_down
    [ -e "/sys/class/net/$mesh" ] || mesh_is_down
    mesh_changed=yes
  fi
  drop_peers
  [ "$mesh_changed" = no ] || say "$node is in the mesh as ${mesh_address%/*}, with $(grep -c . <"$scratch/peers") peers"
}
mesh_is_down() {
  journalctl -u "wg-quick@$mesh" -n 8 --no-pager -o cat >&2 || true # the rest is said all the same
  fail "$node: the interface $mesh does not come up; the host's own lines are above, the rest in 'journalctl -u wg-quick@$mesh'"
}

# Takes the mesh off the host. It goes last, after k3s, so whose it is stands in its own file.
unmesh() {
  doing='taking the host out of the mesh'
  lock_node unmesh
  set -- "$mesh_dir"/*.conf
  for conf; do
    grep -qsxF "$mesh_mark" "$conf" || continue
    name=${conf##*/}
    name=${name%.conf}
    stop_drops
    systemctl disable --now -q "wg-quick@$name" || fail "$node: wg-quick@$name cannot be stopped; see the line above"
    [ ! -e "/sys/class/net/$name" ] || ip link delete dev "$name" || fail "$node: the interface $name stays; see the line above"
    rm -f "$conf" "$mesh_dir/$name.key" || cannot_write "$conf"
    say "$node is out of the mesh"
  done
}

# wg-quick takes wireguard-go where the kernel has none: it works, and is slower.
ensure_wireguard() {
  if ip link add dev "$mesh" type wireguard 2>/dev/null; then
    ip link delete dev "$mesh" || fail "$node: the interface $mesh stays; see the line above"
    return 0
  fi
  packages=wireguard-go
  has_package wireguard-go || [ "$prepare_hosts" = no ] || ensure_packages
  has_package wireguard-go ||
    fail "$node: the kernel has no WireGuard, nor is wireguard-go installed; install the kernel's module, or wireguard-go, and run up again"
  warn "$node: the kernel has no WireGuard, so wireguard-go takes its place, which is slower"
}

# A line for each peer: NAME ADDRESSES ENDPOINT KEY.
read_peers() {
  printf '%s\n' "$mesh_nodes" | while read -r name route endpoint; do
    [ -n "$name" ] || continue
    key=''
    for pair in $mesh_keys; do [ "${pair%%=*}" != "$name" ] || key=${pair#*=}; done
    [ -n "$key" ] || fail "$node: the public key of $name is not known; run up without --target"
    printf '%s %s %s %s\n' "$name" "$route" "$endpoint" "$key"
  done || return 1
  printf '%s\n' "$mesh_peers" | grep . || true # none is as well
}

# The whole truth, for the next boot.
mesh_conf() {
  printf '%s\n' "# Made by Groundwork from network.wireguard and nodes; a change here is lost with the next one there." "$mesh_mark" '' \
    '[Interface]' "Address = $(printf %s "$mesh_address" | sed 's/ /, /')" "ListenPort = $mesh_port"
  [ -z "$mesh_mtu" ] || printf 'MTU = %s\n' "$mesh_mtu"
  private=$(cat "$mesh_dir/$mesh.key") || fail "$node: $mesh_dir/$mesh.key cannot be read; see the line above. Run up without --target"
  printf 'PrivateKey = %s\n' "$private" # printf is the shell's own: no process has it as an argument
  while read -r name route endpoint key; do
    printf '\n# %s\n[Peer]\nPublicKey = %s\nAllowedIPs = %s\nPersistentKeepalive = %s\n' "$name" "$key" "$route" "$mesh_keepalive"
    [ "$endpoint" = none ] || printf 'Endpoint = %s\n' "$endpoint"
  done <"$scratch/peers"
}

# change_mesh: the interface that is there becomes what the file says, and is not re-created: k3s would restart. An address that a node
# had before stays with it until it boots, so that etcd reaches it until its turn comes.
change_mesh() {
  wg set "$mesh" listen-port "$mesh_port" private-key "$mesh_dir/$mesh.key" || not_taken
  addresses_there=$(ip -o addr show dev "$mesh") || fail "$node: the addresses of $mesh are not told; see the line above"
  for address in $mesh_address; do
    case $addresses_there in
      *" $address "*) ;;
      *) ip addr add "$address" dev "$mesh" || not_taken; mesh_changed=yes ;;
    esac
  done
  [ -z "$mesh_mtu" ] || ip link set dev "$mesh" mtu "$mesh_mtu" || not_taken
  ip link set dev "$mesh" up || not_taken
  wg show "$mesh" allowed-ips >"$scratch/routes" || fail "$node: the peers of $mesh are not told; see the line above"
  while read -r name route endpoint key; do
    before=$(awk -v key="$key" -v route="$route" '$1 == key { for (at = 2; at <= NF; at++) if (!index("," route ",", "," $at ",") && $at != "(none)") printf ",%s", $at }' "$scratch/routes")
    set -- peer "$key" allowed-ips "$route$before" persistent-keepalive "$mesh_keepalive"
    [ "$endpoint" = none ] || set -- "$@" endpoint "$endpoint"
    wg set "$mesh" "$@" || fail "$node: the mesh does not take the peer $name ($endpoint); see the line above, and correct its endpoint or address"
  done <"$scratch/peers"
}
not_taken() { fail "$node: the interface $mesh does not take its settings; see the line above"; }

# drop_peers: a machine that is no peer any more may still have to leave the cluster over its tunnel. It is let go when it has been silent
# for longer than two handshakes take (180 s each, wireguard.com/protocol), and after an hour in any case.
drop_peers() {
  stop_drops
  wg show "$mesh" peers >"$scratch/live" || fail "$node: the peers of $mesh are not told; see the line above"
  while read -r key; do
    ! grep -qF " $key" "$scratch/peers" || continue
    # A unit's name takes no / and no +.
    drop_unit=$mesh_drops-$(printf %s "$key" | sha256sum | cut -c 1-12)
    # shellcheck disable=SC2016 # for the unit's own shell
    systemd-run -q --collect --unit="$drop_unit" /bin/sh -c '
      waited=0
      while [ "$waited" -lt 3600 ]; do
        last=$(wg show "$1" latest-handshakes | while read -r key seconds; do [ "$key" != "$2" ] || echo "$seconds"; done)
        [ -n "$last" ] || exit 0
        [ $(($(date +%s) - last)) -lt 360 ] || break
        sleep 10
        waited=$((waited + 10))
      done
      exec wg set "$1" peer "$2" remove' sh "$mesh" "$key" || fail "$node: a peer that left is not let go; see the line above"
    mesh_changed=yes
  done <"$scratch/live"
}
stop_drops() {
  systemctl stop "$mesh_drops-*" || fail "$node: $mesh_drops cannot be stopped; see the line above"
}
