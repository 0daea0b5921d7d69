# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What a server asks and does about the node $node.

# What `ask` sets below and in the other parts; each script uses some of them.
# shellcheck disable=SC2034
applied='' beat_before='' budgets='' cordoned='' drained_agents='' drained_mark='' keep_cordoned='' listed='' marked='' member_before='' ready='' repaired='' servers='' there='' version='' voter=''

# Sets has_cluster: whether a cluster was made on this host. Its data without its program or its kubeconfig is an error.
find_cluster() {
  has_cluster=no
  [ -x /usr/local/bin/k3s ] && [ -e "$kubeconfig" ] && { has_cluster=yes; return; }
  [ ! -d "$data_dir/server/db" ] ||
    fail "$node: $operator has a cluster's data, but not /usr/local/bin/k3s or $kubeconfig; repair $operator first ('pulumi up' does, or 'systemctl restart k3s' there)"
}

# The operator is a server of this stack, whose mark says so.
check_operator() {
  read_mark
  ! is_marked || check_mark "$operator"
  find_cluster
  is_marked || [ "$has_cluster" = no ] ||
    fail "$node: the k3s on $operator has no mark of Groundwork's; run up without --target, so that $operator-token can mark it"
}

# Sets node_exists and, where it does, what else is asked about the node.
ask_node() {
  ask known_name kube get node "$node" --ignore-not-found -o name
  node_exists=yes
  [ -n "$known_name" ] || node_exists=no
}
node_field() { kube get node "$node" -o jsonpath="$1"; }
ask_field() { ask "$1" node_field "$2"; }
ready_condition='{.status.conditions[?(@.type=="Ready")].status}'
ask_ready() { ask_field ready "$ready_condition"; }

# The members of etcd from one answer: sets servers (name|Ready|voter|down since|InternalIP), members, quorum, and others_alive:
# those but this one that are Ready, vote, and are not about to go down for their own turn. A turn that nobody ended (its run was
# lost) is over after a quarter of an hour: by then the server is down, and not Ready, or it is well.
ask_servers() {
  ask servers kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}|{.metadata.annotations.groundwork/down}|{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}'
  members=$(printf '%s\n' "$servers" | awk 'NF { count++ } END { print count + 0 }')
  others_alive=$(printf '%s\n' "$servers" | awk -F '|' -v node="$node" -v now="$(date +%s)" 'NF && $1 != node && $2 == "True" && $3 == "True" && now - $4 > 900 { count++ } END { print count + 0 }')
  quorum=$((members / 2 + 1))
}

# Marks the node as one that we drain, so that release_node leaves it cordoned if somebody had cordoned it by hand before.
claim() {
  ask_field cordoned '{.spec.unschedulable}|{.metadata.labels.groundwork/drained}'
  [ "$cordoned" != 'true|' ] || must_kube annotate node "$node" groundwork/keep-cordoned=true --overwrite
  must_kube label node "$node" groundwork/drained=true --overwrite
}

# Pods may come again, unless somebody had cordoned it by hand before.
open_node() {
  ask_field keep_cordoned '{.metadata.annotations.groundwork/keep-cordoned}'
  [ "$keep_cordoned" = true ] || must_kube uncordon "$node"
}

# Takes the drain's mark off again.
release_node() {
  open_node
  must_kube label node "$node" groundwork/drained-
  must_kube annotate node "$node" groundwork/keep-cordoned-
}
