# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Before a member's k3s restarts, its pods move away; not on a first creation, and not when nothing will restart.

drain() {
  doing='draining'
  check_operator
  [ "$has_cluster" = yes ] || { say "no cluster on $operator yet: nothing to drain"; return; }
  lock_node drain
  if ! await_api; then
    [ "$node" = "$operator" ] || fail "$node: the API on $operator does not answer, so nothing can be drained; repair $operator first"
    say "the API on $node does not answer: going on, so that $node can be repaired"
    return
  fi
  ask_node
  [ "$node_exists" = yes ] || { say "$node is not a member yet: nothing to drain"; return; }
  check_machine
  check_member_address
  take_back_leave
  ask_field applied '{.metadata.annotations.groundwork/applied}'
  ask_repair
  if [ "$applied" = "$fingerprint" ] && [ "$repairs" = no ] && ! has_new_tokens; then
    # A change that failed on the host and was taken back leaves only this step to undo its drain.
    ask_field marked '{.metadata.labels.groundwork/drained}'
    if [ "$marked" = true ]; then
      release_node
      end_turn
      say "k3s on $node will not restart after all: uncordoned"
      return
    fi
    say "k3s on $node will not restart: not drained"
    return
  fi
  drain_for_restart
}

# A server's drain runs on its own host, after its tokens were written.
has_new_tokens() { [ "$role" = server ] && [ -e "$state_dir/new-tokens" ]; }

# Sets repairs: whether this run brings back what makes k3s restart. What the host has is not seen from here, so the stack's file says
# it; once the node came back, the stamp is on it, and it is not drained for the same one again.
ask_repair() {
  repairs=no
  [ "${repair_drain:-no}" = yes ] || return 0
  ask_field repaired '{.metadata.annotations.groundwork/repaired}'
  [ "$repaired" = "${repair:-}" ] || repairs=yes
}

drain_for_restart() {
  ask_ready
  # One that is down already is repaired at any hour, and one that has not come into use yet may do so.
  [ -z "${window_zone:-}" ] || [ "$ready" != True ] || [ -z "$applied${adopt:-}" ] || check_window "k3s would restart on it"
  ask_field version '{.status.nodeInfo.kubeletVersion}'
  why_not_drained=''
  case $drain_when in
    never) why_not_drained='rollout.drain is never: not drained' ;;
    upgrade) [ "$version" != "$k3s_version" ] || why_not_drained="$node stays on $version: not drained" ;;
  esac
  [ "$ready" = True ] || why_not_drained="${why_not_drained:-$node is not Ready: its pods are being moved already}"
  [ -n "$why_not_drained" ] || name_what_blocks
  # A server waits before its turn, which is short; agents take turns, and wait in theirs, when no other is down.
  [ -n "$why_not_drained" ] || [ "$role" = agent ] || await_volumes || fail_for_volumes
  [ "$role" = agent ] || claim_turn_of_server
  [ -z "$why_not_drained" ] || { say "$why_not_drained"; return; }
  if [ "$role" = server ]; then claim; else claim_turn_of_agent; fi
  # Asked in turn: those that are down only for their own turn are hosts again by now.
  ask_hosts
  [ -n "$hosts" ] || { say "no other node could take the pods of $node: not drained"; release_node; return; }
  [ "$role" = server ] || await_volumes || { release_node; fail_for_volumes; }
  cordon_and_drain
  if [ "$drained" = no ]; then
    release_node
    end_turn
    fail "$node: not drained within $drain_timeout s; it is uncordoned and unchanged. Mend what the lines above name, raise rollout.drainTimeoutSeconds, or set rollout.drain: never"
  fi
}

# One server at a time is only safe while the others are well. The mark that follows tells the others that this one may be down. A
# server that is down itself may be repaired.
claim_turn_of_server() {
  lock_cluster
  ask_servers
  if [ "$members" -gt 2 ] && [ "$ready" = True ] && [ "$others_alive" -lt "$quorum" ]; then
    fail "$node: restarting k3s would cost etcd its quorum: only $others_alive of the other $((members - 1)) servers are Ready voters; bring them back first ('pulumi up --target \"**::NODE*\"' works on one node alone)"
  fi
  still_locked
  must_kube annotate node "$node" groundwork/down="$(date +%s)" --overwrite
  release_cluster_lock
}

# The other servers count this one again: it is not going down after all.
end_turn() { [ "$role" = agent ] || must_kube annotate node "$node" groundwork/down-; }

# At most $max_unavailable agents are down for us at a time, however many lanes the roll-out has. Others may take their time with their
# volumes and the user's check, so the limit is for each of them and not for all.
claim_turn_of_agent() {
  turn_limit=$((drain_timeout * 4 + volumes_timeout + ${check_timeout:-0}))
  turn_begin=0 turn_of='' turn_said=-10 turn_since=$(date +%s)
  while :; do
    lock_cluster
    ask drained_agents kube get nodes -l 'groundwork/drained=true,!node-role.kubernetes.io/control-plane' -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.annotations.groundwork/check}{"\n"}{end}'
    busy=$(printf '%s\n' "$drained_agents" | awk -v node="$node" 'NF && $1 != node { printf "%s ", $1 }')
    # shellcheck disable=SC2086 # counts words
    set -- $busy
    if [ $# -lt "$max_unavailable" ]; then
      still_locked
      claim
      release_cluster_lock
      return 0
    fi
    release_cluster_lock
    stopped=$(printf '%s\n' "$drained_agents" | awk -v node="$node" -v since="$turn_since" 'NF > 1 && $1 != node && sub(/^failed-/, "", $2) && $2 + 0 >= since + 0 { print $1; exit }')
    [ -z "$stopped" ] || fail "$node: the roll-out stops, because rollout.check failed after $stopped; $node is unchanged. Mend that and run up again"
    [ "$busy" = "$turn_of" ] || { turn_of=$busy turn_begin=0 turn_said=-10; }
    [ "$turn_begin" -lt "$turn_limit" ] ||
      fail "$node: these agents are still drained: $busy; bring them back, or raise rollout.maxUnavailable"
    [ $((turn_begin - turn_said)) -lt 10 ] || { say "waiting for another agent to be Ready again ($busy)"; turn_said=$turn_begin; }
    sleep 2
    turn_begin=$((turn_begin + 2))
  done
}

# A server that was on its way out and is wanted again: a request that stays would take it out of etcd later.
take_back_leave() {
  [ "$role" = server ] && [ -e "$state_dir/leaving" ] || return 0
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove-
}
