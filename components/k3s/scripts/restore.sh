# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# etcd as a snapshot has it, or as one server still has it: all servers are stopped, one is reset, and the others join it anew.

good=$state_dir/good
secrets_dir=$state_dir/secrets
note_change() { :; } # what a restore changes it says itself

# hold: no other verb begins on this host from here on, those that run are waited for, and k3s is down and stays so.
hold() {
  doing='stopping k3s for the restore'
  take_part first
  # It was cut off while it was finished, server by server.
  [ -n "$phase" ] || [ ! -e "$restore_last" ] || ! grep -qx "id=$restore_id" "$restore_last" || { say "$node is finished"; return; }
  if [ -z "$phase" ]; then write_phase held; fi
  case $phase in held | resetting | reset | aside) ;; *) say "$node is past that: $phase"; return ;; esac
  for other_lock in /run/groundwork/*.lock; do
    [ "$other_lock" = "$lock_file" ] || [ ! -e "$other_lock" ] ||
      await "$lock_wait" "another run ($(head -n 1 "$other_lock"))" flock -n "$other_lock" true ||
      fail "$node: another run still works here after $lock_wait s ($(head -n 1 "$other_lock")); wait for it, or end that process, and restore again"
  done
  : >"$held" || cannot_write "$held"
  write_file "$stay_held" 644 <<STAY
[Unit]
ConditionPathExists=!$held
STAY
  systemctl daemon-reload || fail "$node: systemd does not read its units again; see the line above"
  # A restore ends pods' API, not the pods: the unit kills k3s's own process only.
  systemctl stop k3s || fail "$node: k3s cannot be stopped; see 'journalctl -u k3s'"
  ! systemctl is-active -q k3s || fail "$node: k3s runs on after it was stopped; see 'journalctl -u k3s'"
  systemctl reset-failed k3s 2>/dev/null || true # there may be nothing to reset
  say "k3s is stopped on $node"
}

# reset_etcd: on the chosen server. What was there before lies beside it first.
reset_etcd() {
  doing='resetting etcd'
  take_part
  case $phase in
    held | resetting) ;;
    *) say "etcd on $node was reset already"; return ;;
  esac
  ! systemctl is-active -q k3s || fail "$node: k3s runs, and must not; run 'groundwork snapshot restore' again"
  # The data of before moves once: what lies in its place afterwards is a reset's that was cut off.
  if [ "$phase" = held ]; then
    if [ "$restore_from" = snapshot ]; then set_aside "$db/etcd"; else keep_copy "$db/etcd"; fi
    keep_copy "$data_dir/server/cred"
    keep_copy "$data_dir/server/tls"
    write_phase resetting
  fi
  install_wanted
  need_scratch
  if [ "$restore_from" = snapshot ] && [ -z "${s3_config:-}" ]; then
    find_tokens "$restore_snapshot"
  elif [ "$restore_from" = snapshot ]; then
    find_all_tokens "$restore_snapshot"
  else
    printf '%s\n' /etc/rancher/k3s/token >"$scratch/tokens"
  fi
  reset_done=no
  while IFS= read -r sealed_by <&7; do
    run_reset
    [ "$reset_done" = no ] || break
    grep -qi 'different token' "$scratch/reset" || break
  done 7<"$scratch/tokens"
  [ "$reset_done" = yes ] ||
    fail "$node: k3s did not reset etcd: $(grep -oE '(level=fatal|[Ee]rror).*' "$scratch/reset" | tail -n 1 | cut -c 1-300); the lines above tell more. Nothing else was changed: run 'groundwork snapshot restore' again, or go back with 'groundwork snapshot restore --undo'"
  write_phase reset
  say "etcd on $node is reset"
}

# The k3s that the stack names, while none runs here: after an upgrade that failed, data of before it need the version before it.
install_wanted() {
  [ "$(installed_version)" != "$k3s_version" ] || return 0
  restart_is_ours
  ensure_binary
  say "k3s $k3s_version is installed on $node"
}
# Nothing of it is left for the next up: k3s starts here.
restart_is_ours() { [ -e "$pending" ] || : >"$restore_dir/restart-is-ours" || cannot_write "$restore_dir/restart-is-ours"; }
forget_restart() {
  [ ! -e "$restore_dir/restart-is-ours" ] || rm -f "$pending" || cannot_write "$pending"
  rm -f "$restore_dir/restart-is-ours" || cannot_write "$restore_dir/restart-is-ours"
}

# k3s refuses to reset beside `server:` (k3s-io/k3s pkg/cli/server/server.go), and fetches from S3 what lies here when it has an S3
# configuration (pkg/etcd/etcd.go, Reset). So it reads copies of its files, in memory; the host's own stay as they are.
run_reset() {
  { rm -rf "$restore_config" && mkdir -p "$restore_config/config.yaml.d" && chmod 700 "$restore_config"; } || cannot_write "$restore_config/config.yaml"
  for from_file in /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/*.yaml /etc/rancher/k3s/config.yaml.d/*.yml; do
    [ -e "$from_file" ] || continue
    sed -E '/^["'\'']?(server|cluster-init|token|token-file|etcd-s3.*)["'\'']?[[:space:]]*:/d' "$from_file" | write_file "$restore_config${from_file#/etc/rancher/k3s}" 600
  done
  head -n 1 "$sealed_by" | write_file "$restore_config/token" 600
  printf 'token-file: %s\n%s\n' "$restore_config/token" "${s3_config:-etcd-s3: false}" | write_file "$restore_config/config.yaml.d/99-restore.yaml" 600
  # k3s leaves it, so that nobody resets twice; a reset that was cut off has to.
  rm -f "$db/reset-flag" || cannot_write "$db/reset-flag"
  set -- --config "$restore_config/config.yaml" --cluster-reset
  [ "$restore_from" != snapshot ] || set -- "$@" --cluster-reset-restore-path="$restore_snapshot"
  say 'k3s resets etcd'
  k3s server "$@" >"$scratch/reset" 2>&1 &
  worker=$!
  await "$start_timeout" 'k3s to reset etcd' reset_ended || kill "$worker" || true # it ended just now
  # Without the message nothing was reset, whatever its code.
  if wait "$worker" && grep -q 'has been reset' "$scratch/reset"; then reset_done=yes; else tail -n 8 "$scratch/reset" | cut -c 1-400 >&2; fi
  rm -rf "$restore_config" || fail "$node: $restore_config cannot be removed; see the line above, and remove it: it has a token"
}
reset_ended() { ! kill -0 "$worker" 2>/dev/null; }

# undo_restore: k3s runs again on what was there before; until the chosen server has started with what was restored.
undo_restore() {
  doing='taking the restore back'
  take_part first
  case $phase in
    '') say "no restore is under way on $node"; return ;;
    held | resetting | reset | aside | undone) ;;
    *) fail "$node: it has started with what was restored ($phase), so there is no way back by --undo; finish the restore, and restore the snapshot that was saved before it" ;;
  esac
  [ ! -e "$restore_config" ] || rm -rf "$restore_config" || fail "$node: $restore_config cannot be removed; see the line above"
  for place in "$db/etcd" "$data_dir/server/cred" "$data_dir/server/tls"; do put_back "$place"; done
  rm -f "$db/reset-flag" || cannot_write "$db/reset-flag"
  write_phase undone
  let_start
  systemctl restart --no-block k3s || fail "$node: k3s cannot be started; see the line above"
  rm -f "$restore_state" || cannot_write "$restore_state"
  say "$node is as it was before, and k3s starts"
}
