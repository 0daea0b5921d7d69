#!/bin/sh
# Groundwork: a1 in Kubernetes
set -eu
umask 022
node='a1'
role='agent'
operator='s1'
k3s_version='v1.36.4+k3s1'
fingerprint='727c81a390b85257'
drain_timeout='300'
ready_timeout='300'
verify_overlay='yes'
labels='disk=ssd'
taints='gpu=true:NoSchedule'
resolvers='5019289da96a6d9a'

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

# A node counts when Kubernetes says so: Ready, on the version asked for, a voter of etcd if it is a server.

ready() {
  doing='waiting for the node'
  begin=$(date +%s)
  await "$ready_timeout" "$node to be Ready" is_up || fail "$node: not Ready after $ready_timeout s: $(why_not)"
  check_twins
  check_overlay
  set_labels
  set_taints
  restart_coredns
  kube annotate node "$node" groundwork/applied="$fingerprint" --overwrite >/dev/null
  [ "$(node_field '{.metadata.labels.groundwork/drained}')" != true ] || release_node
  say "$node is Ready: $role, $k3s_version$(voter_note), after $(($(date +%s) - begin)) s"
}

voter_note() { [ "$role" = agent ] || printf ', etcd voter'; }

is_up() {
  state=$(kube get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.nodeInfo.kubeletVersion}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}' 2>/dev/null) || return 1
  [ "$role" = agent ] && want="True|$k3s_version|" || want="True|$k3s_version|True"
  [ "$state" = "$want" ]
}

why_not() {
  api_answers || { printf 'the API on %s does not answer' "$operator"; return; }
  node_exists || { printf 'it is not a member; see journalctl -u %s on the host' "$([ "$role" = server ] && echo k3s || echo k3s-agent)"; return; }
  node_field '{range .status.conditions[*]}{.type}={.status} ({.message}); {end}kubelet {.status.nodeInfo.kubeletVersion}'
}

# Machines cloned from one image share an id, and then DHCP leases, CNI names and the journal collide.
check_twins() {
  id=$(node_field '{.status.nodeInfo.machineID}')
  twins=$(kube get nodes -o jsonpath='{range .items[*]}{.status.nodeInfo.machineID} {.metadata.name}{"\n"}{end}' |
    awk -v id="$id" -v node="$node" 'id != "" && $1 == id && $2 != node { printf "%s ", $2 }')
  [ -z "$twins" ] || warn "$node has the machine-id of ${twins}too; make a new one with 'rm /etc/machine-id && systemd-machine-id-setup' and reboot"
}

# The only proof that UDP passes both ways between two nodes is a packet that came back through the overlay.
check_overlay() {
  [ "$verify_overlay" = yes ] && [ -e /sys/class/net/flannel.1 ] && command -v ping >/dev/null || return 0
  far=$node
  [ "$node" != "$operator" ] || far=$(other_ready_node)
  [ -n "$far" ] || return 0
  gateway=$(kube get node "$far" -o jsonpath='{.spec.podCIDR}' | sed 's|/.*||')
  case $gateway in '' | *:*) return 0 ;; esac
  await 30 "pods on $far to be reached from $operator" ping -c 1 -W 1 -q "$gateway" >/dev/null ||
    fail "$node: the pods on $far ($gateway) cannot be reached from $operator through flannel; open UDP 8472 both ways between the nodes' addresses, or set network.verifyOverlay: false where ping is filtered"
}
other_ready_node() {
  kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' |
    awk -F '|' -v node="$node" '$1 != node && $2 == "True" { print $1; exit }'
}

# Labels that an earlier run set and the settings no longer name are taken off again; nobody else's are touched.
set_labels() {
  before=$(node_field '{.metadata.annotations.groundwork/labels}')
  now=''
  for label in $labels; do now="${now:+$now,}${label%%=*}"; done
  for key in $(printf %s "$before" | tr ',' ' '); do
    has_word "$key" "$(printf %s "$now" | tr ',' ' ')" || kube label node "$node" "$key-" >/dev/null
  done
  # shellcheck disable=SC2086 # a list of words
  [ -z "$labels" ] || kube label node "$node" $labels --overwrite >/dev/null
  [ "$before" = "$now" ] || kube annotate node "$node" groundwork/labels="$now" --overwrite >/dev/null
}

set_taints() {
  before=$(node_field '{.metadata.annotations.groundwork/taints}')
  now=''
  for taint in $taints; do now="${now:+$now,}$(taint_id "$taint")"; done
  for id in $(printf %s "$before" | tr ',' ' '); do
    has_word "$id" "$(printf %s "$now" | tr ',' ' ')" || kube taint node "$node" "$id-" >/dev/null 2>&1 || true
  done
  # shellcheck disable=SC2086 # a list of words
  [ -z "$taints" ] || kube taint node "$node" $taints --overwrite >/dev/null
  [ "$before" = "$now" ] || kube annotate node "$node" groundwork/taints="$now" --overwrite >/dev/null
}
taint_id() { printf '%s:%s' "$(printf %s "${1%:*}" | sed 's/=.*//')" "${1##*:}"; }

# A running CoreDNS keeps the resolvers that its pod was started with.
restart_coredns() {
  before=$(node_field '{.metadata.annotations.groundwork/resolvers}')
  [ "$before" != "$resolvers" ] || return 0
  if [ -n "$before" ]; then
    kube delete pod -n kube-system -l k8s-app=kube-dns --field-selector "spec.nodeName=$node" --wait=false |
      sed 's/^/the resolvers changed: /'
  fi
  kube annotate node "$node" groundwork/resolvers="$resolvers" --overwrite >/dev/null
}

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

main() {
  case ${1:-} in
    ready) ready ;;
    leave) leave ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
