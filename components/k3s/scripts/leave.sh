# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# A node leaves the cluster before anything is taken off its host: drained, out of etcd, its Node and its password gone.

leave() {
  doing='leaving the cluster'
  has_cluster || { say "no cluster on $operator any more: nothing to leave"; return; }
  if [ "$role" = server ]; then
    api_answers || fail "$node: its API does not answer, so it cannot leave; repair it and run up again. If the machine is lost, see 'gone for good' in the README"
    through_another_server || { say "$node is the last server: nothing to leave"; return; }
  fi
  api_answers || fail "$node: the API at ${api:-$operator} does not answer, so the node cannot leave; repair it and run up again"
  if node_exists; then
    [ "$role" = agent ] || keep_quorum
    leave_pods
    [ "$role" = agent ] || leave_etcd
    kube delete node "$node" --timeout=60s >/dev/null
  fi
  # Without this the same name cannot join again: "Node password rejected" (k3s#6054).
  kube delete secret -n kube-system "$node.node-password.k3s" --ignore-not-found >/dev/null
  say "$node left the cluster"
}

# The API of a server that leaves ends with it.
through_another_server() {
  known=$(servers)
  for address in $(printf '%s\n' "$known" | awk -F '|' -v node="$node" '$1 != node { print $3 }'); do
    if curl -fsSk --connect-timeout 5 --max-time 10 "https://$address:6443/ping" >/dev/null 2>&1; then
      api=https://$address:6443
      return 0
    fi
  done
  [ "$(printf '%s\n' "$known" | grep -c .)" -le 1 ] ||
    fail "$node: no other server answers, so it cannot leave without losing the cluster's data; bring one back first"
  return 1
}

# Of today's members, more than half must be alive while the membership changes. Two members need both, or the other one.
keep_quorum() {
  [ "$(members)" -le 2 ] && [ "$(others_alive)" -ge 1 ] && return 0
  [ "$(others_alive)" -ge $(($(members) / 2 + 1)) ] ||
    fail "$node: only $(others_alive) of the other $(($(members) - 1)) servers are Ready, and etcd needs $(($(members) / 2 + 1)) of $(members) to go on; bring the others back first"
}

leave_pods() {
  if ! is_ready; then
    say "$node is not Ready: its pods are not waited for"
    kube cordon "$node" >/dev/null
  elif [ -z "$(other_hosts)" ]; then
    say "no other node could take the pods of $node: not drained"
    kube cordon "$node" >/dev/null
  elif ! cordon_and_drain; then
    kube uncordon "$node" >/dev/null
    fail "$node: not drained within $drain_timeout s, so it stays; it is uncordoned. Mend what the lines above name and run up again"
  fi
}

# k3s removes the member when asked by annotation, and says when it has (pkg/etcd/member_controller.go). It leaves with its vote
# still in: of two members, neither could be removed while one is stopped. And it must not start again afterwards, because k3s
# would then join as a new member.
leave_etcd() {
  stay_down=/run/systemd/system/k3s.service.d/leaving.conf
  mkdir -p "$(dirname "$stay_down")"
  printf '[Service]\nRestart=no\n' >"$stay_down"
  systemctl daemon-reload
  kube annotate node "$node" etcd.k3s.cattle.io/remove=true --overwrite >/dev/null
  if await 60 "etcd to let $node go" left_etcd; then
    systemctl stop k3s
    rm -f "$stay_down"
    return
  fi
  # A request that stays would take the member out later, when nobody expects it.
  kube annotate node "$node" etcd.k3s.cattle.io/remove- >/dev/null
  rm -f "$stay_down"
  systemctl daemon-reload
  systemctl start --no-block k3s
  kube uncordon "$node" >/dev/null
  fail "$node: etcd still has it as a member after 60 s; look at 'journalctl -u k3s' on the servers, and run up again"
}
left_etcd() { [ -n "$(node_field '{.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}' 2>/dev/null)" ]; }
