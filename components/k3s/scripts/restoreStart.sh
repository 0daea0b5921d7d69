# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# After etcd was reset on one server: that one starts, and the others join it with nothing of their own.

fresh_host=yes   # k3s may have to try again: it waits for etcd, and for the server that it joins

# start_restored: on the chosen server. The stack's own token is the cluster's at the end, whichever one the snapshot was sealed with.
start_restored() {
  doing='starting k3s on what was restored'
  take_part
  case $phase in
    reset | starting) ;;
    started) say "$node was started already"; return ;;
    *) fail "$node: etcd was not reset yet ($phase); run 'groundwork snapshot restore' again" ;;
  esac
  [ "$phase" = starting ] || prepare_tokens
  write_phase starting
  let_start
  if [ -s "$begun" ]; then
    start_sealed
    read_token "$restore_dir/wanted"
    [ -n "$token_read" ] || fail "$node: $restore_dir/wanted, the stack's own token, is gone; write it there (mode 600), and restore again"
    seal_with "$token_read"
    will_restart server
    printf '%s\n' "$token_read" | write_file /etc/rancher/k3s/token 600
    end_rotation
  fi
  start_restored_k3s
  # Who joins proves by its password that it is the machine of before; the one that the snapshot knows may have been rebuilt since.
  for other in $restore_nodes; do
    must_kube delete secret -n kube-system "$other.node-password.k3s" --ignore-not-found
  done
  forget_restart
  rm -f "$restore_dir/wanted" || cannot_write "$restore_dir/wanted"
  write_phase started
  say "$node runs on what was restored"
}

# What the snapshot is sealed with goes to the stack's token by a rotation, and a rotation that is cut off goes on.
prepare_tokens() {
  read_token "$sealed_by"
  sealed_token=$token_read
  read_token /etc/rancher/k3s/token
  { [ -n "$token_read" ] && [ -n "$sealed_token" ]; } || fail "$node: $sealed_by or /etc/rancher/k3s/token has no token; write the stack's token into the latter (mode 600), and restore again"
  if [ "$sealed_token" != "$token_read" ]; then
    say "the snapshot is sealed with the server token of before; the stack's own is put in its place"
    printf '%s\n' "$token_read" | write_file "$restore_dir/wanted" 600
    printf '%s\n%s\n' "$sealed_token" "$token_read" | write_file "$begun" 600
    will_restart server
    printf '%s\n' "$sealed_token" | write_file /etc/rancher/k3s/token 600
  fi
  # The agents' token of then is in k3s's password file now.
  agents_then=$(awk -F , '$2 == "node" { print $1 }' "$data_dir/server/cred/passwd") || fail "$node: $data_dir/server/cred/passwd cannot be read; see the line above"
  read_token /etc/rancher/k3s/agent-token
  [ -z "$token_read" ] || [ "$agents_then" = "$token_read" ] || will_restart agent
}

# As must_take_up, for the time of the restore.
will_restart() {
  restart_is_ours
  must_take_up "$1"
}

# With one of the tokens of the rotation: which one opens etcd's data only shows when k3s starts.
start_sealed() {
  ! api_answers || return 0
  start_with_tokens_kept
  [ "$healthy" = yes ] || revive
}
start_with_tokens_kept() { forget_passwords; start_k3s; }

start_restored_k3s() {
  start_with_tokens
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s does not start on what was restored${reason:+: $reason}; see 'journalctl -u k3s', mend the cause, and run 'groundwork snapshot restore' again"; }
  await 65 "the API on $node" api_answers || fail "$node: k3s runs, and its API does not answer; see 'journalctl -u k3s', and run 'groundwork snapshot restore' again"
}

# rejoin: on every other server. Its etcd's data is of before the reset: two such servers would go on with the cluster of before, beside
# the restored one. Its CAs and passwords too may be newer than the restored ones, and k3s refuses that
# (k3s-io/k3s pkg/cluster/bootstrap.go, ReconcileBootstrapData); without them it takes those of the server that it joins.
rejoin() {
  doing='joining the restored cluster'
  take_part
  case $phase in
    held)
      ! systemctl is-active -q k3s || fail "$node: k3s runs, and must not; run 'groundwork snapshot restore' again"
      for place in "$db/etcd" "$data_dir/server/cred" "$data_dir/server/tls"; do set_aside "$place"; done
      rm -f "$db/reset-flag" || cannot_write "$db/reset-flag"
      write_phase aside
      ;;
    aside | joining) ;;
    joined) say "$node has joined already"; return ;;
    *) fail "$node: it is the server that was restored ($phase), and joins nobody" ;;
  esac
  install_wanted
  # Read after the settings' own file, which may name a server that is down, or begin a cluster of its own.
  printf 'server: https://%s\ncluster-init: false\n' "$join_chosen_at" | write_file "$join_chosen" 600
  write_phase joining
  let_start
  start_k3s
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s does not join the restored cluster${reason:+: $reason}; see 'journalctl -u k3s', mend the cause, and run 'groundwork snapshot restore' again"; }
  rm -f "$join_chosen" || cannot_write "$join_chosen"
  # A change of tokens that was under way here is over: k3s has those of its files.
  rm -f "$new_tokens" || cannot_write "$new_tokens"
  forget_restart
  write_phase joined
  say "$node has joined the restored cluster"
}

# finish_restore: other verbs may work on the host again.
finish_restore() {
  doing='finishing the restore'
  read_mark
  check_mark "$node"
  lock_node restore
  [ -e "$restore_state" ] || { say "$node was finished already"; return; }
  read_phase
  case $phase in started | joined) ;; *) fail "$node: it is not that far yet ($phase); run 'groundwork snapshot restore' again" ;; esac
  for place in "$db/etcd" "$data_dir/server/cred" "$data_dir/server/tls"; do
    [ ! -e "$(before_of "$place")" ] || say "before=$(before_of "$place")"
  done
  mv -f "$restore_state" "$restore_last" || cannot_write "$restore_last"
  say "$node is finished"
}
