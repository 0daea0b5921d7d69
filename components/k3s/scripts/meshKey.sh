# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The host's own key for the mesh: made here, and only its public half is told.

mesh_key() {
  doing="making the host's key for the mesh"
  lock_node mesh
  claim_host
  claim_mesh
  ensure_packages
  [ -s "$mesh_dir/$mesh.key" ] || wg genkey | write_file "$mesh_dir/$mesh.key" 600
  mesh_public=$(wg pubkey <"$mesh_dir/$mesh.key") || mesh_public=''
  [ -n "$mesh_public" ] ||
    fail "$node: $mesh_dir/$mesh.key is no WireGuard key; see the line above, remove it, and run up again: a new one is made"
  printf '%s\n' "$frame_begin" "$mesh_public" "$frame_end"
}
