#!/bin/sh
# Groundwork: drain s1 if k3s will restart on it
set -eu
umask 022
project='groundwork'
stack='test'
node='s1'
role='server'
operator='s1'
address='192.0.2.1'
k3s_version='v1.36.4+k3s1'
fingerprint='fd8ff613f10a0876'
drain_timeout='300'
drain_when='restart'
max_unavailable='1'

# What every script says, how it asks, how it waits, and how it ends.

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
scratch=''   # a directory of this run's own, for what must not be seen by others
on_exit() {
  code=$?
  [ -z "$scratch" ] || rm -rf "$scratch" 2>/dev/null || true # what it was for is done
  [ -z "${cluster_lock:-}" ] || release_cluster_lock
  [ "$code" -eq 0 ] || [ "$told" = yes ] || printf 'error: %s: stopped while %s (exit code %s); see the line above, mend what it names, and run up again\n' "$node" "$doing" "$code" >&2
}
trap on_exit EXIT

need_scratch() {
  [ -n "$scratch" ] || scratch=$(mktemp -d /tmp/groundwork.XXXXXX) || fail "$node: /tmp cannot be written; make room there, or mount it writable"
}

# ask NAME COMMAND…: the answer in the variable NAME. A question that fails ends the run: it is never an empty answer.
ask() {
  ask_name=$1
  shift
  need_scratch
  ask_tries=0
  # shellcheck disable=SC2034 # read by eval
  until ask_answer=$("$@" 2>"$scratch/why"); do
    ask_tries=$((ask_tries + 1))
    [ "$ask_tries" -lt 4 ] || fail "$node: no answer while $doing: $(tail -n 1 "$scratch/why" | cut -c 1-300); nothing was decided on it. Mend the cause and run up again"
    sleep "$ask_tries"
  done
  eval "$ask_name=\$ask_answer"
}

# Seconds since the machine started: a clock that is set while we wait does not change how long we wait.
read_uptime() {
  read -r uptime _ </proc/uptime
  uptime=${uptime%%.*}
}

# await SECONDS WHAT COMMAND…: asks again and again until the command succeeds; says every ten seconds what it waits for. The
# command can end the waiting by setting await_over=yes. In it a failure means "not yet", so it must only ask and change nothing.
await() {
  await_limit=$1
  await_what=$2
  shift 2
  await_over=no
  read_uptime
  await_begin=$uptime
  await_next=10
  until "$@"; do
    read_uptime
    await_spent=$((uptime - await_begin))
    [ "$await_over" = no ] && [ "$await_spent" -lt "$await_limit" ] || return 1
    if [ "$await_spent" -ge "$await_next" ]; then
      say "waiting for $await_what ($await_spent of $await_limit s)"
      await_next=$((await_spent / 10 * 10 + 10))
    fi
    sleep 1
  done
}

# has_word WORD LIST: whether a list separated by spaces has the word.
has_word() {
  case " $2 " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

# host:port as URLs want it: brackets around an IPv6 address.
url_host() {
  case $1 in
    *:*) printf '[%s]' "$1" ;;
    *) printf %s "$1" ;;
  esac
}

# Whose host this is. Each script asks before it touches anything, and the answer is a file on the host.

state_dir=/var/lib/groundwork
mark=$state_dir/owner
data_dir=/var/lib/rancher/k3s

# Sets mark_project, mark_stack, mark_node and mark_cluster, all empty where there is no mark.
read_mark() {
  mark_project='' mark_stack='' mark_node='' mark_cluster=''
  [ -e "$mark" ] || return 0
  while IFS='=' read -r mark_key mark_value; do
    case $mark_key in
      project) mark_project=$mark_value ;;
      stack) mark_stack=$mark_value ;;
      node) mark_node=$mark_value ;;
      cluster) mark_cluster=$mark_value ;;
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
  [ -z "$mark_cluster" ] || [ -z "$here" ] || [ "$mark_cluster" = "$here" ] ||
    fail "$node: the k3s on this host is of another cluster than Groundwork made here; nothing was touched. If that is meant, remove the line 'cluster=' from $mark on the host"
}

# write_mark NAME: with the cluster's CA, once there is one.
write_mark() {
  cluster=$(cluster_here)
  write_file "$mark" 644 <<MARK
project=$project
stack=$stack
node=$1${cluster:+
cluster=$cluster}
MARK
}

# The SHA-256 of the cluster's server CA as this host has it; k3s's own tokens carry the same.
cluster_here() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ ! -s "$ca" ] || { sha256sum <"$ca" | cut -d ' ' -f 1; return; }
  done
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
  [ -z "$foreign" ] ||
    fail "$node: this host has a k3s that Groundwork did not install ($foreign); nothing was touched. Move its workloads away and uninstall it (k3s-uninstall.sh or k3s-agent-uninstall.sh), then run up again"
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

# Files appear whole or not at all, and "not at all" is an error.

# Every failure below is checked by hand, so that it is seen wherever the function is called from: `set -e` is off in conditions.
cannot_write() {
  rm -f "${temporary:-}" 2>/dev/null || true # the same disk refuses that too
  where=$(dirname "$1")
  while [ ! -d "$where" ]; do where=$(dirname "$where"); done
  room=$(df -Pk "$where" 2>/dev/null | awk 'NR == 2 { print $4 }')
  if [ "${room:-0}" -lt 1024 ]; then
    fail "$node: $1 cannot be written: ${room:-0} KiB are free on $where, at least 1024 are needed; make room there and run up again. The file is as it was"
  fi
  fail "$node: $1 cannot be written, though $room KiB are free on $where; see the line above, and make the file system writable (mount -o remount,rw). The file is as it was"
}

flush() { sync "$1"; }

# stage PATH MODE: standard input, whole, in a file beside PATH ($temporary); sets `differs` to yes or no.
stage() {
  path=$1
  mode=$2
  directory=$(dirname "$path")
  temporary=''
  [ -d "$directory" ] || mkdir -p "$directory" || cannot_write "$path"
  temporary=$(mktemp "$directory/.groundwork.XXXXXX") || cannot_write "$path"
  { cat >"$temporary" && chmod "$mode" "$temporary"; } || cannot_write "$path"
  differs=yes
  ! cmp -s "$temporary" "$path" || differs=no
}

# commit: what was staged takes its place. A file that differs only in its mode gets the mode.
commit() {
  if [ "$differs" = yes ]; then
    { flush "$temporary" && mv -f "$temporary" "$path"; } || cannot_write "$path"
    return 0
  fi
  rm -f "$temporary"
  [ "$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path" || cannot_write "$path"
}

# write_file PATH MODE: the file is as standard input says.
write_file() {
  stage "$1" "$2"
  commit
}

# One run at a time works on a node.

lock_wait=${lock_wait:-600}   # seconds; longer than a start of k3s may take

# A run that was cancelled goes on on the host, so the next one waits for it: two at once would undo each other.
lock_node() {
  mkdir -p /run/groundwork || fail "$node: /run/groundwork cannot be made; see the line above"
  lock_file=/run/groundwork/$node.lock
  exec 8>>"$lock_file" || fail "$node: $lock_file cannot be opened; see the line above"
  await "$lock_wait" "another run on $node ($(lock_holder))" flock -n 8 ||
    fail "$node: another run still works on it after $lock_wait s ($(lock_holder)); wait for it, or end that process on the host"
  # What this run starts in the background (a drain) keeps the lock until it ends.
  printf '%s\n' "process $$, $1, since $(date '+%H:%M:%S')" >"$lock_file" || fail "$node: $lock_file cannot be written; make room on /run"
}
lock_holder() { [ -s "$lock_file" ] && head -n 1 "$lock_file" || printf 'it does not say which'; }

# Kubernetes as a server sees it. What decides something is asked by `ask`, so that an API that does not answer is an error and
# never an empty list.

kubeconfig=/etc/rancher/k3s/k3s.yaml
api=''    # another server's API, when this host's own is not the one to ask

# Its cache lies where uninstall finds it, and not in root's home.
kube() { k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$kubeconfig" --request-timeout=20s ${api:+--server="$api"} "$@"; }

api_answers() { kube get --raw /readyz >/dev/null 2>&1; }

# A change in the cluster that has to succeed.
must_kube() { kube "$@" >/dev/null || fail "$node: 'kubectl $1 $2' failed while $doing; see the line above, and run up again"; }

# What a server asks and does about the node $node.

# What `ask` sets below and in the other parts; each script uses some of them.
# shellcheck disable=SC2034
applied='' cordoned='' drained_agents='' drained_mark='' keep_cordoned='' listed='' marked='' ready='' servers='' there='' version='' voter=''

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

# The members of etcd from one answer: sets servers (name|Ready|voter|down since|InternalIP), members, quorum, and others_alive:
# those but this one that are Ready, vote, and are not about to go down for their own turn. A turn that nobody ended (its run was
# lost) is over after a quarter of an hour: by then the server is down, and not Ready, or it is well.
ask_servers() {
  ask servers kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}|{.metadata.annotations.groundwork/down}|{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}'
  members=$(printf '%s\n' "$servers" | awk 'NF { count++ } END { print count + 0 }')
  others_alive=$(printf '%s\n' "$servers" | awk -F '|' -v node="$node" -v now="$(date +%s)" 'NF && $1 != node && $2 == "True" && $3 == "True" && now - $4 > 900 { count++ } END { print count + 0 }')
  quorum=$((members / 2 + 1))
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
    say "drained $node: $(grep -c ' evicted$\| deleted$' "$scratch/drain" || true) pods moved"
    return 0
  fi
  drained=no
  grep -v '^evicting\|ignoring DaemonSet\|will be ignored' "$scratch/drain" | sort | uniq -c | sort -rn | head -n 5 | sed 's/^ *[0-9]* //' >&2
  kube get poddisruptionbudgets -A -o jsonpath='{range .items[?(@.status.disruptionsAllowed==0)]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}' |
    sed 's/^/this PodDisruptionBudget allows no eviction now: /' >&2
}
worker_ended() { ! kill -0 "$worker" 2>/dev/null; }

# Takes the drain's mark off again; a node that somebody had cordoned by hand before stays cordoned.
release_node() {
  ask_field keep_cordoned '{.metadata.annotations.groundwork/keep-cordoned}'
  [ "$keep_cordoned" = true ] || must_kube uncordon "$node"
  must_kube label node "$node" groundwork/drained-
  must_kube annotate node "$node" groundwork/keep-cordoned-
}

# One run at a time decides about members and about who may be down.

# The cluster's lock is a Lease, so that servers that decide on their own hosts see each other. It is held for some questions and
# one mark on a Node, never while something is waited for; a holder that died is succeeded when the Lease stood still for a minute.
cluster_lock=''
lock_cluster() {
  lock_holder_name=$node-$(cat /proc/sys/kernel/random/uuid)
  lock_seen='' lock_seen_at=0
  await 300 "the cluster's lock" take_cluster_lock ||
    fail "$node: the cluster's lock is still held by ${lock_seen%% *}; see 'kubectl -n kube-system get lease groundwork', and delete it if that run is dead"
  cluster_lock=$lock_holder_name
  read_uptime
  cluster_lock_at=$uptime
}
take_cluster_lock() {
  ! lease '' | kube create -f - >/dev/null 2>&1 || return 0
  lock_now=$(kube get lease groundwork -n kube-system -o jsonpath='{.spec.holderIdentity} {.metadata.resourceVersion}' 2>/dev/null) || return 1
  [ "${lock_now%% *}" != "$lock_holder_name" ] || return 0
  read_uptime
  if [ "$lock_now" != "$lock_seen" ]; then
    lock_seen=$lock_now lock_seen_at=$uptime
    return 1
  fi
  [ $((uptime - lock_seen_at)) -ge 60 ] || return 1
  # The version makes it fail when another run was faster.
  lease "${lock_now##* }" | kube replace -f - >/dev/null 2>&1
}
lease() {
  # Quoted here: shells differ on quotes inside of an expansion in a here-document, and the API wants a text.
  lease_version=${1:+"  resourceVersion: '$1'"}
  cat <<LEASE
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata:
  name: groundwork
  namespace: kube-system
$lease_version
spec:
  holderIdentity: $lock_holder_name
  leaseDurationSeconds: 60
LEASE
}
# Before what the lock is for is written down: a decision that took too long may have been overtaken.
still_locked() {
  read_uptime
  [ $((uptime - cluster_lock_at)) -lt 45 ] ||
    fail "$node: the API answers too slowly to decide about $node safely (over 45 s); look at the servers' load and disks, and run up again"
}
# Only one's own: after a minute without an answer, another run may hold it.
release_cluster_lock() {
  lock_owner=$(kube get lease groundwork -n kube-system -o jsonpath='{.spec.holderIdentity}' 2>/dev/null) || lock_owner=''
  [ "$lock_owner" = "$cluster_lock" ] || { cluster_lock=''; return 0; }
  cluster_lock=''
  kube delete lease groundwork -n kube-system --ignore-not-found >/dev/null 2>&1 || true # it runs out by itself
}

# Before a member's k3s restarts, its pods move away; not on a first creation, and not when nothing will restart.

drain() {
  doing='draining'
  check_operator
  [ "$has_cluster" = yes ] || { say "no cluster on $operator yet: nothing to drain"; return; }
  lock_node drain
  if ! await 65 "the API on $operator" api_answers; then
    [ "$node" = "$operator" ] || fail "$node: the API on $operator does not answer, so nothing can be drained; repair $operator first"
    say "the API on $node does not answer: going on, so that $node can be repaired"
    return
  fi
  ask_node
  [ "$node_exists" = yes ] || { say "$node is not a member yet: nothing to drain"; return; }
  forget_lost_machine
  take_back_leave
  ask_field applied '{.metadata.annotations.groundwork/applied}'
  if [ "$applied" = "$fingerprint" ] && ! has_new_tokens; then
    # A change that failed on the host and was taken back leaves only this step to undo its drain.
    ask_field marked '{.metadata.labels.groundwork/drained}'
    if [ "$marked" = true ]; then
      release_node
      end_turn
      say "k3s on $node will not restart after all: uncordoned"
      return
    fi
    say "k3s on $node will not restart: not drained"
    return
  fi
  drain_for_restart
}

# A server's drain runs on its own host, after its tokens were written.
has_new_tokens() { [ "$role" = server ] && [ -e "$state_dir/new-tokens" ]; }

drain_for_restart() {
  ask_ready
  [ "$role" = agent ] || claim_turn_of_server
  ask_field version '{.status.nodeInfo.kubeletVersion}'
  case $drain_when in
    never) say 'rollout.drain is never: not drained'; return ;;
    upgrade) [ "$version" != "$k3s_version" ] || { say "$node stays on $version: not drained"; return; } ;;
  esac
  [ "$ready" = True ] || { say "$node is not Ready: its pods are being moved already"; return; }
  if [ "$role" = server ]; then claim; else claim_turn_of_agent; fi
  # Asked in turn: those that are down only for their own turn are hosts again by now.
  ask_hosts
  [ -n "$hosts" ] || { say "no other node could take the pods of $node: not drained"; release_node; return; }
  cordon_and_drain
  if [ "$drained" = no ]; then
    release_node
    end_turn
    fail "$node: not drained within $drain_timeout s; it is uncordoned and unchanged. Mend what the lines above name, raise rollout.drainTimeoutSeconds, or set rollout.drain: never"
  fi
}

# One server at a time is only safe while the others are well. The mark that follows tells the others that this one may be down. A
# server that is down itself may be repaired.
claim_turn_of_server() {
  lock_cluster
  ask_servers
  if [ "$members" -gt 2 ] && [ "$ready" = True ] && [ "$others_alive" -lt "$quorum" ]; then
    fail "$node: restarting k3s would cost etcd its quorum: only $others_alive of the other $((members - 1)) servers are Ready voters; bring them back first ('pulumi up --target \"**::NODE*\"' works on one node alone)"
  fi
  still_locked
  must_kube annotate node "$node" groundwork/down="$(date +%s)" --overwrite
  release_cluster_lock
}

# The other servers count this one again: it is not going down after all.
end_turn() { [ "$role" = agent ] || must_kube annotate node "$node" groundwork/down-; }

# At most $max_unavailable agents are down for us at a time, however many lanes the roll-out has.
claim_turn_of_agent() {
  turn_begin=0
  while :; do
    lock_cluster
    ask drained_agents kube get nodes -l 'groundwork/drained=true,!node-role.kubernetes.io/control-plane' -o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}'
    busy=$(printf '%s\n' "$drained_agents" | awk -v node="$node" 'NF && $1 != node { printf "%s ", $1 }')
    # shellcheck disable=SC2086 # counts words
    set -- $busy
    if [ $# -lt "$max_unavailable" ]; then
      still_locked
      claim
      release_cluster_lock
      return 0
    fi
    release_cluster_lock
    [ "$turn_begin" -lt "$((drain_timeout * 4))" ] ||
      fail "$node: these agents are still drained: $busy; bring them back, or raise rollout.maxUnavailable"
    [ $((turn_begin % 10)) -ne 0 ] || say "waiting for another agent to be Ready again ($busy)"
    sleep 2
    turn_begin=$((turn_begin + 2))
  done
}

# A node that somebody cordoned by hand stays cordoned afterwards.
claim() {
  ask_field cordoned '{.spec.unschedulable}|{.metadata.labels.groundwork/drained}'
  [ "$cordoned" != 'true|' ] || must_kube annotate node "$node" groundwork/keep-cordoned=true --overwrite
  must_kube label node "$node" groundwork/drained=true --overwrite
}

# A Node that is not Ready, whose address in the stack's file changed: a new machine may take its name. The password of the old one
# would keep it out ("Node password rejected"). The same machine at a new address keeps its own, and k3s takes it again.
forget_lost_machine() {
  [ "$role" = agent ] || return 0
  ask_field at '{.metadata.annotations.groundwork/address}'
  [ -n "$at" ] && [ "$at" != "$address" ] || return 0
  ask_ready
  if [ "$ready" = True ]; then
    say "$node moves from $at to $address while it is Ready: only the same machine can take its place"
    return 0
  fi
  must_kube delete secret -n kube-system "$node.node-password.k3s" --ignore-not-found
  say "$node is not Ready and moves from $at to $address: the machine there may take its name"
}

# A server that was on its way out and is wanted again: a request that stays would take it out of etcd later.
take_back_leave() {
  [ "$role" = server ] && [ -e "$state_dir/leaving" ] || return 0
  must_kube annotate node "$node" etcd.k3s.cattle.io/remove-
}

main() {
  case ${1:-} in
    drain) drain ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
