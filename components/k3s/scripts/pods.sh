# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The pods of the node $node move away.

# Sets hosts: nodes but this one that pods may be scheduled on. Taints that only follow what is asked here, some seconds later, do
# not count: a node that was uncordoned just now is a host again.
ask_hosts() {
  ask listed kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.spec.unschedulable}|{.status.conditions[?(@.type=="Ready")].status}|{range .spec.taints[*]}{.key}:{.effect} {end}{"\n"}{end}'
  hosts=$(printf '%s\n' "$listed" | open_hosts)
}
open_hosts() {
  awk -F '|' -v node="$node" '$1 != "" && $1 != node && $2 != "true" && $3 == "True" && !closed($4) { print $1 }
    function closed(text, taints, at) {
      for (at = split(text, taints, " "); at > 0; at--) if (taints[at] ~ /:No(Schedule|Execute)$/ && taints[at] !~ /^node\.kubernetes\.io\/(unschedulable|not-ready|unreachable):/) return 1
      return 0
    }'
}

# cordon_and_drain: sets drained to no when pods are left after the time limit; then it says which budget holds them.
cordon_and_drain() {
  kube cordon "$node" >/dev/null || fail "$node: it cannot be cordoned; see the line above"
  need_scratch
  k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$kubeconfig" ${api:+--server="$api"} drain "$node" --ignore-daemonsets --delete-emptydir-data \
    --timeout="${drain_timeout}s" >"$scratch/drain" 2>&1 &
  worker=$!
  await "$((drain_timeout + 30))" "the pods of $node to move" worker_ended || kill "$worker" || true # it ended just now
  if wait "$worker"; then
    drained=yes
    # Older releases of kubectl say "node/NAME evicted" at the end as well.
    say "drained $node: $(grep -c '^pod.* \(evicted\|deleted\)$' "$scratch/drain" || true) pods moved"
    return 0
  fi
  drained=no
  grep -v '^evicting\|ignoring DaemonSet\|will be ignored' "$scratch/drain" | sort | uniq -c | sort -rn | head -n 5 | sed 's/^ *[0-9]* //' >&2
  kube get poddisruptionbudgets -A -o jsonpath='{range .items[?(@.status.disruptionsAllowed==0)]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}' |
    sed 's/^/this PodDisruptionBudget allows no eviction now: /' >&2
}
worker_ended() { ! kill -0 "$worker" 2>/dev/null; }
