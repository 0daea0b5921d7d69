# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# From one version of k3s to another: etcd's data goes forward only, and a minor release at a time.

version_of() { "$1" --version 2>/dev/null | awk 'NR == 1 { print $3 }'; }
installed_version() { version_of "$binary"; }
minor_of() { printf %s "$1" | sed -n 's/^v\{0,1\}[0-9]*\.\([0-9]*\)\..*/\1/p'; }

# Kubernetes' version skew policy: servers do not skip a minor release, and never go back one.
check_version() {
  [ -x "$binary" ] || return 0
  [ "$(cut -d ' ' -f 1 "$stamp" 2>/dev/null)" != "$k3s_version" ] || return 0
  installed=$(installed_version)
  from=$(minor_of "$installed") to=$(minor_of "$k3s_version")
  [ -n "$from" ] && [ "$role" = server ] || return 0
  if [ "$to" -gt $((from + 1)) ]; then
    problem "$k3s_version skips a minor release: $installed runs here, and servers go up by one at a time; set k3s.version to a 1.$((from + 1)) release first"
  elif [ "$to" -lt "$from" ]; then
    problem "$k3s_version is an older minor release than $installed, which runs here, and etcd's data cannot go back; keep k3s.version at 1.$from or newer, or restore a snapshot of 1.$to$(known_snapshot)"
  fi
}
known_snapshot() {
  newest=$(newest_snapshot)
  [ -z "$newest" ] || printf ' (the newest here is %s)' "$newest"
}

snapshots=$state_dir/snapshots   # not what uninstall deletes
newest_snapshot() { find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' 2>/dev/null | sort | tail -n 1; }

# Before another version opens etcd's data: a copy that the version before can read. With the token that opens it, for root only.
snapshot_before_version() {
  [ "$role" = server ] && [ -x "$binary" ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  installed=$(installed_version)
  [ "$installed" != "$k3s_version" ] || return 0
  [ ! -e "$pending" ] || [ ! -s "$snapshots/for-$k3s_version" ] || return 0 # an earlier run has made it
  need_scratch
  name=before-$k3s_version-$(date -u +%Y%m%d%H%M%S)
  { mkdir -p "$snapshots" && chmod 700 "$snapshots"; } || cannot_write "$snapshots/$name"
  if systemctl is-active -q k3s; then
    say "saving a snapshot of etcd before $k3s_version"
    k3s etcd-snapshot save --name "$name" --etcd-snapshot-dir "$snapshots" >"$scratch/snapshot" 2>&1 || true
    # k3s ends with 0 also where it could not write the file, so only the file counts.
    saved=$(find "$snapshots" -maxdepth 1 -type f -name "$name*" -size +0 | head -n 1)
    [ -n "$saved" ] || tail -n 5 "$scratch/snapshot" >&2
  else
    say "k3s does not run: copying etcd's data as it lies before $k3s_version"
    saved=$snapshots/$name
    cp "$data_dir/server/db/etcd/member/snap/db" "$saved" || saved=''
  fi
  [ -n "$saved" ] || { rm -f "$fresh" || true; fail "$node: no snapshot of etcd could be saved in $snapshots ($(df -Pm "$snapshots" | awk 'NR == 2 { print $4 }') MiB are free there); see the lines above and 'journalctl -u k3s'. k3s was not changed"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$saved.token" 600 <"$data_dir/server/token"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
  printf '%s\n' "$saved" | write_file "$snapshots/for-$k3s_version" 600
  say "saved $saved"
  forget_old_snapshots
}

# The five newest stay.
forget_old_snapshots() {
  find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$old" "$old.token" || exit 1
  done || warn "$node: old snapshots in $snapshots could not be removed"
}

# how_to_restore: what a person does when the data must go back. A snapshot replaces the data of all servers.
how_to_restore() {
  saved=$(cat "$snapshots/for-$k3s_version" 2>/dev/null || true)
  [ -z "$saved" ] || printf "etcd's data as it was is in %s: 'k3s server --cluster-reset --cluster-reset-restore-path=%s' restores it, with every other server stopped" "$saved" "$saved"
}
