# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# How a host of the cluster is, a fact a line. It only asks; what it means is decided by who asked (operate/doctor).

doctor() {
  doing='looking at the host'
  [ "$(id -u)" = 0 ] || fail "$node: not root; let ssh.user be root or one who may use sudo without a password"
  read_mark
  tell_unit
  tell_disk
  tell_certificates
  tell_mesh
  [ ! -e "$state_dir/leaving" ] || say 'left=leaving'
  [ ! -e "$state_dir/restart-pending" ] || say 'left=restart-pending'
  [ -z "$mark_adopting" ] || say 'left=adopting'
  if [ "$role" = server ]; then
    tell_etcd
    tell_snapshot
  fi
  say 'looked=yes'
}

tell_unit() {
  unit=k3s
  [ "$role" = server ] || unit=k3s-agent
  # It says the state and fails for all but one of them; without a word the question itself has failed.
  active=$(systemctl is-active "$unit") || [ -n "$active" ] || fail "$node: systemd does not say how $unit is; see the line above"
  say "unit=$unit|$active"
}

# The file system that k3s's images, volumes and etcd lie on: KiB in all, KiB free, inodes free in percent.
tell_disk() {
  place=$data_dir
  while [ ! -d "$place" ]; do place=$(dirname "$place"); done
  blocks=$(df -Pk "$place") || fail "$node: df does not tell about $place; see the line above"
  blocks=$(printf '%s\n' "$blocks" | awk 'NR == 2 { print $2 "|" $4 }')
  # Not every file system counts them.
  inodes=$(df -Pi "$place" 2>/dev/null) || inodes=''
  inodes=$(printf '%s\n' "$inodes" | awk 'NR == 2 && $2 > 0 { print int($4 * 100 / $2) }')
  say "disk=$place|$blocks|$inodes"
}

# The mesh's peers by the names that its file gives them, and how long ago each was heard of, in seconds; `never` where it was not.
tell_mesh() {
  [ -n "${mesh:-}" ] || return 0
  [ -e "/sys/class/net/$mesh" ] || { say 'mesh=gone'; return 0; }
  latest=$(wg show "$mesh" latest-handshakes) || fail "$node: the peers of $mesh are not told; see the line above"
  names=$(awk '/^# / { name = $2 } /^PublicKey = / { print $3, name }' "/etc/wireguard/$mesh.conf") || fail "$node: /etc/wireguard/$mesh.conf cannot be read; see the line above"
  now=$(date +%s)
  printf '%s\n' "$names" | while read -r key name; do
    at=$(printf '%s\n' "$latest" | while read -r peer seconds; do [ "$peer" != "$key" ] || echo "$seconds"; done)
    say "mesh=$name|$([ "${at:-0}" = 0 ] && echo never || echo $((now - at)))"
  done
}

# Certificates are no secrets; their keys lie beside them and are not read.
tell_certificates() {
  for file in "$data_dir"/server/tls/*.crt "$data_dir"/server/tls/etcd/*.crt "$data_dir"/agent/*.crt; do
    [ -s "$file" ] || continue
    text=$(base64 <"$file") || fail "$node: $file cannot be read; see the line above"
    say "certificate=${file#"$data_dir/"}|$(printf %s "$text" | tr -d '\n')"
  done
}

# etcd tells of itself on loopback (k3s: pkg/etcd/etcd.go, listenMetricsURLs), where no certificate is asked for.
tell_etcd() {
  [ -d "$data_dir/server/db/etcd" ] || return 0
  for at in 127.0.0.1 '[::1]'; do
    metrics=$(fetch_text "http://$at:2381/metrics") || continue
    printf '%s\n' "$metrics" | sed -n \
      -e 's/^etcd_server_has_leader \([0-9.e+]*\)$/etcd=leader|\1/p' \
      -e 's/^etcd_server_is_learner \([0-9.e+]*\)$/etcd=learner|\1/p' \
      -e 's/^etcd_mvcc_db_total_size_in_bytes \([0-9.e+]*\)$/etcd=size|\1/p' \
      -e 's/^etcd_server_quota_backend_bytes \([0-9.e+]*\)$/etcd=quota|\1/p' \
      -e 's/^etcd_network_known_peers{.*Remote="\([^"]*\)".*} 1$/etcd=member|\1/p'
    # Not 200 where it is not well, so what it says counts and not whether it was fetched well.
    health=$(fetch_body "http://$at:2381/health") || true
    say "etcd=health|$health"
    return 0
  done
  say 'etcd=silent|'
}
fetch_text() {
  if command -v curl >/dev/null; then curl -fsS -m 10 "$1" 2>/dev/null; else wget -q -T 10 -O - "$1" 2>/dev/null; fi
}
fetch_body() {
  if command -v curl >/dev/null; then curl -sS -m 10 "$1" 2>/dev/null; else wget -q -T 10 -O - --content-on-error "$1" 2>/dev/null; fi
}

# The newest one: when, and how large.
tell_snapshot() {
  [ -d "$snapshot_dir" ] || { say 'snapshot=none'; return 0; }
  found=$(find "$snapshot_dir" -maxdepth 1 -type f -size +0 -exec stat -c '%Y|%s|%n' {} +) || fail "$node: $snapshot_dir cannot be read; see the line above"
  found=$(printf '%s\n' "$found" | sort -rn | head -n 1)
  say "snapshot=${found:-none}"
}
