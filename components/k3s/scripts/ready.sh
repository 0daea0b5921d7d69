# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A node is up when Kubernetes reports it Ready and on the version asked for, and a server as a voter of etcd too.

ready() {
  doing='waiting for the node'
  check_operator
  lock_node ready
  read_uptime
  begin=$uptime
  [ -z "$other_servers" ] || await_api || true # what follows says why the node is not Ready
  await "$ready_timeout" "$node to be Ready" is_up || fail "$node: not Ready after $ready_timeout s: $(why_not)"
  doing='writing what the settings say to the node'
  check_machine_ids
  check_overlay
  set_labels
  set_annotations
  set_taints
  restart_coredns
  [ -z "${check_timeout:-}" ] || ask_field member_before '{.metadata.annotations.groundwork/applied}'
  must_kube annotate node "$node" groundwork/applied="$fingerprint" groundwork/address="$address" ${host_key:+"groundwork/host-key=$host_key"} groundwork/down- ${repair:+"groundwork/repaired=$repair"} --overwrite
  [ -z "${check_timeout:-}" ] || pass_check
  ask_field drained_mark '{.metadata.labels.groundwork/drained}'
  [ "$drained_mark" != true ] || release_node
  read_uptime
  if [ "${lacks_network:-no}" = yes ]; then
    say "$node is registered, and Ready as soon as a CNI is installed: $role, $k3s_version$(voter_note), after $((uptime - begin)) s"
    return
  fi
  say "$node is Ready: $role, $k3s_version$(voter_note), after $((uptime - begin)) s"
}

voter_note() { [ "$role" = agent ] || printf ', etcd voter'; }

is_up() {
  state=$(kube get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.nodeInfo.kubeletVersion}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}' 2>/dev/null) || return 1
  [ "$role" = agent ] && want="True|$k3s_version|" || want="True|$k3s_version|True"
  [ "$state" = "$want" ] || lacks_only_network
}

# With a CNI of the user's own (flannelBackend: none) no node is Ready before that is installed, and it cannot be installed before
# there is a node. So the first ones are up when they lack nothing else; where it runs on some node, it comes to the others too.
lacks_only_network() {
  lacks_network=no
  [ "${own_cni:-no}" = yes ] && [ "$state" = "False|${want#True|}" ] || return 1
  readiness=$(kube get nodes -o jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}' 2>/dev/null) || return 1
  ! has_word True "$readiness" || return 1
  message=$(kube get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}' 2>/dev/null) || return 1
  # What containerd says without a CNI configuration, as the kubelet hands it on.
  case $message in
    *'cni plugin not initialized'* | *'cni config uninitialized'*) lacks_network=yes ;;
    *) return 1 ;;
  esac
}

why_not() {
  api_answers || { no_answer; return; }
  [ -n "$(kube get node "$node" --ignore-not-found -o name)" ] || { printf 'it is not a member; see journalctl -u %s on the host' "$([ "$role" = server ] && echo k3s || echo k3s-agent)"; return; }
  node_field '{range .status.conditions[*]}{.type}={.status} ({.message}); {end}kubelet {.status.nodeInfo.kubeletVersion}'
}

no_answer() {
  printf 'the API on %s does not answer' "$operator"
  ! systemctl is-active -q k3s || printf ", though k3s runs there: if more than half of the servers are gone, etcd has lost its quorum (see 'Lost machines' in docs/operating.md)"
}

# Machines cloned from one image share an id, and then DHCP leases, CNI names and the journal collide.
check_machine_ids() {
  ask_field id '{.status.nodeInfo.machineID}'
  ask listed kube get nodes -o jsonpath='{range .items[*]}{.status.nodeInfo.machineID} {.metadata.name}{"\n"}{end}'
  same=$(printf '%s\n' "$listed" | awk -v id="$id" -v node="$node" 'id != "" && $1 == id && $2 != node { printf "%s ", $2 }')
  [ -z "$same" ] || warn "$node has the machine-id of ${same}too; make a new one with 'rm /etc/machine-id && systemd-machine-id-setup' and reboot"
}

# The only proof that UDP passes both ways between two nodes is a packet that came back through the overlay.
check_overlay() {
  # Without its k3s, the operator learns no way to new nodes.
  [ "$verify_overlay" = yes ] && [ -z "$api" ] && [ -e /sys/class/net/flannel.1 ] && command -v ping >/dev/null || return 0
  far=$node
  if [ "$node" = "$operator" ]; then
    ask listed kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}'
    far=$(printf '%s\n' "$listed" | awk -F '|' -v node="$node" '$1 != node && $2 == "True" { print $1; exit }')
  fi
  [ -n "$far" ] || return 0
  ask gateway kube get node "$far" -o jsonpath='{.spec.podCIDR}'
  gateway=${gateway%%/*}
  case $gateway in '' | *:*) return 0 ;; esac
  await 30 "pods on $far to be reached from $operator" ping_far ||
    fail "$node: the pods on $far ($gateway) cannot be reached from $operator through flannel; open UDP 8472 both ways between the nodes' addresses, or set network.verifyOverlay: false where ping is filtered"
}
ping_far() { ping -c 1 -W 1 -q "$gateway" >/dev/null 2>&1; }

# Labels that an earlier run set and the settings no longer name are taken off again; nobody else's are touched.
set_labels() {
  ask_field before '{.metadata.annotations.groundwork/labels}'
  now=''
  for label in $labels; do now="${now:+$now,}${label%%=*}"; done
  for key in $(printf %s "$before" | tr ',' ' '); do
    has_word "$key" "$(printf %s "$now" | tr ',' ' ')" || must_kube label node "$node" "$key-"
  done
  # What is to be taken off one day is noted first.
  [ "$before" = "$now" ] || must_kube annotate node "$node" groundwork/labels="$now" --overwrite
  # shellcheck disable=SC2086 # a list of words
  [ -z "$labels" ] || must_kube label node "$node" $labels --overwrite
}

# An annotation a line; their values may have spaces.
set_annotations() {
  ask_field before '{.metadata.annotations.groundwork/annotations}'
  now=''
  while IFS= read -r annotation; do
    [ -z "$annotation" ] || now="${now:+$now,}${annotation%%=*}"
  done <<EOF
${annotations:-}
EOF
  for key in $(printf %s "$before" | tr ',' ' '); do
    has_word "$key" "$(printf %s "$now" | tr ',' ' ')" || must_kube annotate node "$node" "$key-"
  done
  [ "$before" = "$now" ] || must_kube annotate node "$node" groundwork/annotations="$now" --overwrite
  while IFS= read -r annotation; do
    [ -z "$annotation" ] || must_kube annotate node "$node" "$annotation" --overwrite </dev/null
  done <<EOF
${annotations:-}
EOF
}

set_taints() {
  ask_field before '{.metadata.annotations.groundwork/taints}'
  now=''
  for taint in $taints; do now="${now:+$now,}$(taint_id "$taint")"; done
  gone=''
  for id in $(printf %s "$before" | tr ',' ' '); do
    has_word "$id" "$(printf %s "$now" | tr ',' ' ')" || gone="${gone:+$gone }$id"
  done
  if [ -n "$gone" ]; then
    # Somebody may have taken it off by hand, and kubectl refuses to take off what is not there.
    ask_field there '{range .spec.taints[*]}{.key}:{.effect} {end}'
    for id in $gone; do
      ! has_word "$id" "$there" || must_kube taint node "$node" "$id-"
    done
  fi
  [ "$before" = "$now" ] || must_kube annotate node "$node" groundwork/taints="$now" --overwrite
  # shellcheck disable=SC2086 # a list of words
  [ -z "$taints" ] || must_kube taint node "$node" $taints --overwrite
}
taint_id() { printf '%s:%s' "$(printf %s "${1%:*}" | sed 's/=.*//')" "${1##*:}"; }

# A running CoreDNS keeps the resolvers that its pod was started with.
restart_coredns() {
  ask_field before '{.metadata.annotations.groundwork/resolvers}'
  [ "$before" != "$resolvers" ] || return 0
  if [ -n "$before" ]; then
    ask restarted kube delete pod -n kube-system -l k8s-app=kube-dns --field-selector "spec.nodeName=$node" --wait=false
    [ -z "$restarted" ] || say "the resolvers changed: $restarted"
  fi
  must_kube annotate node "$node" groundwork/resolvers="$resolvers" --overwrite
}
