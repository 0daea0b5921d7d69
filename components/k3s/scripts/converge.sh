# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# Makes the host what the settings say, and restarts k3s only if it must. Running it twice changes nothing.

service=k3s
[ "$role" = server ] || service=k3s-agent

converge() {
  doing='checking the host'
  preflight
  fresh_host=yes
  ! is_member || fresh_host=no
  doing='installing packages'
  ensure_packages
  doing='installing k3s'
  ensure_binary
  doing='writing files'
  put_files
  [ "$fresh_host" = no ] || join_living_peer
  doing='preparing the host'
  prepare
  [ "$reload" = no ] || systemctl daemon-reload
  systemctl is-enabled -q "$service" 2>/dev/null || systemctl enable -q "$service"
  doing='starting k3s'
  if [ -e "$pending" ] || ! systemctl is-active -q "$service"; then
    start_or_go_back
  fi
  watch_interface
  summary
}

# A first server that was rebuilt must join the servers that live, not start a second cluster beside them.
join_living_peer() {
  [ "$starts_cluster" = yes ] || return 0
  for peer in $peers; do
    if supervisor_answers "$peer:6443"; then
      say "the server at $peer lives: joining it instead of starting a cluster"
      join_file=/etc/rancher/k3s/config.yaml.d/10-join.yaml
      sed "s|^cluster-init: true\$|server: https://$peer:6443|" "$join_file" | replace "$join_file" 600 : || true
      return 0
    fi
  done
}

start_or_go_back() {
  begin=$(date +%s)
  if start_k3s; then
    say "k3s is healthy after $(($(date +%s) - begin)) s"
    return
  fi
  journal
  reason=$(last_reason || true)
  if [ ! -d "$state_dir/previous" ]; then
    systemctl stop "$service" 2>/dev/null || true
    fail "$node: k3s does not start${reason:+: $reason}; the host's own lines are above, the rest in 'journalctl -u $service'"
  fi
  say 'k3s does not start with the change: going back to what ran before'
  restore_files
  if has_word version "$changed" && [ -e "$binary.previous" ]; then
    mv -f "$binary.previous" "$binary"
    rm -f "$stamp"
  fi
  systemctl daemon-reload
  if start_k3s; then
    rm -f "$pending"
    fail "$node: k3s does not start with the change${reason:+: $reason}; what ran before runs again"
  fi
  fail "$node: k3s does not start with the change, nor without it; see 'journalctl -u $service' on the host"
}

start_k3s() {
  # The interface wait of the unit is bounded and counts on top.
  # To the microsecond: what a start within the same second said before is not about this one.
  started=$(date '+%Y-%m-%d %H:%M:%S.%6N')
  systemctl reset-failed "$service" 2>/dev/null || true
  systemctl restart --no-block "$service"
  await $((start_timeout + interface_wait)) "k3s on $node" is_healthy
}

# A server notifies systemd when its API is up. An agent's kubelet listens once the node has joined.
is_healthy() {
  ! gave_up || return 1
  systemctl is-active -q "$service" || return 1
  [ "$role" = server ] || listens 10250
}

# Some failures do not mend themselves: waiting out the time limit would only hide them.
gave_up() { [ -n "$(last_reason)" ] && await_spent=$await_limit; }
last_reason() {
  journalctl -q -o cat -u "$service" --since "$started" 2>/dev/null |
    grep -m 1 -oiE 'node password rejected[^"]*|token CA hash does not match[^"]*|critical configuration value mismatch[^"]*|flag provided but not defined[^"]*|not authorized[^"]*|unable to find interface[^"]*' | cut -c 1-300
}
journal() { journalctl -q -o cat -u "$service" --since "$started" 2>/dev/null | tail -n 20 | cut -c 1-400 >&2; }

watch_interface() {
  [ -e /etc/systemd/system/groundwork-interface.service ] || return 0
  if has_word watch "$changed" || ! systemctl is-active -q groundwork-interface; then
    systemctl enable -q groundwork-interface
    systemctl restart groundwork-interface
  fi
}

summary() {
  if [ -z "$changed" ] && [ -z "${begin:-}" ]; then
    say unchanged
    return
  fi
  remember_files
  rm -f "$pending"
  say "changed: $(printf %s "${changed:-nothing}" | sed 's/ /, /g')${begin:+; restarted k3s}"
}
