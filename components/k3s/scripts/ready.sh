# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
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
