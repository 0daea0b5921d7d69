# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Where a restore stands on this server. While the file is there, no other verb works on the host (lock.sh), and k3s stays down until
# it is this server's turn, over a reboot as well.

restore_dir=$state_dir/restore
restore_state=$restore_dir/state
restore_last=$restore_dir/last
held=$restore_dir/held
stay_held=/etc/systemd/system/k3s.service.d/91-restoring.conf
join_chosen=/etc/rancher/k3s/config.yaml.d/91-restoring.yaml
restore_config=/run/groundwork/restore
service=k3s
db=$data_dir/server/db

# look_for_restore: what a restore has to know before it begins. It only asks.
look_for_restore() {
  status
  say "data=$([ -d "$db/etcd/member" ] && echo yes || echo no)"
  say "apart=$({ [ -L "$db/etcd" ] || [ -L "$db" ] || grep -q " $db/etcd " /proc/self/mounts; } && echo yes || echo no)"
  say "rotating=$([ -s "$state_dir/rotating" ] && echo yes || echo no)"
  [ ! -d "$db/etcd" ] || say "data_mib=$(find "$db/etcd/" -type f -printf '%s\n' | awk '{ bytes += $1 } END { print int(bytes / 1048576) }')"
  say "free_mib=$(df -Pm "$state_dir" | awk 'NR == 2 { print $4 }')"
  [ ! -e "$restore_last" ] || say "finished=$(sed -n 's/^id=//p' "$restore_last")"
  [ ! -e "$restore_state" ] || sed 's/^/restore_/' "$restore_state" || fail "$node: $restore_state cannot be read; see the line above"
}

# Sets phase and sealed_by, empty where no restore was begun here; one that is not this one is refused.
read_phase() {
  phase='' sealed_by='' known_id=''
  [ -e "$restore_state" ] || return 0
  while IFS='=' read -r state_key state_value; do
    case $state_key in
      id) known_id=$state_value ;;
      phase) phase=$state_value ;;
      sealed) sealed_by=$state_value ;;
    esac
  done <"$restore_state" || fail "$node: $restore_state cannot be read; see the line above"
  [ "$known_id" = "$restore_id" ] ||
    fail "$node: another restore was begun on this host ($known_id); finish that one with 'groundwork snapshot restore', or take it back with --undo"
}

# write_phase PHASE: `held`, then on the chosen server `resetting`, `reset`, `starting`, `started`; on the others `aside`, `joining`, `joined`.
write_phase() {
  phase=$1
  { mkdir -p "$restore_dir" && chmod 700 "$restore_dir"; } || cannot_write "$restore_state"
  write_file "$restore_state" 600 <<STATE
id=$restore_id
from=$restore_from
chosen=$restore_chosen
snapshot=${s3_config:+s3:}$restore_snapshot
servers=$restore_servers
phase=$phase
sealed=$sealed_by
STATE
}

take_part() {
  read_mark
  is_marked || fail "$node: this host has no mark of Groundwork's; run up first"
  check_mark "$node"
  lock_node restore
  read_phase
  [ -n "$phase" ] || [ "${1:-}" = first ] || fail "$node: no restore was begun on this host; run 'groundwork snapshot restore' again"
}

# The same names on every server, so that people find what was there before.
before_of() { printf '%s-before-%s' "$1" "$restore_id"; }

# A rename within one directory: nothing is copied, and nothing can be half done.
set_aside() {
  [ -e "$1" ] && [ ! -e "$(before_of "$1")" ] || return 0
  mv "$1" "$(before_of "$1")" || cannot_write "$(before_of "$1")"
  say "moved $1 to $(before_of "$1")"
}
# The same, with a copy left where it was.
keep_copy() {
  [ -e "$1" ] && [ ! -e "$(before_of "$1")" ] || return 0
  { rm -rf "$1.copying" && cp -a "$1" "$1.copying" && mv "$1.copying" "$(before_of "$1")"; } || cannot_write "$(before_of "$1")"
}
put_back() {
  [ -e "$(before_of "$1")" ] || return 0
  if [ -e "$1" ]; then mv "$1" "$1-restored-$restore_id" || cannot_write "$1"; fi
  mv "$(before_of "$1")" "$1" || cannot_write "$1"
}

let_start() {
  rm -f "$held" "$stay_held" || cannot_write "$stay_held"
  systemctl daemon-reload || fail "$node: systemd does not read its units again; see the line above"
}
