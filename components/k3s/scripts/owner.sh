# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Whose host this is. Each script asks before it touches anything, and the answer is a file on the host.

state_dir=/var/lib/groundwork
mark=$state_dir/owner
data_dir=/var/lib/rancher/k3s

# Sets mark_project, mark_stack, mark_node, mark_cluster and mark_adopting, all empty where there is no mark.
read_mark() {
  mark_project='' mark_stack='' mark_node='' mark_cluster='' mark_adopting=''
  [ -e "$mark" ] || return 0
  while IFS='=' read -r mark_key mark_value; do
    case $mark_key in
      project) mark_project=$mark_value ;;
      stack) mark_stack=$mark_value ;;
      node) mark_node=$mark_value ;;
      cluster) mark_cluster=$mark_value ;;
      adopting)
        # It is written into, and removed from.
        case $mark_value in "$state_dir"/adopted-*) mark_adopting=$mark_value ;; *) bad_mark ;; esac
        ;;
    esac
  done <"$mark" || fail "$node: $mark cannot be read; see the line above"
  case "$mark_project|$mark_stack|$mark_node" in
    '|'* | *'||'* | *'|') bad_mark ;;
  esac
}
bad_mark() {
  fail "$node: $mark does not say whose host this is; write 'project=$project', 'stack=$stack' and 'node=NAME' into it, a line each, if the host is this stack's"
}

is_marked() { [ -n "$mark_node" ]; }

# check_mark NAME: a marked host is this stack's, and the node NAME.
check_mark() {
  if [ "$mark_project" != "$project" ] || [ "$mark_stack" != "$stack" ]; then
    fail "$node: this host belongs to node $mark_node of stack $mark_stack (project $mark_project); nothing was touched. Remove it there first. If the stack was only renamed, correct $mark on the host"
  fi
  [ "$mark_node" = "$1" ] ||
    fail "$node: this host is node $mark_node of this stack, not $1; nothing was touched. A node is not renamed in place: take $mark_node out of 'nodes', run up, then add $1"
  here=$(cluster_here)
  [ -z "$mark_cluster" ] || [ -z "$here" ] || knows_authority "$here" ||
    fail "$node: the k3s on this host is of another cluster than Groundwork made here; nothing was touched. If that is meant, remove the line 'cluster=' from $mark on the host"
}

# The line `cluster=` has a word for each certificate authority that this cluster has had, or is to have: HASH as cluster_here says it, or
# HASH:PIN with what tokens are pinned to. There are more than one where it was rotated.
knows_authority() { case " $mark_cluster " in *" $1 "* | *" $1:"*) ;; *) return 1 ;; esac; }

# write_mark NAME: with the cluster's CA, once there is one, and with where the k3s is kept that is being taken over.
write_mark() {
  cluster=$(cluster_here)
  ! knows_authority "$cluster" || cluster=$mark_cluster
  write_file "$mark" 644 <<MARK
project=$project
stack=$stack
node=$1${cluster:+
cluster=$cluster}${mark_adopting:+
adopting=$mark_adopting}
MARK
}

# The SHA-256 of the cluster's server CA as this host has it; k3s's own tokens carry the same.
cluster_here() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ -s "$ca" ] || continue
    sum_here=$(sha256sum <"$ca") && printf %s "${sum_here%% *}"
    return
  done
}

# has_ca HASH: k3s pins the file, or of a bundle its root.
has_ca() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ -s "$ca" ] || continue
    ca_sum=$(sha256sum <"$ca") || fail "$node: $ca cannot be read; see the line above"
    [ "${ca_sum%% *}" != "$1" ] || return 0
    awk '/BEGIN CERTIFICATE/ { text = ""; next } /END CERTIFICATE/ { print text; next } { text = text $0 }' "$ca" |
      while IFS= read -r certificate; do printf '%s\n' "$certificate" | base64 -d | sha256sum | cut -d ' ' -f 1; done | grep -qxF "$1"
    return
  done
  return 1
}

# A unit that Groundwork wrote, of either role.
is_ours() { grep -qs '(by Groundwork)' /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service; }

# What shows that somebody else's k3s is here; empty when there is none.
foreign_k3s() {
  for unit_file in /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /usr/lib/systemd/system/k3s.service \
    /usr/lib/systemd/system/k3s-agent.service /lib/systemd/system/k3s.service /lib/systemd/system/k3s-agent.service; do
    [ ! -e "$unit_file" ] || grep -q '(by Groundwork)' "$unit_file" || { printf %s "$unit_file"; return; }
  done
  is_marked || is_ours || for path in "$data_dir/server" "$data_dir/agent" /etc/rancher/k3s/config.yaml; do
    [ ! -e "$path" ] || { printf %s "$path"; return; }
  done
}

# claim_host: this host is, or becomes, the node of this script. Refuses before anything is touched.
claim_host() {
  read_mark
  if is_marked; then check_mark "$node"; fi
  foreign=$(foreign_k3s)
  if [ -n "$foreign$mark_adopting" ]; then
    [ "${adopt:-no}" = yes ] ||
      fail "$node: this host has a k3s that Groundwork did not install (${foreign:-$mark_adopting}); nothing was touched. To keep it with its cluster, set adopt: true on the node. Otherwise move its workloads away and uninstall it (k3s-uninstall.sh or k3s-agent-uninstall.sh), then run up again"
    adopt_host
  fi
  is_marked || ! is_ours || prove_ours
  [ -d "$state_dir" ] || mkdir -p "$state_dir" || fail "$node: $state_dir cannot be made; see the line above"
  if ! is_marked || [ -z "$mark_cluster" ]; then write_mark "$node"; fi
  read_mark
}

# A host of before there were marks: only the stack that knows its token may have it.
prove_ours() {
  [ -n "${server_token:-}${agent_token:-}" ] ||
    fail "$node: this host has no mark yet, and only $node-token can make it; run up without --target, or with --target '**::$node-token' as well"
  [ "$(token_word "$(head -n 1 /etc/rancher/k3s/token 2>/dev/null)")" = "$(token_word "${server_token:-$agent_token}")" ] ||
    fail "$node: the k3s on this host is of a cluster with another join token than this stack's; nothing was touched. If the token was changed just now, change it back, run up once, and change it then"
}

# The password of a token: K10<hash>::<user>:<password>, or the password alone.
token_word() {
  case $1 in
    K10*::*:*)
      set -- "${1#*::}"
      printf %s "${1#*:}"
      ;;
    *) printf %s "$1" ;;
  esac
}
