# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Snapshots of etcd as they lie on a server: ours, k3s's own, and what can be read out of one without starting anything.

service=k3s
k3s_snapshots=${snapshot_dir:-$data_dir/server/db/snapshots}

# Lines `snapshot=PATH|BYTES|SECONDS SINCE 1970|VERSION`, those of k3s's schedule and ours.
list_snapshots() {
  doing='listing snapshots'
  read_mark
  ! is_marked || check_mark "$node"
  need_scratch
  # A directory that is there and cannot be read is an error; one that is not there has no snapshots.
  for each_place in "$k3s_snapshots" "$snapshots"; do
    [ ! -d "$each_place" ] || find "$each_place" -maxdepth 1 -type f -size +0 ! -name '*.token' ! -name '*.part' ! -name 'for-*' ! -name '.*' >>"$scratch/list" ||
      fail "$node: $each_place cannot be read; see the line above"
  done
  [ -e "$scratch/list" ] || return 0
  while IFS= read -r each_file; do
    facts_of_file=$(stat -c '%s|%Y' "$each_file") || fail "$node: $each_file cannot be read; see the line above"
    read_version "$each_file"
    say "snapshot=$each_file|$facts_of_file|$version_read"
  done <"$scratch/list"
}

# save_now: keeps a snapshot of the running etcd here; it is uploaded as well where k3s has an S3 configuration.
save_now() {
  doing='saving a snapshot'
  read_mark
  is_marked || fail "$node: this host has no mark of Groundwork's; run up first"
  check_mark "$node"
  lock_node snapshot
  systemctl is-active -q k3s || fail "$node: k3s does not run here, so it saves no snapshot; see 'journalctl -u k3s', or save it on another server with --node"
  save_snapshot "$snapshot_name"
  say "path=$saved"
  stat -c 'bytes=%s' "$saved" || fail "$node: $saved cannot be read; see the line above"
  read_version "$saved"
  say "version=$version_read"
}

# content FILE: without the compression that k3s may have used: a zip archive of one file, which gzip reads as well.
content() {
  case $1 in
    *.zip) gzip -dc <"$1" ;;
    *) cat "$1" ;;
  esac
}

# read_version FILE: sets version_read to the k3s that the cluster ran then, as its Nodes told it; empty where it is not known.
read_version() {
  version_read=$(content "$1" 2>/dev/null | grep -aoE 'v1\.[0-9]+\.[0-9]+(-rc[0-9]+)?\+k3s[0-9]+' | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')
}

# A snapshot that is to be restored: whole, by etcd's own sum; of which k3s; opened by which of the tokens that are known here.
check_snapshot() {
  doing='looking at the snapshot'
  read_mark
  is_marked || fail "$node: this host has no mark of Groundwork's; run up first"
  check_mark "$node"
  need_scratch
  { [ -f "$restore_snapshot" ] && [ -s "$restore_snapshot" ]; } || fail "$node: there is no snapshot $restore_snapshot; 'groundwork snapshot list' tells which there are"
  check_sum "$restore_snapshot"
  read_version "$restore_snapshot"
  say "version=$version_read"
  stat -c 'bytes=%s' "$restore_snapshot" || fail "$node: $restore_snapshot cannot be read; see the line above"
  stat -c 'time=%Y' "$restore_snapshot" || fail "$node: $restore_snapshot cannot be read; see the line above"
  find_tokens "$restore_snapshot"
  [ -s "$scratch/tokens" ] || fail "$node: $restore_snapshot is sealed with a server token that is not known here; put the token of its time into $restore_snapshot.token (for root only, mode 600), and try again"
  opening=$(head -n 1 "$scratch/tokens") || fail "$node: $scratch/tokens cannot be read; see the line above"
  say "token=$opening"
  say "own_token=$([ "$(token_word "$(head -n 1 "$opening")")" = "$(token_word "$(head -n 1 /etc/rancher/k3s/token)")" ] && echo yes || echo no)"
  # Names in etcd's keys, those of deleted Nodes that were not compacted yet among them.
  say "nodes=$(content "$restore_snapshot" | grep -aoE '/registry/minions/[a-z0-9][-a-z0-9.]*' | sort -u | sed 's|.*/||' | tr '\n' ' ')"
}

# etcd writes its own SHA-256 behind the data and refuses a file whose sum is another (etcdutl, snapshot/v3_snapshot.go).
check_sum() {
  bytes_read=$(content "$1" | wc -c)
  [ $((bytes_read % 512)) -eq 32 ] || fail "$node: $1 is no whole snapshot of etcd: it does not end with a sum; choose another one"
  sum_read=$(content "$1" | head -c -32 | sha256sum) || fail "$node: $1 cannot be read; see the line above"
  sum_written=$(content "$1" | tail -c 32 | od -An -v -tx1 | tr -d ' \n') || fail "$node: $1 cannot be read; see the line above"
  [ "${sum_read%% *}" = "$sum_written" ] || fail "$node: $1 is damaged: its sum is not the one that etcd wrote at its end; choose another one"
}

# find_tokens FILE: the files of tokens that can open it, the likeliest first, in $scratch/tokens. k3s names what it seals in etcd by
# the token's hash (k3s-io/k3s pkg/cluster/encrypt.go, storageKey); a name that is not in the file rules a token out.
find_tokens() {
  : >"$scratch/tokens"
  taken_at=$(date -u -d "@$(stat -c %Y "$1")" +%Y%m%d%H%M%S) || fail "$node: $1 cannot be read; see the line above"
  # After its own, those that were replaced later than it was taken: each counted up to then.
  for each_token in "$1.token" "$snapshots"/replaced-*.token /etc/rancher/k3s/token "$data_dir/server/token" "$snapshots"/*.token; do
    [ -s "$each_token" ] || continue
    case $each_token in
      "$snapshots"/replaced-*)
        replaced_at=${each_token##*/replaced-}
        replaced_at=${replaced_at%%-*}
        [ "$replaced_at" -ge "$taken_at" ] 2>/dev/null || continue
        ;;
    esac
    ! opens "$each_token" "$1" || printf '%s\n' "$each_token" >>"$scratch/tokens"
  done
}
# The same for a snapshot in S3, which nobody can look into before k3s has fetched it: those that may open it, by the time in its name.
find_all_tokens() {
  : >"$scratch/tokens"
  taken_at=$(printf %s "${1%.zip}" | sed 's/.*-//')
  taken_at=$(date -u -d "@$taken_at" +%Y%m%d%H%M%S 2>/dev/null) || taken_at=0
  for each_token in "$snapshots"/replaced-*.token /etc/rancher/k3s/token; do
    replaced_at=${each_token##*/replaced-}
    replaced_at=${replaced_at%%-*}
    [ ! -s "$each_token" ] || { [ "$each_token" != /etc/rancher/k3s/token ] && [ "$replaced_at" -lt "$taken_at" ] 2>/dev/null; } ||
      printf '%s\n' "$each_token" >>"$scratch/tokens"
  done
}
# The pattern is a file: arguments can be read by everybody on the host.
opens() {
  token_text=$(head -n 1 "$1") || fail "$node: $1 cannot be read; see the line above"
  sealed_name=$(printf %s "$(token_word "$token_text")" | sha256sum) || fail "$node: $1 cannot be read; see the line above"
  printf '/bootstrap/%.12s\n' "$sealed_name" >"$scratch/pattern" || cannot_write "$scratch/pattern"
  content "$2" | grep -aqF -f "$scratch/pattern"
}
