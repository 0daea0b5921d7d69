#!/bin/sh
# Groundwork: drain s1 if k3s will restart on it
set -eu
umask 022
node='s1'
role='server'
operator='s1'
k3s_version='v1.36.4+k3s1'
fingerprint='f10b6e2395bedb32'
drain_timeout='300'
drain_when='restart'
max_unavailable='1'

# What every script says, and how it ends.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  told=yes
  exit 1
}

# A command that fails where no failure was expected must not end the run without a word.
doing='starting'
told=no
on_exit() {
  code=$?
  [ "$code" -eq 0 ] || [ "$told" = yes ] || warn "$node: stopped while $doing (exit code $code)"
}
trap on_exit EXIT

# await SECONDS WHAT COMMAND…: polls the command until it succeeds; says every ten seconds what it waits for.
await() {
  await_limit=$1
  await_what=$2
  shift 2
  await_spent=0
  until "$@"; do
    [ "$await_spent" -lt "$await_limit" ] || return 1
    sleep 1
    await_spent=$((await_spent + 1))
    [ $((await_spent % 10)) -ne 0 ] || say "waiting for $await_what ($await_spent of $await_limit s)"
  done
}

# has_word WORD LIST: whether a list separated by spaces has the word.
has_word() {
  case " $2 " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

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

main() {
  case ${1:-} in
    drain) drain ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
