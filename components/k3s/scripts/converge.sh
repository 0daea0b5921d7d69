# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Makes the host what the settings say, and restarts k3s only if it must. Running it twice changes nothing.

service=k3s
[ "$role" = server ] || service=k3s-agent
leaving=$state_dir/leaving

converge() {
  doing='checking the host'
  lock_node converge
  claim_host
  read_given_list
  sweep_staged
  preflight
  fresh_host=yes
  ! is_member || fresh_host=no
  check_token_is_here
  [ "$fresh_host" = yes ] || keep_what_runs
  doing='installing packages'
  ensure_packages
  [ -z "$mark_adopting" ] || begin_adoption
  doing='installing k3s'
  ensure_binary
  ensure_images
  doing='writing files'
  choose_server
  [ "$role" = agent ] || give_up_virtual_ip
  claim_given_files
  put_files
  drop_given_files
  come_back
  [ "$fresh_host" = no ] || check_name_is_free
  doing='preparing the host'
  prepare
  ensure_firewall
  [ -z "$mark_adopting" ] || switch_over
  if [ "$reload" = yes ] || [ -n "${repair:-}" ]; then systemctl daemon-reload; fi
  systemctl is-enabled -q "$service" 2>/dev/null || systemctl enable -q "$service"
  doing='starting k3s'
  if [ -e "$pending" ] || ! systemctl is-active -q "$service"; then
    start_or_go_back
  fi
  [ -z "$mark_adopting" ] || finish_adoption
  watch_interface
  [ "$role" = agent ] || ensure_virtual_ip
  summary
}

# Hosts of releases that did not keep a whole copy: what runs now is what a failed change goes back to.
keep_what_runs() {
  [ -z "$mark_adopting" ] && [ ! -e "$good" ] && [ ! -e "$pending" ] && systemctl is-active -q "$service" || return 0
  remember_files
}

# A server that had begun to leave, and is wanted again. If etcd let it go already, it has to join like a new one (choose_server).
come_back() {
  [ -e "$leaving" ] || return 0
  must_restart
  rm -f /etc/systemd/system/k3s.service.d/90-leaving.conf || cannot_write "$leaving"
  reload=yes
  rm -f "$leaving" || cannot_write "$leaving"
  note_change leaving
}

start_or_go_back() {
  read_uptime
  begin=$uptime
  start_with_tokens
  if [ "$healthy" = yes ]; then
    read_uptime
    say "k3s is healthy after $((uptime - begin)) s"
    return
  fi
  show_journal
  [ -z "$mark_adopting" ] || give_back
  if [ ! -e "$good" ]; then
    systemctl stop "$service" || true # it may be down already
    fail "$node: k3s does not start${reason:+: $reason}; the host's own lines are above, the rest in 'journalctl -u $service'"
  fi
  go_back
}

go_back() {
  # An earlier run may have brought the version, so what ran well is asked, and not what changed now.
  before=$(cat "$good/version") || fail "$node: $good/version cannot be read; see the line above"
  if [ "$before" != "$k3s_version" ]; then
    # A newer minor release may have written what the older one cannot read.
    [ "$role" = agent ] || [ "$(minor_of "$before")" = "$(minor_of "$k3s_version")" ] ||
      fail "$node: k3s $k3s_version does not start${reason:+: $reason}. It is another minor release than $before, so it is not taken back by itself. $(how_to_restore)"
  fi
  say 'k3s does not start with the change: going back to what ran before'
  restore_files
  if [ "$before" != "$k3s_version" ] && [ "$(version_of "$binary.previous")" = "$before" ]; then
    mv -f "$binary.previous" "$binary" || cannot_write "$binary"
    rm -f "$stamp" || cannot_write "$stamp"
  fi
  systemctl daemon-reload
  cause=$reason
  # The tokens stay: etcd's data is sealed with the new one, and the one before opens it no more.
  start_with_tokens
  if [ "$healthy" = yes ]; then
    rm -f "$pending"
    end_turn
    fail "$node: k3s does not start with the change${cause:+: $cause}; what ran before runs again"
  fi
  fail "$node: k3s does not start with the change${cause:+: $cause}; nor without it; see 'journalctl -u $service' on the host"
}

# The other servers count this one again: it is not going down any more.
end_turn() {
  [ "$role" = server ] || return 0
  k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig /etc/rancher/k3s/k3s.yaml --request-timeout=20s annotate node "$node" groundwork/down- >/dev/null ||
    warn "$node: its turn could not be ended; the other servers wait for it for up to 15 min"
}

watch_interface() {
  [ -e /etc/systemd/system/groundwork-interface.service ] || return 0
  if [ -n "${repair:-}" ] || has_word watch "$changed" || ! systemctl is-active -q groundwork-interface; then
    systemctl enable -q groundwork-interface
    systemctl restart groundwork-interface
  fi
}

summary() {
  write_mark "$node" # now it has the cluster's CA
  settle_given_list
  if [ -z "$changed" ] && [ -z "${begin:-}" ]; then
    [ -e "$good" ] || remember_files
    say unchanged
    return
  fi
  remember_files
  rm -f "$pending" || cannot_write "$pending"
  say "changed: $(printf %s "${changed:-nothing}" | sed 's/ /, /g')${begin:+; restarted k3s}"
}
