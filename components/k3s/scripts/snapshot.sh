# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A copy of etcd's data before something that cannot be undone, and the token that opens it; for root only.

snapshots=$state_dir/snapshots   # not what uninstall deletes

make_snapshots_directory() {
  { mkdir -p "$snapshots" && chmod 700 "$snapshots"; } || cannot_write "$snapshots"
}

# ask_for_snapshot NAME DIRECTORY: sets saved, the path of the copy, empty where the running k3s made none; then its own words are shown.
ask_for_snapshot() {
  need_scratch
  k3s etcd-snapshot save --name "$1" --etcd-snapshot-dir "$2" >"$scratch/snapshot" 2>&1 || true
  # k3s ends with 0 also where it could not write the file, so only the file counts.
  saved=$(find "$2" -maxdepth 1 -type f -name "$1*" -size +0 | head -n 1)
  [ -n "$saved" ] || tail -n 5 "$scratch/snapshot" >&2
}

# save_snapshot NAME: sets saved, the path of the copy. Its own token lies beside it.
save_snapshot() {
  make_snapshots_directory
  if systemctl is-active -q k3s; then
    ask_for_snapshot "$1" "$snapshots"
  else
    say "k3s does not run: copying etcd's data as it lies"
    saved=$snapshots/$1
    copy_data "$data_dir/server/db/etcd/member/snap/db" "$saved" || saved=''
  fi
  [ -n "$saved" ] || { rm -f "${fresh:-}" || true; fail "$node: no snapshot of etcd could be saved in $snapshots ($(df -Pm "$snapshots" | awk 'NR == 2 { print $4 }') MiB are free there); see the lines above and 'journalctl -u k3s'. k3s was not changed"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$saved.token" 600 <"$data_dir/server/token"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
  say "saved $saved"
}

# copy_data FROM TO: with etcd's own sum at the end, as its snapshots have it: without one, a restore refuses the file
# (go.etcd.io/etcd/etcdutl/v3 snapshot/v3_snapshot.go, saveDB).
copy_data() {
  cp "$1" "$2" && copied_sum=$(sha256sum <"$2") || return 1
  copied_sum=${copied_sum%% *}
  while [ -n "$copied_sum" ]; do
    copied_rest=${copied_sum#??}
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o "0x${copied_sum%"$copied_rest"}")" >>"$2" || return 1
    copied_sum=$copied_rest
  done
}

# forget_old_snapshots KIND: the five newest stay.
forget_old_snapshots() {
  find "$snapshots" -maxdepth 1 -type f -name "$1-*" ! -name '*.token' | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$old" "$old.token" || exit 1
  done || warn "$node: old snapshots in $snapshots could not be removed"
}
