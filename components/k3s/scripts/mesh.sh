# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The WireGuard mesh: an interface of ours, which wg-quick brings up. The key is made here and never leaves the host; a peer comes and
# goes while the interface stays, so that k3s notices nothing.

mesh_dir=/etc/wireguard
mesh_mark="# Groundwork: node $node of stack $stack (project $project)"

note_change() { :; } # what changes in the mesh is said below

# A configuration or an interface of this name that is not ours is somebody's VPN.
claim_mesh() {
  for conf in "$mesh_dir"/*.conf; do
    [ "$conf" = "$mesh_dir/$mesh.conf" ] || ! grep -qsxF "$mesh_mark" "$conf" ||
      fail "$node: its mesh has the interface of $conf, and a mesh that nodes use is not renamed; write that name as network.wireguard.interface, or take network.wireguard out, run up, and bring it back"
  done
  if [ -e "$mesh_dir/$mesh.conf" ]; then
    grep -qxF "$mesh_mark" "$mesh_dir/$mesh.conf" ||
      fail "$node: $mesh_dir/$mesh.conf is not Groundwork's; nothing was touched. Write another name as network.wireguard.interface"
  elif [ -e "/sys/class/net/$mesh" ]; then
    fail "$node: there is an interface $mesh that is not Groundwork's; nothing was touched. Write another name as network.wireguard.interface"
  fi
}
