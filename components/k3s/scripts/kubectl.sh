# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# Kubernetes as a server sees it; the node that is spoken of is $node.

kubeconfig=/etc/rancher/k3s/k3s.yaml
api=''    # another server's API, when this host's own is the one that leaves

kube() { k3s kubectl --kubeconfig "$kubeconfig" --request-timeout=20s ${api:+--server="$api"} "$@"; }

has_cluster() { [ -x /usr/local/bin/k3s ] && [ -e "$kubeconfig" ]; }
api_answers() { kube get --raw /readyz >/dev/null 2>&1; }
node_exists() { [ -n "$(kube get node "$node" --ignore-not-found -o name)" ]; }
node_field() { kube get node "$node" -o jsonpath="$1"; }
condition() { node_field "{.status.conditions[?(@.type==\"$1\")].status}"; }
is_ready() { [ "$(condition Ready)" = True ]; }

# Nodes but this one that pods may be scheduled on. Taints that only follow what is asked here, some seconds later, do not
# count: a node that was uncordoned just now is a host again.
other_hosts() {
  kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.spec.unschedulable}|{.status.conditions[?(@.type=="Ready")].status}|{range .spec.taints[*]}{.key}:{.effect} {end}{"\n"}{end}' |
    awk -F '|' -v node="$node" '$1 != node && $2 != "true" && $3 == "True" && !closed($4) { print $1 }
      function closed(text, taints, at) {
        for (at = split(text, taints, " "); at > 0; at--) if (taints[at] ~ /:No(Schedule|Execute)$/ && taints[at] !~ /^node\.kubernetes\.io\/(unschedulable|not-ready|unreachable):/) return 1
        return 0
      }'
}

# name|Ready|InternalIP of every member of etcd.
servers() {
  kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}'
}
members() { servers | wc -l; }
others_alive() { servers | awk -F '|' -v node="$node" '$1 != node && $2 == "True"' | wc -l; }

# cordon_and_drain: 1 when pods are left after the time limit; then it says which budget holds them.
cordon_and_drain() {
  kube cordon "$node" >/dev/null
  drained=$(mktemp)
  k3s kubectl --kubeconfig "$kubeconfig" ${api:+--server="$api"} drain "$node" --ignore-daemonsets --delete-emptydir-data \
    --timeout="${drain_timeout}s" >"$drained" 2>&1 &
  worker=$!
  spent=0
  while kill -0 "$worker" 2>/dev/null; do
    sleep 1
    spent=$((spent + 1))
    [ $((spent % 10)) -ne 0 ] || say "draining $node ($spent of $drain_timeout s)"
  done
  if wait "$worker"; then
    say "drained $node: $(grep -c ' evicted$\| deleted$' "$drained" || true) pods moved"
    rm -f "$drained"
    return 0
  fi
  grep -v '^evicting\|ignoring DaemonSet\|will be ignored' "$drained" | sort | uniq -c | sort -rn | head -n 5 | sed 's/^ *[0-9]* //' >&2
  rm -f "$drained"
  kube get poddisruptionbudgets -A -o jsonpath='{range .items[?(@.status.disruptionsAllowed==0)]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}' |
    sed 's/^/this PodDisruptionBudget allows no eviction now: /' >&2
  return 1
}

# Takes the drain's mark off again; a node that somebody had cordoned by hand before stays cordoned.
release_node() {
  [ "$(node_field '{.metadata.annotations.groundwork/keep-cordoned}')" = true ] || kube uncordon "$node" >/dev/null
  kube label node "$node" groundwork/drained- >/dev/null
  kube annotate node "$node" groundwork/keep-cordoned- >/dev/null
}
