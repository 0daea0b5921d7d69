# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A node leaves the cluster before anything is taken off its host: drained, out of etcd, its Node and its password gone. It can be
# cut off at any point and run again: what a server needs to go on stands in $leaving.

leaving=$state_dir/leaving
stay_down=/etc/systemd/system/k3s.service.d/90-leaving.conf

leave() {
  doing='leaving the cluster'
  check_operator
  [ "$has_cluster" = yes ] || { say "no cluster on $operator any more: nothing to leave"; return; }
  lock_node leave
  if [ "$role" = agent ]; then
    await_api || fail "$node: the API on $operator does not answer, so the node cannot leave; repair $operator and run up again"
    leave_pods
  else
    [ -s "$leaving" ] || begin_to_leave
    [ -s "$leaving" ] || return 0 # the last one
    hand_over_virtual_ip
    through_another_server
    ask_node
    [ "$node_exists" = no ] || leave_etcd
    # From here on k3s must stay down, or it would join again as a new member.
    systemctl stop k3s || fail "$node: k3s cannot be stopped; see 'journalctl -u k3s'"
  fi
  kube delete node "$node" --ignore-not-found --timeout=60s >/dev/null || fail "$node: its Node cannot be deleted; see the line above, and run up again"
  # Without this the same name cannot join again: "Node password rejected" (k3s#6054).
  must_kube delete secret -n kube-system "$node.node-password.k3s" --ignore-not-found
  say "$node left the cluster"
}

# Decides with the server's own API, which ends when the server is out of etcd; so the others are written down first.
begin_to_leave() {
  await 65 "the API on $node" api_answers ||
    fail "$node: its API does not answer, so it cannot leave; repair it and run up again. If the machine is gone for good, set lost: true on it"
  ask_servers
  [ "$members" -gt 0 ] || fail "$node: its API knows no member of etcd, not even $node; wait until k3s has started, and run up again"
  if [ "$servers" = "$(printf '%s\n' "$servers" | grep "^$node|")" ]; then
    say "$node is the last server: nothing to leave"
    return 0
  fi
  has_quorum || refuse_to_leave # before a pod is moved for nothing; what counts is asked again below, under the lock
  leave_pods
  lock_cluster
  ask_servers
  has_quorum || { release_node; refuse_to_leave; }
  still_locked
  must_kube annotate node "$node" groundwork/down="$(date +%s)" --overwrite
  release_cluster_lock
  printf '%s\n' "$servers" | awk -F '|' -v node="$node" 'NF && $1 != node { print $1 "|" $5 }' | write_file "$leaving" 600
}

# Of today's members, more than half must be alive while the membership changes. Two members need both, or the other one.
has_quorum() { [ "$others_alive" -ge "$quorum" ] || { [ "$members" -le 2 ] && [ "$others_alive" -ge 1 ]; }; }
refuse_to_leave() {
  fail "$node: only $others_alive of the other $((members - 1)) servers are Ready voters, and etcd needs $quorum of $members to go on; bring the others back first"
}

# Before its API ends, another server has the address.
hand_over_virtual_ip() {
  [ -e /etc/systemd/system/groundwork-vip.service ] || return 0
  systemctl stop groundwork-vip || fail "$node: groundwork-vip cannot be stopped; see 'journalctl -u groundwork-vip'"
}

# The API of a server that leaves ends with it.
through_another_server() {
  await 120 "another server of $(tr '\n' ' ' <"$leaving")to answer" find_another_server ||
    fail "$node: no other server answers ($(tr '\n' ' ' <"$leaving")), so it cannot leave without losing the cluster's data; bring one back and run up again"
}
find_another_server() {
  while IFS='|' read -r _ other; do
    api=https://$(url_host "$other"):$api_port
    ! kube get --raw /readyz >/dev/null 2>&1 || return 0
  done <"$leaving"
  api=''
  return 1
}

leave_pods() {
  ask_node
  [ "$node_exists" = yes ] || return 0
  ask_ready
  ask_hosts
  claim
  if [ "$ready" != True ]; then
    say "$node is not Ready: its pods are not waited for"
    must_kube cordon "$node"
  elif [ -z "$hosts" ]; then
    say "no other node could take the pods of $node: not drained"
    must_kube cordon "$node"
  else
    cordon_and_drain
    if [ "$drained" = no ]; then
      release_node
      fail "$node: not drained within $drain_timeout s, so it stays; it is uncordoned. Mend what the lines above name and run up again"
    fi
  fi
}

# The member is removed while it runs (member.sh), with its vote still in: of two members, neither could be removed while one is stopped.
leave_etcd() {
  write_file "$stay_down" 644 <<STAY
[Unit]
ConditionPathExists=!$leaving
[Service]
Restart=no
STAY
  systemctl daemon-reload
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove=true --overwrite
  await 180 "etcd to let $node go" left_etcd && return 0
  ask_field voter "$membership"
  case $voter in
    "|True|"*) ;;
    *) fail "$node: whether etcd let it go is not known after 180 s ($voter); k3s is not started again. Look at 'journalctl -u k3s' on the servers, and run up again" ;;
  esac
  # A request that stays would take the member out later, when nobody expects it.
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove- groundwork/down-
  rm -f "$leaving" "$stay_down" || cannot_write "$leaving"
  systemctl daemon-reload
  systemctl start --no-block k3s
  release_node
  fail "$node: etcd still has it as a voter after 180 s; it stays, and is uncordoned. Look at 'journalctl -u k3s' on the servers, and run up again"
}
