# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# Before a member's k3s restarts, its pods move away; not on a first creation, and not when nothing will restart.

drain() {
  doing='draining'
  has_cluster || { say "no cluster on $operator yet: nothing to drain"; return; }
  if ! api_answers; then
    [ "$node" = "$operator" ] || fail "$node: the API on $operator does not answer, so nothing can be drained; repair $operator first"
    say "the API on $node does not answer: going on, so that $node can be repaired"
    return
  fi
  node_exists || { say "$node is not a member yet: nothing to drain"; return; }
  applied=$(node_field '{.metadata.annotations.groundwork/applied}')
  if [ "$applied" = "$fingerprint" ]; then
    # A change that failed on the host and was taken back leaves only this step to undo its drain.
    if [ "$(node_field '{.metadata.labels.groundwork/drained}')" = true ]; then
      release_node
      say "k3s on $node will not restart after all: uncordoned"
      return
    fi
    say "k3s on $node will not restart: not drained"
    return
  fi
  [ "$role" = agent ] || spare_quorum
  version=$(node_field '{.status.nodeInfo.kubeletVersion}')
  case $drain_when in
    never) say 'rollout.drain is never: not drained'; return ;;
    upgrade) [ "$version" != "$k3s_version" ] || { say "$node stays on $version: not drained"; return; } ;;
  esac
  is_ready || { say "$node is not Ready: its pods are being moved already"; return; }
  mark_drained
  # Asked in turn: those that are down only for their own turn are hosts again by now.
  [ -n "$(other_hosts)" ] || { release_node; say "no other node could take the pods of $node: not drained"; return; }
  if ! cordon_and_drain; then
    release_node
    fail "$node: not drained within $drain_timeout s; it is uncordoned and unchanged. Mend what the lines above name, raise rollout.drainTimeoutSeconds, or set rollout.drain: never"
  fi
}

# One server at a time is only safe while the others are well. A server that is down itself may be repaired.
spare_quorum() {
  [ "$(members)" -gt 2 ] && is_ready || return 0
  [ "$(others_alive)" -ge $(($(members) / 2 + 1)) ] ||
    fail "$node: restarting k3s would cost etcd its quorum: only $(others_alive) of the other $(($(members) - 1)) servers are Ready; bring them back first ('pulumi up --target \"**::NODE*\"' works on one node alone)"
}

# At most $max_unavailable agents are down for us at a time, however many lanes the roll-out has. All drains of agents run on
# this server, so a lock on a file here makes counting and marking one step.
mark_drained() {
  [ "$role" = agent ] || { claim; return; }
  await "$((drain_timeout * 4))" "another agent to be Ready again ($(marked | tr '\n' ' ')is drained)" claim_in_turn ||
    fail "$node: these agents are still drained: $(marked | tr '\n' ' '); bring them back, or raise rollout.maxUnavailable"
}
marked() { kube get nodes -l 'groundwork/drained=true,!node-role.kubernetes.io/control-plane' -o custom-columns=:.metadata.name --no-headers | grep -vx "$node" || true; }
claim_in_turn() {
  (
    flock 9
    [ "$(marked | grep -c .)" -lt "$max_unavailable" ] && claim
  ) 9>/run/groundwork-drain.lock
}
# A node that somebody cordoned by hand stays cordoned afterwards.
claim() {
  if [ "$(node_field '{.spec.unschedulable}')" = true ] && [ "$(node_field '{.metadata.labels.groundwork/drained}')" != true ]; then
    kube annotate node "$node" groundwork/keep-cordoned=true --overwrite >/dev/null
  fi
  kube label node "$node" groundwork/drained=true --overwrite >/dev/null
}
