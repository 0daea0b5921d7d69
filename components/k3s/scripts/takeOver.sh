# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Puts ours in the place of a k3s that somebody else installed (adopt.sh has compared them): what is there is kept first.

# The first thing that converge does, with their k3s running. What an earlier try kept is not what is there now.
begin_adoption() {
  their_files=$mark_adopting/files
  [ ! -e "$mark_adopting/begun" ] || return 0
  say "taking over the k3s that is here ($their_service); what it has is kept in $mark_adopting, for root only"
  their_dropins=$(their_fact DropInPaths | tr ' ' '\n')
  begin_copy files
  for path in "/etc/systemd/system/$their_service.service" $their_dropins $their_environment "$their_config" "$their_config.d"/*.yaml \
    /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/*.yaml /etc/rancher/k3s/registries.yaml /etc/rancher/k3s/k3s.yaml "/etc/default/$service" \
    "$binary" /etc/rancher/node/password "$data_dir/server/token" "$data_dir/server/agent-token" "$data_dir/server/node-token" \
    "$data_dir/server/cred" "$data_dir/server/tls" $given_files; do
    copy_there "$path"
  done
  end_copy files
  rm -rf "$mark_adopting/data" "$mark_adopting/data.new"
  save_their_etcd
  printf '%s\n' "$their_environment" | write_file "$mark_adopting/environment" 600
  printf '%s\n' "$their_dropins" | write_file "$mark_adopting/dropins" 600
  printf '%s\n' "$their_service" | write_file "$mark_adopting/service" 600
  printf '%s\n' "$their_version" | write_file "$mark_adopting/version" 600
  tell_what_ends
  printf 'since %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S')" | write_file "$mark_adopting/begun" 600
}

save_their_etcd() {
  [ "$role" = server ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  rm -f "$mark_adopting"/etcd-*
  say "saving a snapshot of etcd in $mark_adopting"
  ask_for_snapshot etcd "$mark_adopting"
  [ -n "$saved" ] || fail "$node: no snapshot of etcd could be saved in $mark_adopting; see the lines above and 'journalctl -u $their_service'. Nothing was changed"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
}

# What the other k3s was given beyond what ours is: by name only, there may be secrets in it.
tell_what_ends() {
  ends=''
  for key in $(printf '%s\n' "$their_settings" | sed 's/=.*//' | sort); do
    case $key in token | token-file | agent-token | agent-token-file | server | cluster-init | config | disable) continue ;; esac
    has_word "$key" "$config_keys" || ends="${ends:+$ends, }$key"
  done
  [ -z "$ends" ] || warn "$node: these settings of the k3s that was here are not in the stack, and end: $ends (they stay in $mark_adopting)"
  [ ! -e /etc/rancher/k3s/registries.yaml ] || has_word /etc/rancher/k3s/registries.yaml "$given_files" || say "/etc/rancher/k3s/registries.yaml stays as it is, and counts as before"
  their_disabled=$(their disable | tr ',' ' ') goes='' comes=''
  [ "$role" = server ] || return 0
  for key in $disabled; do has_word "$key" "$their_disabled" || goes="${goes:+$goes, }$key"; done
  for key in $their_disabled; do has_word "$key" "$disabled" || comes="${comes:+$comes, }$key"; done
  [ -z "$goes" ] || warn "$node: the stack leaves these packaged components out, so k3s removes them from the cluster: $goes"
  [ -z "$comes" ] || warn "$node: the stack has these packaged components, so k3s installs them: $comes"
}

# With ours written beside them: what would still be read of theirs goes, their k3s stops, and SQLite's file is kept as it then is.
switch_over() {
  carry_environment
  for path in "$their_files"/etc/rancher/k3s/config.yaml.d/*.yaml; do
    [ ! -e "$path" ] || has_word "${path#"$their_files"}" "$managed_files" || rm -f "${path#"$their_files"}"
  done
  while IFS= read -r path; do
    # A drop-in that is the host owner's addition to the unit, such as a proxy, goes on.
    if [ "$their_service" = "$service" ] && ! grep -qE '^[[:space:]]*ExecStart[[:space:]]*=|K3S_' "$their_files$path" 2>/dev/null; then continue; fi
    [ ! -e "$path" ] || has_word "$path" "$managed_files" || { rm -f "$path" && say "$path does not count any more"; }
  done <"$mark_adopting/dropins"
  if [ "$their_service" != "$service" ] && [ -e "/etc/systemd/system/$their_service.service" ]; then
    systemctl disable --now -q "$their_service" || fail "$node: $their_service cannot be stopped; see the line above"
    rm -f "/etc/systemd/system/$their_service.service" || cannot_write "/etc/systemd/system/$their_service.service"
  fi
  guard_migration
  systemctl daemon-reload
  save_their_sqlite
}

# Variables of K3S_* are settings, which stand in config.yaml now. The others, such as a proxy, go on in /etc/default.
carry_environment() {
  default=/etc/default/$service carried=''
  while IFS= read -r path; do
    [ -n "$path" ] || continue
    [ -e "$their_files$path" ] || continue
    kept_lines=$(lines_without '^[[:space:]]*(K3S_|#|;|$)' "$their_files$path") || fail "$node: $their_files$path cannot be read; see the line above"
    case $path in
      "/etc/default/$service" | "/etc/sysconfig/$service")
        grep -qE '^[[:space:]]*K3S_' "$their_files$path" || continue
        kept_mode=$(stat -c %a "$their_files$path") || cannot_write "$path"
        printf '%s\n' "$kept_lines" | write_file "$path" "$kept_mode"
        ;;
      *)
        [ -z "$kept_lines" ] || carried="$carried$kept_lines
"
        [ ! -e "$path" ] || rm -f "$path" || cannot_write "$path"
        ;;
    esac
  done <"$mark_adopting/environment"
  [ -n "$carried" ] || return 0
  own_lines=''
  [ ! -e "$their_files$default" ] || own_lines=$(lines_without '^[[:space:]]*K3S_' "$their_files$default") || fail "$node: $their_files$default cannot be read; see the line above"
  printf '%s\n' "$own_lines" "$carried" | sed '/^$/d' | write_file "$default" 600
}

# lines_without PATTERN FILE: none is an answer too; a file that cannot be read is not.
lines_without() { grep -vE "$1" "$2" || [ $? -eq 1 ]; }

half_migrated=/etc/systemd/system/k3s.service.d/80-half-migrated.conf

# k3s renames state.db when all of it is in etcd. One that died before that takes the half for the whole at its next start, whoever
# starts it (pkg/etcd/etcd.go: migrateFromSQLite runs only where there is no etcd yet). So each start makes the migration begin anew.
guard_migration() {
  db=$data_dir/server/db
  [ "$role" = server ] && [ -s "$db/state.db" ] && [ ! -d "$db/etcd" ] || return 0
  printf '%s\n' '# Groundwork, while it takes over this k3s: etcd beside state.db is a migration that was cut off.' '[Service]' \
    "ExecStartPre=/bin/sh -c 'test ! -e $db/state.db || rm -rf $db/etcd'" | write_file "$half_migrated" 644
}

drop_guard() {
  [ -e "$half_migrated" ] || return 0
  rm -f "$half_migrated" || cannot_write "$half_migrated"
  rmdir "$(dirname "$half_migrated")" 2>/dev/null || true # there may be drop-ins beside it
  systemctl daemon-reload
}

# k3s makes etcd of it at the next start, and cannot go back. Stopped, so that the copy is whole.
save_their_sqlite() {
  db=$data_dir/server/db
  [ "$role" = server ] && [ -s "$db/state.db" ] && [ ! -d "$db/etcd" ] && [ ! -d "$mark_adopting/data" ] || return 0
  say "stopping $their_service: its data go from SQLite to etcd, and state.db as it is now is kept in $mark_adopting/data"
  systemctl stop "$service" || fail "$node: $service cannot be stopped; see the line above"
  begin_copy data
  for path in "$db/state.db" "$db/state.db-wal" "$db/state.db-shm"; do
    [ ! -e "$path" ] || cp -a "$path" "$copying/" || cannot_keep "$path"
  done
  end_copy data
}

# Only now: the scripts of the official installation would destroy the node.
finish_adoption() {
  drop_guard
  for path in /usr/local/bin/k3s*-uninstall.sh /usr/local/bin/k3s-killall.sh; do
    [ -e "$path" ] || continue
    { cp -a "$path" "$mark_adopting/" && flush "$mark_adopting/$(basename "$path")" && rm -f "$path"; } || cannot_write "$path"
  done
  say "took over the k3s that was here; what it had is in $mark_adopting, and is removed by nobody but you"
  mark_adopting=''
}
