# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A machine that is gone for good. What the cluster knows of it goes, on a server that lives, and the machine is not asked; all that is made sure of is that
# it does not live. Cut off at any point, the next run goes on.

lease_before='' etcd_node='' released='' alive=no
lost_guide="'Lost machines' in docs/operating.md"

forget() {
  doing='forgetting a lost machine'
  check_operator
  [ "$has_cluster" = yes ] ||
    fail "$node: $operator has no cluster yet, so it cannot forget $node; put a server that is a member of the cluster before it in 'nodes', and run up again"
  lock_node forget
  await 65 "the API on $operator" api_answers ||
    fail "$node: the API on $operator does not answer, so nothing was forgotten. If k3s runs there, etcd has lost its quorum because too many servers are gone: see $lost_guide. Otherwise repair $operator ('systemctl restart k3s' there) and run up again"
  ask_node
  if [ "$node_exists" = yes ]; then
    must_be_gone
    ask_field etcd_node '{.metadata.labels.node-role\.kubernetes\.io/etcd}'
    [ "$etcd_node" != true ] || forget_member
    release_pods
    kube delete node "$node" --ignore-not-found --timeout=120s >/dev/null ||
      fail "$node: its Node cannot be deleted; see the line above and 'journalctl -u k3s' on the servers, and run up again"
  fi
  # Without this the same name cannot join again: "Node password rejected" (k3s#6054).
  must_kube delete secret -n kube-system "$node.node-password.k3s" --ignore-not-found
  say "$node is forgotten; take it out of 'nodes' with the next up. Should the machine come back: wipe it before it is switched on in this network ($lost_guide)"
}

# A Node is Unknown when its kubelet was not heard of for about a minute. One that says itself that it is not ready lives, and so does one whose kubelet
# answers though the cluster does not hear of it.
must_be_gone() {
  ask_ready
  if [ "$ready" != Unknown ]; then
    ask lease_before last_renewal
    await 150 "the cluster to miss $node" is_missed || refuse_to_forget
  fi
  ! kubelet_answers || refuse_to_forget
}
last_renewal() { kube get lease "$node" -n kube-node-lease --ignore-not-found -o jsonpath='{.spec.renewTime}'; }
is_missed() {
  ready=$(node_field "$ready_condition" 2>/dev/null) || return 1
  [ "$ready" != Unknown ] || return 0
  lease_now=$(last_renewal 2>/dev/null) || return 1
  # Renewed while we look: it need not be waited for.
  [ "$lease_now" = "$lease_before" ] || { alive=yes await_over=yes; }
  return 1
}
# Through the API server, which reaches kubelets whatever the network between the nodes is. "Forbidden" is an answer, too.
kubelet_answers() {
  kubelet_says=$(kube get --raw "/api/v1/nodes/$node/proxy/healthz" 2>&1) || case $kubelet_says in
    *Forbidden* | *Unauthorized*) ;;
    *) return 1 ;;
  esac
  alive=yes
}
refuse_to_forget() {
  [ "$alive" = yes ] ||
    fail "$node: whether it is gone is not known: Kubernetes does not miss it after 150 s (Ready: ${ready:-not told}); nothing was done. Look at 'kubectl describe node $node', switch the machine off if it runs, and run up again"
  fail "$node: it is alive: its kubelet answers; nothing was done. Take 'lost: true' out of its entry again. To remove a machine that lives, take the entry out of 'nodes'; one that shall go without being asked is switched off first"
}

# Of today's members, more than half have to be alive while one is taken out. After etcd was reset to one server, the Nodes of the others are no members any more.
forget_member() {
  ! left_etcd || return 0
  lock_cluster
  ask_servers
  [ "$others_alive" -ge "$quorum" ] ||
    fail "$node: only $others_alive of the other $((members - 1)) servers are Ready voters, and etcd needs $quorum of $members to take a member out; nothing was done. Bring the others back and run up again; if they are gone for good: $lost_guide"
  still_locked
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove=true --overwrite
  release_cluster_lock
  await 180 "etcd to let $node go" left_etcd && return 0
  # A request that stays would take the member out later, when nobody expects it.
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove-
  fail "$node: etcd still has it as a member after 180 s; it was not forgotten. Look at 'journalctl -u k3s' on the servers, and run up again"
}

# Pods that nobody stops any more would be waited for, and their volumes stay attached to the machine for six minutes more. The taint
# says that it is off (kubernetes.io/docs/concepts/cluster-administration/node-shutdown, non-graceful).
release_pods() {
  must_kube taint node "$node" node.kubernetes.io/out-of-service=nodeshutdown:NoExecute --overwrite
  ask released kube delete pods -A --field-selector "spec.nodeName=$node" --force --grace-period=0 --wait=false -o name
  [ -z "$released" ] || say "$node: $(printf '%s\n' "$released" | grep -c .) pods released"
  await 60 "the volumes on $node to be detached" no_volumes ||
    warn "$node: some volumes are still attached to it; Kubernetes detaches them by itself within six minutes"
}
no_volumes() {
  attached=$(kube get volumeattachments -o jsonpath="{range .items[?(@.spec.nodeName==\"$node\")]}{.metadata.name}{\"\n\"}{end}" 2>/dev/null) || return 1
  [ -z "$attached" ]
}
