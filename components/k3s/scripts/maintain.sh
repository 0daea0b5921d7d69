# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Maintenance of the node $node, asked for by a person: drained until it is uncordoned, or for a reboot. It runs on a server, with the
# functions of a roll-out's own drain.

begin_maintenance() {
  check_operator
  [ "$has_cluster" = yes ] || fail "$node: there is no cluster on $operator yet; run up first"
  lock_wait=120
  lock_node "$1"
  await 65 "the API on $operator" api_answers || fail "$node: the API on $operator does not answer; see 'journalctl -u k3s' there"
  ask_node
  [ "$node_exists" = yes ] || fail "$node: it is not a member of the cluster; run up"
}

# What a drain would do; nothing is changed.
preview() {
  doing='looking at what would move'
  begin_maintenance preview
  ask_ready
  say "$node is $([ "$ready" = True ] && echo Ready || echo 'not Ready')"
  if [ "$role" = server ]; then
    ask_servers
    has_quorum_without || warn "$node: rebooting it would cost etcd its quorum: only $others_alive of the other $((members - 1)) servers are Ready voters"
    [ "$members" -gt 2 ] || say "etcd has $members: the API is away while $node restarts"
  fi
  need_scratch
  previewed=0
  kube drain "$node" --ignore-daemonsets --delete-emptydir-data --dry-run=client >"$scratch/preview" 2>&1 || previewed=$?
  sed -n 's/^evicting pod \(.*\) (dry run)$/would move \1/p' "$scratch/preview"
  if [ "$previewed" -ne 0 ]; then
    grep -v '^evicting\|ignoring DaemonSet' "$scratch/preview" >&2 || true # there may be nothing else
    warn "$node: a drain would be refused; see the lines above"
  fi
  ask budgets kube get poddisruptionbudgets -A -o jsonpath='{range .items[?(@.status.disruptionsAllowed==0)]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}'
  [ -z "$budgets" ] || printf '%s\n' "$budgets" | sed 's/^/warning: this PodDisruptionBudget allows no eviction now: /' >&2
}
has_quorum_without() { [ "$members" -le 2 ] || [ "$ready" != True ] || [ "$others_alive" -ge "$quorum" ]; }

# A plain cordon, as kubectl's: a roll-out that comes by meanwhile leaves it cordoned.
maintain() {
  doing='draining'
  begin_maintenance drain
  ask_field cordoned '{.spec.unschedulable}'
  cordon_and_drain
  if [ "$drained" = no ]; then
    [ "$cordoned" = true ] || must_kube uncordon "$node"
    fail "$node: not drained within $drain_timeout s; it is $([ "$cordoned" = true ] && echo 'cordoned as it was before' || echo uncordoned). Mend what the lines above name, or give it longer with --timeout"
  fi
  must_kube annotate node "$node" groundwork/maintenance="$(date -u +%Y-%m-%dT%H:%M:%SZ)" --overwrite
}

# Takes off whatever kept pods away: a drain by hand, for maintenance, or of a run that did not end.
uncordon() {
  doing='uncordoning'
  begin_maintenance uncordon
  must_kube uncordon "$node"
  must_kube label node "$node" groundwork/drained-
  must_kube annotate node "$node" groundwork/keep-cordoned- groundwork/maintenance-
  say "$node takes pods again"
}

preview_uncordon() {
  doing='looking at the node'
  begin_maintenance preview
  ask_field cordoned '{.spec.unschedulable}|{.metadata.annotations.groundwork/maintenance}'
  case $cordoned in
    true\|) say "$node is cordoned: it would take pods again" ;;
    true\|*) say "$node is drained for maintenance since ${cordoned#*|}: it would take pods again" ;;
    *) say "$node takes pods: nothing would change" ;;
  esac
}

# As before a change that restarts k3s: quorum first, then its turn, then its pods.
begin_reboot() {
  doing='preparing the reboot'
  begin_maintenance reboot
  ask_ready
  if [ "$ready" = True ]; then
    name_what_blocks
    await_volumes || fail_for_volumes
  fi
  [ "$role" = agent ] || claim_turn_of_server
  if [ "$ready" != True ]; then
    say "$node is not Ready: its pods are being moved already"
    return
  fi
  if [ "$role" = server ]; then claim; else claim_turn_of_agent; fi
  ask_hosts
  if [ -z "$hosts" ]; then
    say "no other node could take the pods of $node: not drained"
    return
  fi
  cordon_and_drain
  if [ "$drained" = no ]; then
    release_node
    end_turn
    fail "$node: not drained within $drain_timeout s; it is uncordoned and was not rebooted. Mend what the lines above name, or give it longer with --timeout"
  fi
}

# A Node is called Ready for 40 s after its kubelet is gone, so what counts is a word of the kubelet from after the reboot.
finish_reboot() {
  doing='waiting for the node'
  check_operator
  lock_wait=120
  lock_node reboot
  await "$ready_timeout" "the API on $operator" api_answers || fail "$node: the API on $operator does not answer after the reboot; see 'journalctl -u k3s' there"
  ask beat_before kube get lease "$node" -n kube-node-lease --ignore-not-found -o jsonpath='{.spec.renewTime}'
  await "$ready_timeout" "$node to be Ready" is_back || fail "$node: not Ready $ready_timeout s after the reboot; it stays cordoned. See 'groundwork node logs $node'; once it is well, 'groundwork node uncordon $node'"
  ask_field marked '{.metadata.labels.groundwork/drained}'
  [ "$marked" != true ] || release_node
  end_turn
  say "$node is Ready again"
}
is_back() {
  beat=$(kube get lease "$node" -n kube-node-lease --ignore-not-found -o jsonpath='{.spec.renewTime}' 2>/dev/null) || return 1
  state=$(kube get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}' 2>/dev/null) || return 1
  [ "$beat" != "$beat_before" ] || return 1
  case $role:$state in agent:True\|* | server:True\|True) return 0 ;; *) return 1 ;; esac
}
