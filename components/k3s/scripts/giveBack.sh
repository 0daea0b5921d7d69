# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A k3s that could not be taken over runs again as it did: its unit, settings and program, and SQLite's data as they were.

give_back() {
  cause=$reason
  db=$data_dir/server/db
  read -r before <"$mark_adopting/version" || fail "$node: $mark_adopting/version cannot be read; see the line above"
  # A newer minor release may have written into etcd what the older one cannot read.
  if [ "$role" = server ] && [ ! -d "$mark_adopting/data" ] && [ "$(minor_of "$before")" != "$(minor_of "$k3s_version")" ]; then
    fail "$node: k3s $k3s_version does not start${cause:+: $cause}. It is another minor release than $before, so the k3s that was here is not brought back by itself; $mark_adopting has its files and a snapshot of etcd"
  fi
  say 'k3s does not start with what the settings say: going back to the k3s that was here'
  systemctl stop "$service" || true # it may be down already
  bring_back_data
  drop_guard
  bring_back_files
  [ "$their_service" = "$service" ] || systemctl disable -q "$service" 2>/dev/null || true # its file is gone
  systemctl daemon-reload
  rm -f "$pending" "$stamp" "$binary.previous" "$mark_adopting/begun" || cannot_write "$mark_adopting/begun"
  service=$their_service
  systemctl enable -q "$service" || warn "$node: $service is not enabled; see the line above"
  start_k3s
  [ "$healthy" = no ] ||
    fail "$node: k3s does not start with what the settings say${cause:+: $cause}; the k3s that was here runs again, as it was. Correct the settings and run up again"
  show_journal
  fail "$node: k3s does not start with what the settings say${cause:+: $cause}; nor does the k3s that was here${reason:+ ($reason)}, with its files and data as they were (also in $mark_adopting); see 'journalctl -u $service' on the host"
}

# SQLite's file first: a k3s that finds neither it nor etcd would start an empty cluster. etcd is put aside, not deleted.
bring_back_data() {
  [ -d "$mark_adopting/data" ] || return 0
  for name in state.db-wal state.db-shm state.db; do
    [ -e "$mark_adopting/data/$name" ] || { rm -f "$db/$name"; continue; }
    { cp -a "$mark_adopting/data/$name" "$db/.$name.new" && flush "$db/.$name.new" && mv -f "$db/.$name.new" "$db/$name"; } ||
      { rm -f "$db/.$name.new" || true; cannot_write "$db/$name"; }
  done
  rm -f "$db/state.db.migrated"
  [ ! -d "$db/etcd" ] || { rm -rf "$db/etcd.not-taken-over" && mv "$db/etcd" "$db/etcd.not-taken-over"; } || cannot_write "$db/etcd"
}

# Of the data directory only the passwords, which may have the one token that there is, and no k3s starts with some that are newer than
# its data; the rest k3s keeps itself. The join tokens stay ours, which are as good, for the next try.
bring_back_files() {
  for path in $managed_files "/etc/default/$service"; do
    [ -e "$their_files$path" ] || rm -f "$path" || cannot_write "$path"
  done
  passwords=$data_dir/server/cred/passwd
  [ ! -e "$their_files$passwords" ] || copy_file "$their_files$passwords" "$passwords"
  for path in $given_files; do
    [ ! -e "$their_files$path" ] || copy_file "$their_files$path" "$path"
  done
  need_scratch
  find "$their_files/etc" "$their_files/usr" -type f >"$scratch/theirs" || fail "$node: $their_files cannot be read; see the line above"
  while IFS= read -r kept_path; do
    copy_file "$kept_path" "${kept_path#"$their_files"}"
  done <"$scratch/theirs"
  find "$their_files/etc" "$their_files/usr" -type l >"$scratch/theirs" || fail "$node: $their_files cannot be read; see the line above"
  while IFS= read -r kept_path; do ln -sfn "$(readlink "$kept_path")" "${kept_path#"$their_files"}" || cannot_write "${kept_path#"$their_files"}"; done <"$scratch/theirs"
}
