# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
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

newest_snapshot() { find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' 2>/dev/null | sort | tail -n 1; }

# Before another version opens etcd's data: a copy that the version before can read.
snapshot_before_version() {
  [ "$role" = server ] && [ -x "$binary" ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  installed=$(installed_version)
  [ "$installed" != "$k3s_version" ] || return 0
  [ ! -e "$pending" ] || [ ! -s "$snapshots/for-$k3s_version" ] || return 0 # an earlier run has made it
  take_up_tokens
  say "saving a snapshot of etcd before $k3s_version"
  save_snapshot "before-$k3s_version-$(date -u +%Y%m%d%H%M%S)"
  printf '%s\n' "$saved" | write_file "$snapshots/for-$k3s_version" 600
  forget_old_snapshots before
}

# how_to_restore: what a person does when the data must go back. A snapshot replaces the data of all servers.
how_to_restore() {
  saved=$(cat "$snapshots/for-$k3s_version" 2>/dev/null || true)
  [ -z "$saved" ] || printf "etcd's data as it was is in %s; with the k3s.version of before, 'groundwork snapshot restore %s' brings it back on all servers" "$saved" "${saved##*/}"
}
