#!/bin/sh
# Groundwork: what s1 is to be
set -eu
umask 022
project='groundwork'
stack='test'
node='s1'
role='server'
k3s_version='v1.36.4+k3s1'
mirror='https://github.com/k3s-io/k3s/releases/download'
sha256_amd64='835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f'
sha256_arm64='c920706346d5ad4e5cd3c7bf1bb09ce71ebe07fec829e513e40f1caf98aed8bb'
sha256_arm=''
interface='wg0'
interface_wait='120'
upstream='10.0.0.1'
join=''
starts_cluster='yes'
peers=''
packages='iscsi nfs'
prepare_hosts='yes'
swap_off='no'
start_timeout='300'
managed_files='/etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/10-join.yaml /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf /etc/modules-load.d/groundwork.conf /usr/local/lib/groundwork/wait-interface /usr/local/lib/groundwork/watch-interface /etc/systemd/system/k3s.service /etc/systemd/system/k3s.service.d/10-interface.conf /etc/systemd/system/groundwork-interface.service'
adopt='yes'
critical='cluster-cidr|10.42.0.0/16|10.42.0.0/16|network.podCidr service-cidr|10.43.0.0/16|10.43.0.0/16|network.serviceCidr service-node-port-range|30000-32767|30000-32767|network.nodePortRange cluster-domain|cluster.local|cluster.local|dns.clusterDomain flannel-backend|vxlan|vxlan|network.flannelBackend secrets-encryption|true|false|k3s.secretsEncryption secrets-encryption-provider|aescbc|aescbc|k3s.server.secrets-encryption-provider disable-agent|false|false|k3s.server.disable-agent disable-apiserver|false|false|k3s.server.disable-apiserver disable-cloud-controller|false|false|k3s.server.disable-cloud-controller disable-controller-manager|false|false|k3s.server.disable-controller-manager disable-etcd|false|false|k3s.server.disable-etcd disable-helm-controller|false|false|k3s.server.disable-helm-controller disable-kube-proxy|false|false|k3s.server.disable-kube-proxy disable-network-policy|false|false|k3s.server.disable-network-policy disable-scheduler|false|false|k3s.server.disable-scheduler egress-selector-mode|agent|agent|k3s.server.egress-selector-mode embedded-registry|false|false|k3s.server.embedded-registry flannel-external-ip|false|false|k3s.server.flannel-external-ip flannel-ipv6-masq|false|false|k3s.server.flannel-ipv6-masq https-listen-port|6443|6443|k3s.server.https-listen-port cluster-dns|10.43.0.10|10.43.0.10|k3s.server.cluster-dns container-runtime-endpoint|||nodes[].k3s.container-runtime-endpoint docker|false|false|nodes[].k3s.docker rootless|false|false|nodes[].k3s.rootless snapshotter|overlayfs|overlayfs|nodes[].k3s.snapshotter node-ip|||nodes[].internalIp node-external-ip|||nodes[].externalIp flannel-iface|wg0|wg0|network.interface'
disabled=''
config_keys='tls-san cluster-cidr service-cidr cluster-domain service-node-port-range flannel-backend secrets-encryption write-kubeconfig-mode node-name flannel-iface resolv-conf cluster-init token-file agent-token-file'

put_files() {
put_file '/etc/rancher/k3s/config.yaml' 600 restart config <<'END_OF_FILE'
tls-san:
  - 192.0.2.1
cluster-cidr: 10.42.0.0/16
service-cidr: 10.43.0.0/16
cluster-domain: cluster.local
service-node-port-range: 30000-32767
flannel-backend: vxlan
secrets-encryption: true
write-kubeconfig-mode: "0600"
node-name: s1
flannel-iface: wg0
resolv-conf: /etc/resolv.k3s.conf
END_OF_FILE
put_file '/etc/rancher/k3s/config.yaml.d/10-join.yaml' 600 keep join <<'END_OF_FILE'
cluster-init: true
token-file: /etc/rancher/k3s/token
agent-token-file: /etc/rancher/k3s/agent-token
END_OF_FILE
put_file '/etc/resolv.k3s.conf' 644 keep resolvers <<'END_OF_FILE'
search corp.example
nameserver 10.0.0.1
END_OF_FILE
put_file '/etc/sysctl.d/90-groundwork.conf' 644 keep sysctl <<'END_OF_FILE'
net.ipv4.ip_forward = 1
-net.bridge.bridge-nf-call-iptables = 1
-net.bridge.bridge-nf-call-ip6tables = 1
END_OF_FILE
put_file '/etc/modules-load.d/groundwork.conf' 644 keep modules <<'END_OF_FILE'
br_netfilter
overlay
END_OF_FILE
put_file '/usr/local/lib/groundwork/wait-interface' 755 keep wait <<'END_OF_FILE'
#!/bin/sh
# wait-interface INTERFACE SECONDS: k3s must not start before its interface has an address, and must not wait forever for it.
set -eu
interface=$1
limit=$2
spent=0
until ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; do
  if [ "$spent" -ge "$limit" ]; then
    echo "$interface has no address after $limit s; k3s cannot start without it" >&2
    exit 1
  fi
  [ "$spent" -gt 0 ] || echo "waiting up to $limit s for an address on $interface"
  sleep 1
  spent=$((spent + 1))
done
[ "$spent" -eq 0 ] || echo "$interface has an address after $spent s"
END_OF_FILE
put_file '/usr/local/lib/groundwork/watch-interface' 755 keep watch <<'END_OF_FILE'
#!/bin/sh
# watch-interface INTERFACE SERVICE: the kernel drops flannel's VXLAN devices together with the interface below them, and k3s before
# 1.33.13, 1.34.9, 1.35.6 and 1.36.2 does not make them again (k3s#12436, k3s#14142). Polled, because udev is not on every host.
# Only a device that was there before is missed: an IPv4 cluster has flannel.1, an IPv6 one flannel-v6.1, one of both has both.
set -eu
interface=$1
service=$2
seen_dir=/run/groundwork/flannel
missing=0
mkdir -p "$seen_dir"
while sleep 5; do
  gone=''
  for device in flannel.1 flannel-v6.1; do
    if [ -e "/sys/class/net/$device" ]; then
      : >"$seen_dir/$device"
    elif [ -e "$seen_dir/$device" ]; then
      gone="$gone $device"
    fi
  done
  if [ -z "$gone" ] || ! systemctl is-active -q "$service" ||
    ! ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; then
    missing=0
    continue
  fi
  # A k3s that mends it by itself needs up to 30 s, and then some to be seen.
  missing=$((missing + 1))
  [ "$missing" -ge 10 ] || continue
  echo "$interface came back but$gone did not: restarting $service"
  systemctl restart --no-block "$service"
  missing=0
done
END_OF_FILE
put_file '/etc/systemd/system/k3s.service' 644 unit unit <<'END_OF_FILE'
[Unit]
Description=Lightweight Kubernetes, server (by Groundwork)
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
# Pods go on while k3s itself restarts.
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-/etc/systemd/system/%N.env
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s server

[Install]
WantedBy=multi-user.target
END_OF_FILE
put_file '/etc/systemd/system/k3s.service.d/10-interface.conf' 644 unit unit <<'END_OF_FILE'
[Service]
ExecStartPre=/usr/local/lib/groundwork/wait-interface wg0 120
END_OF_FILE
put_file '/etc/systemd/system/groundwork-interface.service' 644 reload watch <<'END_OF_FILE'
[Unit]
Description=Brings flannel back when wg0 was re-created (by Groundwork)
After=k3s.service

[Service]
ExecStart=/usr/local/lib/groundwork/watch-interface wg0 k3s
Restart=always
RestartSec=10s

[Install]
WantedBy=multi-user.target
END_OF_FILE
}

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

# What is wrong is said at once, all of it, before anything is changed.
problems=0
problem() {
  printf 'error: %s: %s\n' "$node" "$*" >&2
  problems=$((problems + 1))
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
  [ -z "$mark_cluster" ] || [ -z "$here" ] || [ "$mark_cluster" = "$here" ] ||
    fail "$node: the k3s on this host is of another cluster than Groundwork made here; nothing was touched. If that is meant, remove the line 'cluster=' from $mark on the host"
}

# write_mark NAME: with the cluster's CA, once there is one, and with where the k3s is kept that is being taken over.
write_mark() {
  cluster=$(cluster_here)
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

# The files that the settings ask for: what changed, what it means for k3s, and what ran well before.

pending=$state_dir/restart-pending   # k3s still has to restart for something that an earlier run changed
changed=''                           # what this run changed, for the summary
reload=no                            # whether systemd has to read its units again

note_change() {
  has_word "$1" "$changed" || changed="${changed:+$changed }$1"
}

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  [ -e "$pending" ] || : >"$pending" || cannot_write "$pending"
}

# put_file PATH MODE EFFECT LABEL: EFFECT is `restart` (k3s must be restarted), `unit` (and systemd reloaded), `reload` (only
# that) or `keep` (k3s reads it at its next start).
put_file() {
  stage "$1" "$2"
  [ "$differs" = no ] || take_effect "$3" "$4"
  commit
  [ "$differs" = no ] || say "changed $1"
}

# drop_file PATH EFFECT LABEL: removes a file that the settings no longer ask for.
drop_file() {
  [ -e "$1" ] || return 0
  take_effect "$2" "$3"
  rm -f "$1" || cannot_write "$1"
  say "removed $1"
}

take_effect() {
  note_change "$2"
  case $1 in restart | unit) must_restart ;; esac
  case $1 in reload | unit) reload=yes ;; esac
}

# What a run that was cut off left half-written.
sweep_staged() {
  for path in $managed_files "$mark"; do
    rm -f "$(dirname "$path")"/.groundwork.??????
  done
  rm -f /usr/local/bin/.k3s.??????
}

# The files as they were when k3s last ran well, so that a change that does not start can be taken back. The copy counts only
# when it is whole: a link is turned to it as the last step.
good=$state_dir/good
remember_files() {
  copy=$(mktemp -d "$state_dir/good.XXXXXX") || cannot_write "$good"
  for path in $managed_files; do
    [ -e "$path" ] || continue
    { mkdir -p "$copy$(dirname "$path")" && cp -p "$path" "$copy$path" && flush "$copy$path"; } || { rm -rf "$copy" || true; cannot_write "$good"; }
  done
  version_of "$binary" | write_file "$copy/version" 644
  { ln -s "$(basename "$copy")" "$copy.link" && mv -fT "$copy.link" "$good"; } || { rm -rf "$copy" "$copy.link" || true; cannot_write "$good"; }
  for old in "$state_dir"/good.??????*; do
    [ "$old" = "$copy" ] || rm -rf "$old"
  done
  rm -rf "$state_dir/previous" # where releases before this one kept them
}
restore_files() {
  for path in $managed_files; do
    if [ -e "$good$path" ]; then
      good_mode=$(stat -c %a "$good$path") || cannot_write "$path"
      write_file "$path" "$good_mode" <"$good$path"
    else
      rm -f "$path" || cannot_write "$path"
    fi
  done
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

# What has to be true of a host before anything is changed on it. All that is wrong is said at once.

preflight() {
  [ "$(id -u)" = 0 ] || fail "$node: not root; let ssh.user be root or one who may use sudo without a password"
  [ -d /run/systemd/system ] || problem "systemd does not run here; k3s is installed as a systemd unit"
  check_role
  check_version
  check_interface
  check_resolver
  check_writable
  check_space
  check_clock
  if ! is_member; then
    check_resources
    check_ports
    check_join
  fi
  [ "$problems" -eq 0 ] || fail "$node: $problems of the host's preconditions are not met; nothing was changed"
}

# Whether k3s has run here before; not whether it runs now.
is_member() { [ -n "$mark_adopting" ] || { [ -e "/etc/systemd/system/$service.service" ] && [ -d "$data_dir/agent" ]; }; }

check_writable() {
  for place in /etc /usr/local/bin /var/lib /tmp; do
    [ -d "$place" ] || continue
    tried=$(mktemp "$place/.groundwork.XXXXXX" 2>/dev/null) && rm -f "$tried" && continue
    problem "$place cannot be written (full, or mounted read-only); make room there or run 'mount -o remount,rw' on it; 'df $place' and dmesg tell more"
  done
}

check_space() {
  need_mib=2048
  ! is_member || need_mib=256
  free_mib=$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')
  [ "$free_mib" -ge "$need_mib" ] || problem "only $free_mib MiB are free on /var/lib, and k3s needs at least $need_mib; make room there"
}

# A clock that stands before the host was marked makes every certificate look as if it were not valid yet.
check_clock() {
  [ ! -e "$mark" ] || [ "$(date +%s)" -ge "$(($(stat -c %Y "$mark") - 60))" ] ||
    problem "its clock says $(date -u '+%Y-%m-%d %H:%M') UTC, which is before Groundwork first came here; turn on time synchronisation"
}

check_role() {
  other=k3s-agent
  [ "$role" = server ] || other=k3s
  [ ! -e "/etc/systemd/system/$other.service" ] ||
    problem "this host runs k3s as the other role ($other.service); remove the node from 'nodes', run up, and add it with role: $role afterwards"
}

interface_has_address() { ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; }

check_interface() {
  [ -n "$interface" ] || return 0
  await 10 "an address on $interface" interface_has_address ||
    problem "the interface $interface has no address; bring it up, or correct network.interface or the node's interface (here are: $(interfaces))"
}

interfaces() {
  ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -v '^lo$' | tr '\n' ' ' | sed 's/ $//'
}

# k3s takes 8.8.8.8 when the host knows only loopback resolvers, and the site's names are gone.
check_resolver() {
  [ -z "$upstream" ] || return 0
  grep -q '^nameserver' /etc/resolv.conf 2>/dev/null || return 0
  grep '^nameserver' /etc/resolv.conf | grep -qvE '127\.|::1$' || [ -e /run/systemd/resolve/resolv.conf ] ||
    warn "$node: /etc/resolv.conf names only loopback resolvers, so k3s would ask 8.8.8.8; set dns.upstream to the site's resolvers"
}

check_resources() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    for controller in cpu memory pids; do
      has_word "$controller" "$(cat /sys/fs/cgroup/cgroup.controllers)" ||
        problem "the cgroup controller '$controller' is off; add 'cgroup_enable=$controller' to the kernel's command line and reboot"
    done
  elif ! grep -q '^memory.*1$' /proc/cgroups; then
    problem "the cgroup controller 'memory' is off; add 'cgroup_enable=memory cgroup_memory=1' to the kernel's command line and reboot"
  fi
  memory_mib=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  least_mib=480
  [ "$role" = agent ] || least_mib=950
  [ "$memory_mib" -ge "$least_mib" ] || warn "$node: $memory_mib MiB of memory are less than k3s asks for a $role ($least_mib)"
}

# Ports in hexadecimal, as /proc/net/tcp has them: no tool for it is on every host.
listens() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v want=":$(printf '%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == want { found = 1 } END { exit !found }'
}

check_ports() {
  ports=10250
  [ "$role" = agent ] || ports='6443 2379 2380 10250'
  for port in $ports; do
    ! listens "$port" || problem "port $port is taken by another program; k3s needs it"
  done
}

# https_head URL: the headers of an answer, by whichever program is here. The certificate is k3s's own and not known yet.
https_head() {
  if command -v curl >/dev/null; then
    curl -fsSk -D - -o /dev/null --connect-timeout 5 --max-time 10 "$1" 2>&1
  else
    wget -q -S --no-check-certificate -T 10 -O /dev/null "$1" 2>&1
  fi
}
supervisor_answers() { head=$(https_head "https://$1/ping"); }

check_join() {
  [ -n "$join$peers" ] || return 0
  command -v curl >/dev/null || command -v wget >/dev/null || { problem "neither curl nor wget is installed; install one of them"; return 0; }
  [ -n "$join" ] || return 0
  if ! await 20 "the server at $join" supervisor_answers "$join"; then
    problem "the server at $join does not answer here; open TCP 6443 between the nodes, or correct cluster.apiAddress or the first server's internalIp"
    return 0
  fi
  there=$(printf '%s\n' "$head" | sed -n 's/^ *[Dd]ate: //p' | tr -d '\r' | head -n 1)
  there_seconds=$(date -d "$there" +%s 2>/dev/null || echo '')
  [ -n "$there" ] && [ -n "$there_seconds" ] || return 0
  skew=$(($(date +%s) - there_seconds))
  [ "${skew#-}" -le 60 ] || problem "its clock is ${skew#-} s off the server's; certificates would not be valid yet or any more: turn on time synchronisation"
}

# Makes the host fit for k3s and for the storage that the stack asks for.

ensure_packages() {
  missing=''
  for package in $packages; do
    has_package "$package" || missing="${missing:+$missing }$(package_name "$package")"
  done
  if [ -n "$missing" ]; then
    [ "$prepare_hosts" = yes ] || fail "$node: these packages are missing: $missing; install them, or set k3s.prepareHosts: true"
    say "installing $missing"
    install_packages || fail "$node: could not install $missing; see the lines above"
    note_change packages
  fi
}

# The file that tells that a package is there, whatever the distribution calls the package.
has_package() {
  case $1 in
    nfs) command -v mount.nfs >/dev/null ;;
    iscsi) command -v iscsiadm >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

package_name() {
  case $1:$(package_tool) in
    nfs:apt-get) echo nfs-common ;;
    nfs:zypper) echo nfs-client ;;
    nfs:*) echo nfs-utils ;;
    iscsi:dnf | iscsi:yum) echo iscsi-initiator-utils ;;
    iscsi:*) echo open-iscsi ;;
    *) echo "$1" ;;
  esac
}

package_tool() {
  for tool in apt-get dnf yum zypper pacman apk; do
    if command -v "$tool" >/dev/null; then
      echo "$tool"
      return
    fi
  done
}

# The lists may be old or one source out of reach: what counts is whether the packages install. Other runs of apt (a machine's own
# updates, right after it booted) are waited for, with `update` too, whose lock the time-out of apt does not cover.
install_packages() {
  # shellcheck disable=SC2086 # a list of words
  case $(package_tool) in
    apt-get)
      apt_free || say 'waiting for another run of apt'
      await 300 'another run of apt' apt_free || { warn "$node: apt is still in use by another program after 300 s"; return 1; }
      quietly apt-get -o DPkg::Lock::Timeout=120 update || warn "$node: not every source of apt could be read (above); trying with what is known"
      DEBIAN_FRONTEND=noninteractive quietly apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing
      ;;
    dnf) quietly dnf install -y $missing ;;
    yum) quietly yum install -y $missing ;;
    zypper) quietly zypper --non-interactive install $missing ;;
    pacman) quietly pacman -Sy --noconfirm $missing ;;
    apk) quietly apk add $missing ;;
    *) warn "$node: no package tool is known here"; return 1 ;;
  esac
}
apt_free() { apt_lock /var/lib/apt/lists/lock && apt_lock /var/lib/dpkg/lock-frontend; }
# apt locks by fcntl, which /proc/locks tells by the file's inode.
apt_lock() {
  [ -e "$1" ] || return 0
  ! awk -v inode="$(stat -c %i "$1")" '$2 == "POSIX" { split($6, at, ":"); if (at[3] == inode) found = 1 } END { exit !found }' /proc/locks
}

# The output of a package tool matters only when it fails; until then a line every ten seconds says that it still works.
quietly() {
  log=$(mktemp)
  "$@" >"$log" 2>&1 &
  worker=$!
  spent=0
  while kill -0 "$worker" 2>/dev/null; do
    sleep 1
    spent=$((spent + 1))
    [ $((spent % 10)) -ne 0 ] || say "still installing ($spent s)"
  done
  if wait "$worker"; then
    rm -f "$log"
    return 0
  fi
  tail -n 15 "$log" >&2
  rm -f "$log"
  return 1
}

prepare() {
  [ "$swap_off" = no ] || mask_swap
  [ "$prepare_hosts" = yes ] || return 0
  load_modules
}

# k3s runs with swap on, so it is left alone unless asked. A masked unit stays off over a reboot, whoever wrote it; fstab is the
# host's own. What was masked is written down first, for the day when k3s goes.
mask_swap() {
  swaps=''
  ask swaps systemctl list-units --all --type=swap --no-legend --plain
  for unit in $(printf '%s\n' "$swaps" | awk '{ print $1 }'); do
    [ "$(systemctl is-enabled "$unit" 2>/dev/null)" != masked ] || continue
    grep -qxs "$unit" "$state_dir/swap-masked" || { cat "$state_dir/swap-masked" 2>/dev/null; echo "$unit"; } | write_file "$state_dir/swap-masked" 644
    systemctl mask --now "$unit" >/dev/null || fail "$node: $unit cannot be switched off; see the line above"
    say "switched off $unit"
    note_change swap
  done
}

load_modules() {
  for module in br_netfilter overlay; do
    # Built into some kernels, and not to be loaded in containers: what counts is checked below, and by k3s.
    modprobe -q "$module" 2>/dev/null || true
  done
  sysctl -q -p /etc/sysctl.d/90-groundwork.conf || warn "$node: not every line of /etc/sysctl.d/90-groundwork.conf could be set; see above"
  [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || fail "$node: net.ipv4.ip_forward stays 0; pods could not reach other nodes"
}

# One verified k3s binary; the one before it stays beside it.

binary=/usr/local/bin/k3s
stamp=$state_dir/k3s.installed

# The installed version and sum, as long as nobody touched the file since: hashing 70 MB on each run is not free.
installed_as_stamped() {
  [ -x "$binary" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_text "$k3s_version" "$1")" ]
}
stamp_text() { printf '%s %s %s' "$1" "$2" "$(stat -c '%s.%Y.%i' "$binary")"; }
stamped_sum() { [ ! -e "$stamp" ] || awk -v version="$k3s_version" '$1 == version { print $2 }' "$stamp"; }

ensure_binary() {
  case $(uname -m) in
    x86_64) arch=amd64 suffix='' pinned=$sha256_amd64 ;;
    aarch64 | arm64) arch=arm64 suffix=-arm64 pinned=$sha256_arm64 ;;
    armv7l | armv6l) arch=arm suffix=-armhf pinned=$sha256_arm ;;
    *) fail "$node: there is no k3s for $(uname -m)" ;;
  esac
  # What was verified when it came is not asked for again.
  sum=${pinned:-$(stamped_sum)}
  if [ -z "$sum" ] || ! installed_as_stamped "$sum"; then
    release=$mirror/$(printf %s "$k3s_version" | sed 's/+/%2B/')
    case $mirror in file://*) release=$mirror/$k3s_version ;; esac
    case $mirror in http://*) [ -n "$pinned" ] || fail "$node: k3s.mirror is plain HTTP, where anybody between can change what comes; set k3s.sha256.$arch to the sum of k3s $k3s_version" ;; esac
    [ -n "$pinned" ] || read_released_sum
    if [ -x "$binary" ] && [ "$(sum_of "$binary")" = "$sum" ]; then
      write_stamp
    else
      install_binary
    fi
  fi
  for name in kubectl crictl ctr; do
    command -v "$name" >/dev/null || ln -s k3s "/usr/local/bin/$name" || cannot_write "/usr/local/bin/$name"
  done
}

sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
write_stamp() { stamp_text "$k3s_version" "$sum" | write_file "$stamp" 644; }

read_released_sum() {
  need_scratch
  download "$release/sha256sum-$arch.txt" "$scratch/sums"
  sum=$(awk -v name="k3s$suffix" '$2 == name || $2 == "*" name { print $1 }' "$scratch/sums")
  [ -n "$sum" ] || fail "$node: $release/sha256sum-$arch.txt has no line for k3s$suffix; correct k3s.mirror or k3s.version"
}

install_binary() {
  free_mib=$(df -Pm /usr/local/bin | awk 'NR == 2 { print $4 }')
  [ "$free_mib" -ge 200 ] || fail "$node: only $free_mib MiB are free on /usr/local/bin, and k3s $k3s_version beside the one that runs needs 200; make room there. Nothing was changed"
  say "downloading k3s $k3s_version from $mirror"
  fresh=$(mktemp /usr/local/bin/.k3s.XXXXXX) || cannot_write "$binary"
  download "$release/k3s$suffix" "$fresh"
  got=$(sum_of "$fresh")
  if [ "$got" != "$sum" ]; then
    rm -f "$fresh" || true
    fail "$node: k3s $k3s_version from $mirror has the SHA-256 $got, expected $sum; nothing was installed"
  fi
  { chmod 755 "$fresh" && flush "$fresh"; } || { rm -f "$fresh" || true; cannot_write "$binary"; }
  snapshot_before_version
  # What an earlier run could not start is no version to go back to.
  if [ -e "$binary" ] && { [ ! -e "$pending" ] || [ "$(version_of "$binary")" = "$(cat "$good/version" 2>/dev/null)" ]; }; then
    ln -f "$binary" "$binary.previous" || cannot_write "$binary.previous"
  fi
  must_restart
  mv -f "$fresh" "$binary" || cannot_write "$binary"
  write_stamp
  note_change version
}

# Only over TLS, redirects too, unless the mirror itself is plain HTTP: the settings then ask for k3s.sha256.
download() {
  case $1 in
    file://*) cp "${1#file://}" "$2" || { rm -f "$2" || true; fail "$node: ${1#file://} cannot be read on this host, or $2 cannot be written; put k3s's release there, or correct k3s.mirror"; } ;;
    *)
      tls='--proto =https --tlsv1.2'
      case $1 in http://*) tls='' ;; esac
      if command -v curl >/dev/null; then
        # shellcheck disable=SC2086 # words
        curl -fsSL $tls --connect-timeout 15 --max-time 900 --retry 3 -o "$2" "$1"
      elif command -v wget >/dev/null; then
        # GNU wget can be told to follow redirects over TLS only; busybox's cannot.
        tls=''
        case $1 in https://*) ! wget --version 2>/dev/null | grep -q GNU || tls='--https-only --secure-protocol=TLSv1_2' ;; esac
        # shellcheck disable=SC2086 # words
        wget -q $tls -T 60 -t 3 -O "$2" "$1"
      else
        fail "$node: neither curl nor wget is installed; install one of them"
      fi || { rm -f "$2" || true; fail "$node: cannot download $1; see k3s.mirror and k3s.version"; }
      ;;
  esac
}

# From one version of k3s to another: etcd's data goes forward only, and a minor release at a time.

version_of() { "$1" --version 2>/dev/null | awk 'NR == 1 { print $3 }'; }
installed_version() { version_of "$binary"; }
minor_of() { printf %s "$1" | sed -n 's/^v\{0,1\}[0-9]*\.\([0-9]*\)\..*/\1/p'; }

# Kubernetes' version skew policy: servers do not skip a minor release, and never go back one.
check_version() {
  [ -x "$binary" ] || return 0
  [ "$(cut -d ' ' -f 1 "$stamp" 2>/dev/null)" != "$k3s_version" ] || return 0
  installed=$(installed_version)
  from=$(minor_of "$installed") to=$(minor_of "$k3s_version")
  [ -n "$from" ] && [ "$role" = server ] || return 0
  if [ "$to" -gt $((from + 1)) ]; then
    problem "$k3s_version skips a minor release: $installed runs here, and servers go up by one at a time; set k3s.version to a 1.$((from + 1)) release first"
  elif [ "$to" -lt "$from" ]; then
    problem "$k3s_version is an older minor release than $installed, which runs here, and etcd's data cannot go back; keep k3s.version at 1.$from or newer, or restore a snapshot of 1.$to$(known_snapshot)"
  fi
}
known_snapshot() {
  newest=$(newest_snapshot)
  [ -z "$newest" ] || printf ' (the newest here is %s)' "$newest"
}

snapshots=$state_dir/snapshots   # not what uninstall deletes
newest_snapshot() { find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' 2>/dev/null | sort | tail -n 1; }

# Before another version opens etcd's data: a copy that the version before can read. With the token that opens it, for root only.
snapshot_before_version() {
  [ "$role" = server ] && [ -x "$binary" ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  installed=$(installed_version)
  [ "$installed" != "$k3s_version" ] || return 0
  [ ! -e "$pending" ] || [ ! -s "$snapshots/for-$k3s_version" ] || return 0 # an earlier run has made it
  need_scratch
  name=before-$k3s_version-$(date -u +%Y%m%d%H%M%S)
  { mkdir -p "$snapshots" && chmod 700 "$snapshots"; } || cannot_write "$snapshots/$name"
  if systemctl is-active -q k3s; then
    say "saving a snapshot of etcd before $k3s_version"
    # k3s ends with 0 also where it could not write the file, so only the file counts.
    k3s etcd-snapshot save --name "$name" --etcd-snapshot-dir "$snapshots" >"$scratch/snapshot" 2>&1 || tail -n 5 "$scratch/snapshot" >&2
    saved=$(find "$snapshots" -maxdepth 1 -type f -name "$name*" -size +0 | head -n 1)
  else
    say "k3s does not run: copying etcd's data as it lies before $k3s_version"
    saved=$snapshots/$name
    cp "$data_dir/server/db/etcd/member/snap/db" "$saved" || saved=''
  fi
  [ -n "$saved" ] || { rm -f "$fresh" || true; fail "$node: no snapshot of etcd could be saved in $snapshots ($(df -Pm "$snapshots" | awk 'NR == 2 { print $4 }') MiB are free there); see the lines above and 'journalctl -u k3s'. k3s was not changed"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$saved.token" 600 <"$data_dir/server/token"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
  printf '%s\n' "$saved" | write_file "$snapshots/for-$k3s_version" 600
  say "saved $saved"
  forget_old_snapshots
}

# The five newest stay.
forget_old_snapshots() {
  find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$old" "$old.token" || exit 1
  done || warn "$node: old snapshots in $snapshots could not be removed"
}

# how_to_restore: what a person does when the data must go back. A snapshot replaces the data of all servers.
how_to_restore() {
  saved=$(cat "$snapshots/for-$k3s_version" 2>/dev/null || true)
  [ -z "$saved" ] || printf "etcd's data as it was is in %s: 'k3s server --cluster-reset --cluster-reset-restore-path=%s' restores it, with every other server stopped" "$saved" "$saved"
}

# Whether k3s runs well after a start, and why not.

# Sets active, life (the unit's invocation), pid and restarts, as systemd tells.
read_unit() {
  unit_facts=$(systemctl show -p ActiveState -p InvocationID -p MainPID -p NRestarts "$service") || return 1
  active=no life='' pid=0 restarts=0
  while IFS='=' read -r fact value; do
    case $fact in
      ActiveState) [ "$value" != active ] || active=yes ;;
      InvocationID) life=$value ;;
      MainPID) pid=$value ;;
      NRestarts) restarts=$value ;;
    esac
  done <<FACTS
$unit_facts
FACTS
}

# Restarts k3s and waits until it is well; sets healthy to yes or no.
start_k3s() {
  read_unit || fail "$node: systemd does not tell about $service; see the line above"
  life_before=$life life_first='' pid_seen='' pid_since=0
  restarts_most=0
  # A node that joins for the first time may find the others busy with etcd; one that ran before has no such excuse.
  [ "$fresh_host" = no ] || restarts_most=3
  # To the microsecond: what a start within the same second said before is not about this one.
  since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
  systemctl reset-failed "$service" 2>/dev/null || true # there may be nothing to reset
  systemctl restart --no-block "$service" || fail "$node: $service cannot be started; see the line above"
  healthy=no
  # The interface wait of the unit is bounded and counts on top.
  if await $((start_timeout + interface_wait)) "k3s on $node" is_healthy; then healthy=yes; fi
}

# systemd calls a server active when its API is up, before the kubelet has begun; a kubelet that dies takes k3s with it some
# seconds later. So: not the process before, the kubelet listens, and the same process for ten seconds.
is_healthy() {
  read_unit || return 1
  [ "$life" != "$life_before" ] || return 1
  [ -n "$life_first" ] || life_first=$life
  [ "$restarts" -le "$restarts_most" ] || { await_over=yes; return 1; }
  ! is_hopeless || { await_over=yes; return 1; }
  read_uptime
  [ "$pid" = "$pid_seen" ] || { pid_seen=$pid pid_since=$uptime; }
  [ "$active" = yes ] && [ "$pid" != 0 ] && listens 10250 && [ $((uptime - pid_since)) -ge 10 ]
}

# Some failures do not mend themselves though the process goes on: waiting out the time limit would only hide them.
is_hopeless() { journal_of_start | grep -qiE "$hopeless"; }
hopeless='node password rejected|token CA hash does not match|critical configuration value mismatch|flag provided but not defined|not authorized|unable to find interface|different token'
reasons="$hopeless|panic: |level=fatal|failed to parse kubelet flag|failed to start ContainerManager|must share the same IP version|flannel exited|exec format error|no space left on device|read-only file system|address already in use"

# The lines of the first process of this start: those after it have only the consequences to tell.
journal_of_start() {
  if [ -n "$life_first" ]; then
    journalctl -q -o cat -u "$service" --since "$since" "_SYSTEMD_INVOCATION_ID=$life_first" 2>/dev/null
  else
    journalctl -q -o cat -u "$service" --since "$since" 2>/dev/null
  fi
}
# Sets reason, empty when no line is known, and shows the host's own lines.
show_journal() {
  need_scratch
  journal_of_start >"$scratch/journal" || warn "$node: the journal cannot be read"
  tail -n 20 "$scratch/journal" | cut -c 1-400 >&2
  reason=$(grep -m 1 -oiE "($reasons).*" "$scratch/journal" | cut -c 1-300)
  case $reason in
    *[Nn]ode\ password\ rejected*) reason="$reason. The cluster has a node $node on another machine; if that one is gone for good, see 'gone for good' in the README, otherwise give this machine another name" ;;
  esac
}

# What a k3s that somebody else installed was told by its unit, its environment and its files. Nothing here changes anything.

# Sets their_service, their_role, their_binary, their_reload, their_environment (paths, one a line), and their_settings
# (`key=value`, one a line). Says a problem, and leaves their_service empty, where it is not found.
their_facts=''
read_foreign() {
  find_their_unit
  [ -n "$their_service" ] || return 0
  read_their_settings
}

find_their_unit() {
  their_service=''
  for unit_file in /etc/systemd/system/k3s*.service; do
    [ -e "$unit_file" ] || continue
    candidate=$(basename "$unit_file" .service)
    read_their_unit "$candidate"
    case $their_role in server | agent) ;; *) continue ;; esac
    if [ -n "$their_service" ]; then
      problem "two units run a k3s here ($their_service and $candidate), and Groundwork runs one on a host; disable the one that is not wanted and remove its file"
      their_service=''
      return 0
    fi
    their_service=$candidate
  done
  if [ -n "$their_service" ]; then
    read_their_unit "$their_service" # another unit may have been read after it
    return 0
  fi
  problem "a k3s is here ($foreign), but no unit /etc/systemd/system/k3s*.service that runs 'k3s server' or 'k3s agent'; copy the unit of a package there and take the package's away, or uninstall that k3s"
}

# systemd has read the unit with its drop-ins, and knows which line of several counts.
read_their_unit() {
  ask their_facts systemctl show -p ExecStart -p Environment -p EnvironmentFiles -p DropInPaths -p NeedDaemonReload "$1"
  their_words=$(their_fact ExecStart | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | tail -n 1)
  their_binary=${their_words%% *}
  their_arguments=$(printf '%s\n' "$their_words" | tr -s '[:blank:]' '\n' | tail -n +2)
  their_role=$(printf '%s\n' "$their_arguments" | head -n 1)
  their_reload=$(their_fact NeedDaemonReload)
  their_environment=$(their_fact EnvironmentFiles | sed 's/ (ignore_errors=[a-z]*)$//')
}
their_fact() { printf '%s\n' "$their_facts" | sed -n "s/^$1=//p"; }

# In k3s's own order: the environment counts least, then config.yaml and config.yaml.d, then the arguments.
read_their_settings() {
  told_env=$(their_fact Environment | tr ' ' '\n' | tr -d '"' | sed 's/^/env /')
  for path in $their_environment; do
    [ ! -e "$path" ] || read_lines env "$path"
  done
  told_args=$(printf '%s\n' "$their_arguments" | tail -n +2 | sed 's/^/arg /')
  told_files=''
  ask_their_settings
  their_config=$(their config /etc/rancher/k3s/config.yaml)
  for path in "$their_config" "$their_config.d"/*.yaml; do
    [ ! -e "$path" ] || read_lines file "$path"
  done
  ask_their_settings
}

# read_lines KIND PATH: adds a file's lines, each with its kind before it. In variables: there are tokens among them.
read_lines() {
  lines=$(cat "$2") || fail "$node: $2 cannot be read; see the line above"
  lines=$(printf '%s\n' "$lines" | sed "s/^/$1 /")
  case $1 in
    env) told_env="$told_env
$lines" ;;
    *) told_files="$told_files
file ---
$lines" ;;
  esac
}

ask_their_settings() {
  their_settings=$(printf '%s\n' "$told_env" "$told_files" "$told_args" | awk "$read_settings") ||
    fail "$node: the settings of the k3s that is here cannot be read; see the line above"
}

# their KEY [DEFAULT]: what the k3s that is here was told; of a secret only that it was given.
their() {
  their_value=$(printf '%s\n' "$their_settings" | sed -n "s/^$1=//p")
  printf %s "${their_value:-${2:-}}"
}

# The part of YAML that a k3s configuration is made of: keys with a word, or with a list. What is anything else is told by `?`, by its
# key or the one before it: there may be a secret in it.
# shellcheck disable=SC2016 # $1 and the like are awk's
read_settings='
function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t\r]+$/, "", text); return text }
function plain(text, quote) {
  text = trim(text); quote = substr(text, 1, 1)
  if (quote == "\"" || quote == "\047") { text = substr(text, 2); sub(quote ".*", "", text); return text }
  sub(/[ \t]+#.*/, "", text)
  return text
}
function name(text) { sub(/\+$/, "", text); return (text in other) ? other[text] : text }
function put(key, value, fresh) {
  if (key ~ /(^|-)token$|secret-key$|access-key$|session-token$|^datastore-endpoint$|^vpn-auth$/) value = "given"
  found[key] = (fresh || !(key in found)) ? value : found[key] "," value
}
function argument(key, value) { put(key, value, !(key in given)); given[key] = 1 }
function end_argument() { if (waiting != "") argument(waiting, "true"); waiting = "" }
function end_list() { if (list != "" && fresh == 1 && !(list in found)) put(list, "true", 1); list = "" }
BEGIN {
  split("t token s server d data-dir c config o write-kubeconfig i node-ip l log no-deploy disable cluster-secret token storage-endpoint datastore-endpoint url server config-file config kubeconfig-output write-kubeconfig kubeconfig-mode write-kubeconfig-mode", pair, " ")
  for (at = 1; at in pair; at += 2) other[pair[at]] = pair[at + 1]
}
$1 == "env" {
  text = trim(substr($0, 5))
  if (text !~ /^K3S_[A-Z0-9_]+=/) next
  at = index(text, "="); key = tolower(substr(text, 5, at - 5)); gsub(/_/, "-", key)
  put(name(key), plain(substr(text, at + 1)), 1)
}
$1 == "file" {
  line = substr($0, 6)
  if (line ~ /^(---|\.\.\.)/) { end_list(); next }
  if (line ~ /^[ \t\r]*(#.*)?$/) next
  if (list != "" && match(line, /^[ \t]*-[ \t]+/)) { put(list, plain(substr(line, RLENGTH + 1)), fresh); fresh = 0; next }
  end_list()
  if (!match(line, /^["\047]?[A-Za-z0-9][-A-Za-z0-9_]*\+?["\047]?[ \t]*:([ \t]|$)/)) { bad = bad " " key; next }
  key = plain(substr(line, 1, index(line, ":") - 1)); fresh = (key !~ /\+$/); key = name(key)
  rest = trim(substr(line, RLENGTH + 1))
  if (rest == "" || rest ~ /^#/) { list = key; next }
  if (rest ~ /^\[.*\]$/) {
    rest = substr(rest, 2, length(rest) - 2)
    for (at = 1; at <= split(rest, item, ","); at++) { put(key, plain(item[at]), fresh); fresh = 0 }
    next
  }
  if (rest ~ /^[[{|>&*!]/) { bad = bad " " key; next }
  put(key, plain(rest), fresh)
}
$1 == "arg" {
  word = substr($0, 5)
  if (word !~ /^-/) { if (waiting != "") argument(waiting, word); waiting = ""; next }
  end_argument(); sub(/^-+/, "", word); at = index(word, "=")
  if (at) argument(name(substr(word, 1, at - 1)), substr(word, at + 1)); else waiting = name(word)
}
END {
  end_list(); end_argument()
  for (key in found) if (found[key] != "") print key "=" found[key]
  if (bad != "") print "?=" trim(bad)
}'

# Whether a k3s that is here can become what the settings say, without losing its cluster. All that is wrong is said at once.

compare_foreign() {
  [ -n "$their_service" ] || return 0 # what is wrong with it was said
  compare_unit
  compare_name
  compare_version
  compare_values
  [ "$role" = agent ] || compare_data
  compare_cluster
  compare_space
}

compare_unit() {
  [ "$their_role" = "$role" ] ||
    problem "$their_service runs 'k3s $their_role' here, and the node is to be a $role; set role: $their_role"
  [ "$their_reload" != yes ] ||
    problem "the files of $their_service were changed after systemd read them; run 'systemctl daemon-reload' and 'systemctl restart $their_service', and see that it works"
  systemctl is-active -q "$their_service" ||
    problem "$their_service does not run; start it, and see that it works, before it is taken over"
  [ "$(readlink -f "$their_binary")" = "$(readlink -f "$binary_here")" ] ||
    problem "its program is $their_binary, and Groundwork's is $binary_here; run 'ln -s $their_binary $binary_here'"
  unread=$(their '?')
  [ -z "$unread" ] ||
    problem "these settings in $their_config (or in $their_config.d), or what follows them, are written in a way that is not read here: $unread; write each as 'key: value', or as a key with a list below it"
  [ "$role" = agent ] || [ -e /etc/rancher/k3s/k3s.yaml ] ||
    problem "its kubeconfig is not /etc/rancher/k3s/k3s.yaml; take write-kubeconfig out of its settings and restart it"
}
binary_here=/usr/local/bin/k3s

compare_name() {
  their_name=$(their node-name "$(uname -n)" | tr '[:upper:]' '[:lower:]')
  if [ "$(their with-node-id false)" = true ]; then
    problem "its node's name ends with an id (with-node-id), and would be another without it; this cannot be taken over"
  elif [ "$their_name" != "$node" ]; then
    problem "its node is called $their_name; write name: $their_name in 'nodes'"
  fi
}

# A newer k3s may have written what an older one cannot read; and servers go up by one minor release at a time.
compare_version() {
  their_version=$("$their_binary" --version 2>/dev/null | awk 'NR == 1 { print $3 }') || their_version=''
  case $(printf '%s %s\n' "$their_version" "$k3s_version" | sed 's/-rc[0-9]*//g' | awk '
    { split($1, a, /[^0-9]+/); split($2, b, /[^0-9]+/)
      if (a[2] == "") { print "unknown"; exit }
      for (at = 2; at <= 6; at++) if (a[at] + 0 != b[at] + 0) { newer = (a[at] + 0 > b[at] + 0); break }
      print (newer ? "newer" : (b[3] - a[3] > 1) ? "far" : "fine") }') in
    fine) ;;
    newer) problem "$their_version runs here, and $k3s_version is older; set k3s.version (or this node's k3sVersion) to $their_version or newer" ;;
    far)
      [ "$role" = agent ] ||
        problem "$their_version runs here, and $k3s_version skips a minor release; take it over with k3s.version: $their_version, and upgrade afterwards"
      ;;
    *) problem "'$their_binary --version' does not tell a version; repair it first" ;;
  esac
}

compare_values() {
  for value in $critical; do
    key=${value%%|*} value=${value#*|}
    ours=${value%%|*} value=${value#*|}
    is=$(their "$key" "${value%%|*}")
    [ "$is" = "$ours" ] || problem "$key is ${is:-not set} here and would become ${ours:-unset}; set ${value#*|}: $is"
    [ "$key" != node-ip ] || our_ip=$ours
  done
  is=$(their data-dir "$data_dir")
  [ "$is" = "$data_dir" ] ||
    problem "its data-dir is $is, and Groundwork's k3s has $data_dir; stop it, move the directory there, take the setting out, and start it again"
}

compare_data() {
  if [ -n "$(their datastore-endpoint)" ]; then
    problem "its data are in an external datastore (datastore-endpoint), and k3s does not bring them into etcd; leave that cluster as it is, or move its workloads to a new one"
  elif [ -d "$data_dir/server/db/etcd" ]; then
    peers_here=$(sed -n 's/^listen-peer-urls: *//p' "$data_dir/server/db/etcd/config" 2>/dev/null || true) # no such file: etcd is asked nothing
    case ${our_ip:-} in '' | *,*) return 0 ;; esac
    case $peers_here in
      '' | *"://$our_ip:"* | *"://[$our_ip]:"*) ;;
      *) problem "etcd knows this server by another address than $our_ip ($peers_here); set nodes[].internalIp to that one" ;;
    esac
  elif [ ! -s "$data_dir/server/db/state.db" ]; then
    problem "no data of a cluster are in $data_dir/server/db, neither of SQLite nor of etcd; this is no server that could be taken over"
  elif [ "$starts_cluster" = no ]; then
    problem "it is a cluster of its own with its data in SQLite, and cannot join another one; put $node first in 'nodes' to take that cluster over, or uninstall its k3s"
  fi
}

# The tokens are here in the first step only; what they prove does not change after it.
compare_cluster() {
  [ -n "${server_token:-}${agent_token:-}" ] || return 0
  if [ "$role" = server ]; then
    compare_token k3s.token "$server_token" "$data_dir/server/token"
    compare_token k3s.agentToken "$agent_token" "$data_dir/server/agent-token"
  fi
  case ${server_token:-$agent_token} in
    K10*::*)
      pin=${server_token:-$agent_token}
      pin=${pin#K10}
      has_ca "${pin%%::*}" ||
        problem "it belongs to another cluster than this stack's (another certificate authority); take the node out of 'nodes', or uninstall its k3s"
      ;;
  esac
}
compare_token() {
  [ ! -s "$3" ] || [ "$(token_word "$(head -n 1 "$3")")" != "$(token_word "$2")" ] || return 0
  problem "$1 is not the one of the cluster that is here; set it to what follows the last ':' in $3, if this is the cluster that is meant"
}
# has_ca HASH: k3s pins the file, or of a bundle its root.
has_ca() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ -s "$ca" ] || continue
    [ "$(sha256sum <"$ca" | cut -d ' ' -f 1)" != "$1" ] || return 0
    awk '/BEGIN CERTIFICATE/ { text = ""; next } /END CERTIFICATE/ { print text; next } { text = text $0 }' "$ca" |
      while IFS= read -r certificate; do printf '%s\n' "$certificate" | base64 -d | sha256sum | cut -d ' ' -f 1; done | grep -qxF "$1"
    return
  done
  return 1
}

# What is kept, and etcd's own copy of what was in SQLite.
compare_space() {
  need_mib=256
  for path in "$their_binary" "$data_dir"/server/db/state.db* "$data_dir"/server/db/state.db* "$data_dir/server/db/etcd/member/snap/db"; do
    [ ! -f "$path" ] || need_mib=$((need_mib + $(stat -Lc %s "$path") / 1048576 + 1))
  done
  for path in /var/lib "$data_dir"; do
    free_mib=$(df -Pm "$path" | awk 'NR == 2 { print $4 }')
    [ "$free_mib" -ge "$need_mib" ] ||
      { problem "only $free_mib MiB are free on $path, and keeping what is here needs $need_mib; make room there"; return 0; }
  done
}

# Takes over a k3s that somebody else installed. The first step compares, and marks the host as being taken over; the second keeps what
# is there, puts ours in its place, and starts it (takeOver.sh). Until that has worked, $mark_adopting is in the mark, and has:
#   tokens/   the join tokens as they were      files/  everything else that is replaced, at its own path
#   service, version   their unit, their k3s    data/   state.db as it was when their k3s had stopped
#   begun     from here on the host's files may be half theirs and half ours

# Refuses before anything is touched. What has begun is not compared again: it would be compared with itself.
adopt_host() {
  if [ -n "$mark_adopting" ] && [ -e "$mark_adopting/begun" ]; then
    read -r their_service <"$mark_adopting/service" || fail "$node: $mark_adopting/service cannot be read; see the line above"
    return 0
  fi
  read_foreign
  compare_foreign
  [ "$problems" -eq 0 ] || fail "$node: the k3s that is on this host cannot be taken over: $problems of the things that must be right are not; nothing was touched"
  [ -z "$mark_adopting" ] || return 0
  [ -n "${server_token:-}${agent_token:-}" ] ||
    fail "$node: only $node-token can begin to take over the k3s on this host; run up without --target, or with --target '**::$node-token' as well"
  mark_adopting=$state_dir/adopted-$(date -u +%Y%m%dT%H%M%SZ)
  write_mark "$node"
}

# Before ours are written.
keep_their_tokens() {
  [ ! -d "$mark_adopting/tokens" ] || return 0
  begin_copy tokens
  for path in /etc/rancher/k3s/token /etc/rancher/k3s/agent-token; do copy_there "$path"; done
  end_copy tokens
}

begin_copy() {
  { mkdir -p "$mark_adopting" && chmod 700 "$mark_adopting" && rm -rf "${mark_adopting:?}/$1.new" && mkdir "$mark_adopting/$1.new"; } || cannot_write "$mark_adopting/$1"
  copying=$mark_adopting/$1.new
}
copy_there() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  { mkdir -p "$copying$(dirname "$1")" && cp -a "$1" "$copying$1"; } || cannot_keep "$1"
}
end_copy() { { rm -rf "${mark_adopting:?}/$1" && sync && mv "$copying" "$mark_adopting/$1"; } || cannot_keep "$1"; }
cannot_keep() {
  rm -rf "$copying" 2>/dev/null || true # the same disk refuses that too
  fail "$node: $1 cannot be kept in $mark_adopting; see the line above, make room there, and run up again. It is as it was"
}

# Puts ours in the place of a k3s that somebody else installed (adopt.sh has compared them): what is there is kept first.

# The first thing that converge does, with their k3s running. What an earlier try kept is not what is there now.
begin_adoption() {
  their_files=$mark_adopting/files
  [ ! -e "$mark_adopting/begun" ] || return 0
  say "taking over the k3s that is here ($their_service); what it has is kept in $mark_adopting, for root only"
  their_dropins=$(their_fact DropInPaths | tr ' ' '\n')
  begin_copy files
  for path in "/etc/systemd/system/$their_service.service" $their_dropins $their_environment "$their_config" "$their_config.d"/*.yaml \
    /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/*.yaml /etc/rancher/k3s/registries.yaml /etc/rancher/k3s/k3s.yaml "/etc/default/$service" \
    "$binary" /etc/rancher/node/password "$data_dir/server/token" "$data_dir/server/agent-token" "$data_dir/server/node-token" \
    "$data_dir/server/cred" "$data_dir/server/tls"; do
    copy_there "$path"
  done
  end_copy files
  rm -rf "$mark_adopting/data" "$mark_adopting/data.new"
  save_their_etcd
  printf '%s\n' "$their_environment" | write_file "$mark_adopting/environment" 600
  printf '%s\n' "$their_dropins" | write_file "$mark_adopting/dropins" 600
  printf '%s\n' "$their_service" | write_file "$mark_adopting/service" 600
  printf '%s\n' "$their_version" | write_file "$mark_adopting/version" 600
  tell_what_ends
  printf 'since %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S')" | write_file "$mark_adopting/begun" 600
}

save_their_etcd() {
  [ "$role" = server ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  rm -f "$mark_adopting"/etcd-*
  say "saving a snapshot of etcd in $mark_adopting"
  need_scratch
  # k3s ends with 0 also where it could not write the file, so only the file counts.
  k3s etcd-snapshot save --name etcd --etcd-snapshot-dir "$mark_adopting" >"$scratch/snapshot" 2>&1 || tail -n 5 "$scratch/snapshot" >&2
  saved=$(find "$mark_adopting" -maxdepth 1 -type f -name 'etcd-*' -size +0 | head -n 1)
  [ -n "$saved" ] || fail "$node: no snapshot of etcd could be saved in $mark_adopting; see the lines above and 'journalctl -u $their_service'. Nothing was changed"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
}

# What the other k3s was told beyond what ours is: by name only, there may be secrets in it.
tell_what_ends() {
  ends=''
  for key in $(printf '%s\n' "$their_settings" | sed 's/=.*//' | sort); do
    case $key in token | token-file | agent-token | agent-token-file | server | cluster-init | config | disable) continue ;; esac
    has_word "$key" "$config_keys" || ends="${ends:+$ends, }$key"
  done
  [ -z "$ends" ] || warn "$node: these settings of the k3s that was here are not in the stack, and end: $ends (they stay in $mark_adopting)"
  [ ! -e /etc/rancher/k3s/registries.yaml ] || say "/etc/rancher/k3s/registries.yaml stays as it is, and counts as before"
  their_disabled=$(their disable | tr ',' ' ') goes='' comes=''
  [ "$role" = server ] || return 0
  for key in $disabled; do has_word "$key" "$their_disabled" || goes="${goes:+$goes, }$key"; done
  for key in $their_disabled; do has_word "$key" "$disabled" || comes="${comes:+$comes, }$key"; done
  [ -z "$goes" ] || warn "$node: the stack leaves these packaged components out, so k3s removes them from the cluster: $goes"
  [ -z "$comes" ] || warn "$node: the stack has these packaged components, so k3s installs them: $comes"
}

# With ours written beside them: what would still be read of theirs goes, their k3s stops, and SQLite's file is kept as it then is.
switch_over() {
  carry_environment
  for path in "$their_files"/etc/rancher/k3s/config.yaml.d/*.yaml; do
    [ ! -e "$path" ] || has_word "${path#"$their_files"}" "$managed_files" || rm -f "${path#"$their_files"}"
  done
  while IFS= read -r path; do
    # A drop-in that is the host owner's addition to the unit, such as a proxy, goes on.
    if [ "$their_service" = "$service" ] && ! grep -qE '^[[:space:]]*ExecStart[[:space:]]*=|K3S_' "$their_files$path" 2>/dev/null; then continue; fi
    [ ! -e "$path" ] || has_word "$path" "$managed_files" || { rm -f "$path" && say "$path does not count any more"; }
  done <"$mark_adopting/dropins"
  if [ "$their_service" != "$service" ] && [ -e "/etc/systemd/system/$their_service.service" ]; then
    systemctl disable --now -q "$their_service" || fail "$node: $their_service cannot be stopped; see the line above"
    rm -f "/etc/systemd/system/$their_service.service" || cannot_write "/etc/systemd/system/$their_service.service"
  fi
  systemctl daemon-reload
  save_their_sqlite
}

# Variables of K3S_* are settings, which stand in config.yaml now. The others, such as a proxy, go on in /etc/default.
carry_environment() {
  default=/etc/default/$service carried=''
  while IFS= read -r path; do
    [ -n "$path" ] || continue
    [ -e "$their_files$path" ] || continue
    kept_lines=$(grep -vE '^[[:space:]]*(K3S_|#|;|$)' "$their_files$path" || true) # none is an answer too
    case $path in
      "/etc/default/$service" | "/etc/sysconfig/$service")
        grep -qE '^[[:space:]]*K3S_' "$their_files$path" || continue
        kept_mode=$(stat -c %a "$their_files$path") || cannot_write "$path"
        printf '%s\n' "$kept_lines" | write_file "$path" "$kept_mode"
        ;;
      *)
        [ -z "$kept_lines" ] || carried="$carried$kept_lines
"
        [ ! -e "$path" ] || rm -f "$path" || cannot_write "$path"
        ;;
    esac
  done <"$mark_adopting/environment"
  [ -n "$carried" ] || return 0
  own_lines=$(grep -vE '^[[:space:]]*K3S_' "$their_files$default" 2>/dev/null || true) # there may be no such file
  printf '%s\n' "$own_lines" "$carried" | sed '/^$/d' | write_file "$default" 600
}

# k3s makes etcd of it at the next start, and cannot go back. Stopped, so that the copy is whole.
save_their_sqlite() {
  db=$data_dir/server/db
  [ "$role" = server ] && [ -s "$db/state.db" ] && [ ! -d "$db/etcd" ] && [ ! -d "$mark_adopting/data" ] || return 0
  say "stopping $their_service: its data go from SQLite to etcd, and state.db as it is now is kept in $mark_adopting/data"
  systemctl stop "$service" || fail "$node: $service cannot be stopped; see the line above"
  begin_copy data
  for path in "$db/state.db" "$db/state.db-wal" "$db/state.db-shm"; do
    [ ! -e "$path" ] || cp -a "$path" "$copying/" || cannot_keep "$path"
  done
  end_copy data
}

# Only now: the scripts of the official installation would destroy the node.
finish_adoption() {
  for path in /usr/local/bin/k3s*-uninstall.sh /usr/local/bin/k3s-killall.sh; do
    [ -e "$path" ] || continue
    { cp -a "$path" "$mark_adopting/" && flush "$mark_adopting/$(basename "$path")" && rm -f "$path"; } || cannot_write "$path"
  done
  say "took over the k3s that was here; what it had is in $mark_adopting, and is removed by nobody but you"
  mark_adopting=''
}

# A k3s that could not be taken over runs again as it did: its unit, settings and program, and SQLite's data as they were.

give_back() {
  cause=$reason
  db=$data_dir/server/db
  read -r before <"$mark_adopting/version" || fail "$node: $mark_adopting/version cannot be read; see the line above"
  # A newer minor release may have written into etcd what the older one cannot read.
  if [ "$role" = server ] && [ ! -d "$mark_adopting/data" ] && [ "$(minor_of "$before")" != "$(minor_of "$k3s_version")" ]; then
    fail "$node: k3s $k3s_version does not start${cause:+: $cause}. It is another minor release than $before, so the k3s that was here is not brought back by itself; $mark_adopting has its files and a snapshot of etcd"
  fi
  say 'k3s does not start with what the settings say: going back to the k3s that was here'
  systemctl stop "$service" || true # it may be down already
  bring_back_data
  bring_back_files
  [ "$their_service" = "$service" ] || systemctl disable -q "$service" 2>/dev/null || true # its file is gone
  systemctl daemon-reload
  rm -f "$pending" "$stamp" "$binary.previous" "$mark_adopting/begun" || cannot_write "$mark_adopting/begun"
  service=$their_service
  systemctl enable -q "$service" || warn "$node: $service is not enabled; see the line above"
  start_k3s
  [ "$healthy" = no ] ||
    fail "$node: k3s does not start with what the settings say${cause:+: $cause}; the k3s that was here runs again, as it was. Correct the settings and run up again"
  fail "$node: k3s does not start with what the settings say${cause:+: $cause}; nor does the k3s that was here, with its files and data as they were (also in $mark_adopting); see 'journalctl -u $service' on the host"
}

# SQLite's file first: a k3s that finds neither it nor etcd would start an empty cluster. etcd is put aside, not deleted.
bring_back_data() {
  [ -d "$mark_adopting/data" ] || return 0
  for name in state.db-wal state.db-shm state.db; do
    [ -e "$mark_adopting/data/$name" ] || { rm -f "$db/$name"; continue; }
    { cp -a "$mark_adopting/data/$name" "$db/.$name.new" && flush "$db/.$name.new" && mv -f "$db/.$name.new" "$db/$name"; } ||
      { rm -f "$db/.$name.new" || true; cannot_write "$db/$name"; }
  done
  rm -f "$db/state.db.migrated"
  [ ! -d "$db/etcd" ] || { rm -rf "$db/etcd.not-taken-over" && mv "$db/etcd" "$db/etcd.not-taken-over"; } || cannot_write "$db/etcd"
}

# All but the data directory: k3s keeps that itself. The join tokens stay ours, which are as good, for the next try.
bring_back_files() {
  for path in $managed_files "/etc/default/$service"; do
    [ -e "$their_files$path" ] || rm -f "$path" || cannot_write "$path"
  done
  need_scratch
  find "$their_files/etc" "$their_files/usr" -type f >"$scratch/theirs" || fail "$node: $their_files cannot be read; see the line above"
  while IFS= read -r kept_path; do
    path=${kept_path#"$their_files"}
    kept_mode=$(stat -c %a "$kept_path") || cannot_write "$path"
    write_file "$path" "$kept_mode" <"$kept_path"
  done <"$scratch/theirs"
  find "$their_files/etc" "$their_files/usr" -type l >"$scratch/theirs" || fail "$node: $their_files cannot be read; see the line above"
  while IFS= read -r kept_path; do ln -sfn "$(readlink "$kept_path")" "${kept_path#"$their_files"}" || cannot_write "${kept_path#"$their_files"}"; done <"$scratch/theirs"
}

# Makes the host what the settings say, and restarts k3s only if it must. Running it twice changes nothing.

service=k3s
[ "$role" = server ] || service=k3s-agent
leaving=$state_dir/leaving

converge() {
  doing='checking the host'
  lock_node converge
  claim_host
  sweep_staged
  preflight
  fresh_host=yes
  ! is_member || fresh_host=no
  [ "$fresh_host" = yes ] || keep_what_runs
  doing='installing packages'
  ensure_packages
  [ -z "$mark_adopting" ] || begin_adoption
  doing='installing k3s'
  ensure_binary
  doing='writing files'
  put_files
  come_back
  [ "$fresh_host" = no ] || join_living_peer
  doing='preparing the host'
  prepare
  [ -z "$mark_adopting" ] || switch_over
  [ "$reload" = no ] || systemctl daemon-reload
  systemctl is-enabled -q "$service" 2>/dev/null || systemctl enable -q "$service"
  doing='starting k3s'
  if [ -e "$pending" ] || ! systemctl is-active -q "$service"; then
    start_or_go_back
  fi
  [ -z "$mark_adopting" ] || finish_adoption
  watch_interface
  summary
}

# Hosts of releases that did not keep a whole copy: what runs now is what a failed change goes back to.
keep_what_runs() {
  [ -z "$mark_adopting" ] && [ ! -e "$good" ] && [ ! -e "$pending" ] && systemctl is-active -q "$service" || return 0
  remember_files
}

# A server that had begun to leave, and is wanted again. If etcd let it go already, it has to join like a new one.
come_back() {
  [ -e "$leaving" ] || return 0
  must_restart
  rm -f /etc/systemd/system/k3s.service.d/90-leaving.conf || cannot_write "$leaving"
  reload=yes
  join_living_peer
  rm -f "$leaving" || cannot_write "$leaving"
  note_change leaving
}

# A first server that was rebuilt must join the servers that live, not start a second cluster beside them. A peer that refuses the
# connection runs no k3s; one that does not answer at all may only be out of reach, and nothing is decided on that.
join_living_peer() {
  [ "$starts_cluster" = yes ] && [ -n "$peers" ] || return 0
  await 30 "a server among $peers to answer, before a new cluster is started" peer_lives || true # none is an answer too
  if [ -z "$peer" ] && [ -n "$silent" ]; then
    await 90 "the servers that do not answer ($silent)" peer_lives || true
    [ -n "$peer" ] || [ -z "$silent" ] ||
      fail "$node: it would start a new cluster, but whether one lives at $silent cannot be told: no answer on TCP 6443. Bring them up or open the port; for a first creation without them, take them out of 'nodes' until $node is ready"
  fi
  [ -n "$peer" ] || return 0
  say "the server at ${peer%:*} lives: joining it instead of starting a cluster"
  join_file=/etc/rancher/k3s/config.yaml.d/10-join.yaml
  joined=$(sed "s|^cluster-init: true\$|server: https://$peer|" "$join_file") || fail "$node: $join_file cannot be read; see the line above"
  printf '%s\n' "$joined" | write_file "$join_file" 600
}
# Sets peer to one that answers, or silent to those of which nothing is known.
peer_lives() {
  peer='' silent=''
  for candidate in $peers; do
    if supervisor_answers "$candidate"; then
      peer=$candidate
      return 0
    fi
    is_refused "$candidate" || silent="${silent:+$silent }$candidate"
  done
  return 1
}

# curl says why it could not connect only when it is asked to say more.
is_refused() {
  ! command -v curl >/dev/null || head=$(curl -skv -o /dev/null --connect-timeout 5 --max-time 10 "https://$1/ping" 2>&1) || true # its words count
  case $head in
    *[Rr]efused*) return 0 ;;
    *) return 1 ;;
  esac
}

start_or_go_back() {
  read_uptime
  begin=$uptime
  start_k3s
  if [ "$healthy" = yes ]; then
    read_uptime
    say "k3s is healthy after $((uptime - begin)) s"
    return
  fi
  show_journal
  [ -z "$mark_adopting" ] || give_back
  if [ ! -e "$good" ]; then
    systemctl stop "$service" || true # it may be down already
    fail "$node: k3s does not start${reason:+: $reason}; the host's own lines are above, the rest in 'journalctl -u $service'"
  fi
  go_back
}

go_back() {
  # An earlier run may have brought the version, so what ran well is asked, and not what changed now.
  before=$(cat "$good/version") || fail "$node: $good/version cannot be read; see the line above"
  if [ "$before" != "$k3s_version" ]; then
    # A newer minor release may have written what the older one cannot read.
    [ "$role" = agent ] || [ "$(minor_of "$before")" = "$(minor_of "$k3s_version")" ] ||
      fail "$node: k3s $k3s_version does not start${reason:+: $reason}. It is another minor release than $before, so it is not taken back by itself. $(how_to_restore)"
  fi
  say 'k3s does not start with the change: going back to what ran before'
  restore_files
  if [ "$before" != "$k3s_version" ] && [ "$(version_of "$binary.previous")" = "$before" ]; then
    mv -f "$binary.previous" "$binary" || cannot_write "$binary"
    rm -f "$stamp" || cannot_write "$stamp"
  fi
  systemctl daemon-reload
  cause=$reason
  start_k3s
  if [ "$healthy" = yes ]; then
    rm -f "$pending"
    end_turn
    fail "$node: k3s does not start with the change${cause:+: $cause}; what ran before runs again"
  fi
  fail "$node: k3s does not start with the change${cause:+: $cause}; nor without it; see 'journalctl -u $service' on the host"
}

# The other servers count this one again: it is not going down any more.
end_turn() {
  [ "$role" = server ] || return 0
  k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig /etc/rancher/k3s/k3s.yaml --request-timeout=20s annotate node "$node" groundwork/down- >/dev/null ||
    warn "$node: its turn could not be ended; the other servers wait for it for up to 15 min"
}

watch_interface() {
  [ -e /etc/systemd/system/groundwork-interface.service ] || return 0
  if has_word watch "$changed" || ! systemctl is-active -q groundwork-interface; then
    systemctl enable -q groundwork-interface
    systemctl restart groundwork-interface
  fi
}

summary() {
  write_mark "$node" # now it has the cluster's CA
  if [ -z "$changed" ] && [ -z "${begin:-}" ]; then
    [ -e "$good" ] || remember_files
    say unchanged
    return
  fi
  remember_files
  rm -f "$pending" || cannot_write "$pending"
  say "changed: $(printf %s "${changed:-nothing}" | sed 's/ /, /g')${begin:+; restarted k3s}"
}

# Takes k3s and everything of ours off the host. Packages stay, and so do snapshots, what lies on other file systems, and the data of
# volumes outside of k3s's directory. The mark goes last, so that an uninstall that was cut off can be run again.

uninstall() {
  doing='taking k3s off the host'
  lock_node uninstall
  read_mark
  if ! is_marked; then
    foreign=$(foreign_k3s)
    [ -n "$foreign" ] || ! is_ours || foreign='a unit by Groundwork'
    [ -z "$foreign" ] || fail "$node: this host has no mark of Groundwork's, but a k3s ($foreign); nothing was touched. If it is $node of this stack, run up once before removing it; otherwise uninstall it by hand"
    say "nothing of $node is on this host"
    return
  fi
  check_mark "$node"
  [ -z "$mark_adopting" ] ||
    fail "$node: the k3s on this host is being taken over, and that has not ended; nothing was touched. Run up again, or uninstall it by hand, remove $mark, and then run up again"
  foreign=$(foreign_k3s)
  [ -z "$foreign" ] || fail "$node: the k3s on this host is not Groundwork's any more ($foreign); nothing was touched. Uninstall it by hand and remove $mark, then run up again"
  stop_units
  stop_containers
  unmount_all
  drop_network
  keep_snapshots
  delete_files
  say "k3s is off $node"
}

stop_units() {
  for unit in groundwork-interface k3s k3s-agent; do
    [ -e "/etc/systemd/system/$unit.service" ] || continue
    systemctl disable --now -q "$unit" || fail "$node: $unit cannot be stopped; see the line above"
  done
}

# k3s leaves its containers running when it stops (KillMode=process), so each shim's tree is ended here, from /proc: pgrep is not on
# every host.
stop_containers() {
  shims=$(grep -lsE '^/[^ ]*/k3s/data/[^/]*/bin/containerd-shim' /proc/[0-9]*/cmdline | sed 's|[^0-9]*||g' | tr '\n' ' ')
  [ -n "$shims" ] || return 0
  need_scratch
  sed -n 's/^\([0-9]\{1,\}\) (.*) [A-Za-z] \([0-9]\{1,\}\) .*/\1 \2/p' /proc/[0-9]*/stat >"$scratch/processes" 2>/dev/null || true # some end meanwhile
  for pid in $(with_descendants "$scratch/processes"); do
    kill -9 "$pid" 2>/dev/null || true # it may have ended with its parent
  done
}
with_descendants() {
  awk -v shims="$shims" '{ parent[$1] = $2 }
    END {
      for (at = split(shims, shim, " "); at > 0; at--) wanted[shim[at]] = 1
      do {
        grown = 0
        for (pid in parent) if (!(pid in wanted) && (parent[pid] in wanted)) wanted[pid] = grown = 1
      } while (grown)
      for (pid in wanted) print pid
    }' "$1"
}

# Real paths, as /proc/mounts has them: a directory of k3s's may be a link to another disk.
k3s_dirs='/run/k3s /run/flannel /var/lib/rancher/k3s /var/lib/kubelet /var/lib/cni'
mounts_below() {
  real=$(readlink -f "$1") || return 0
  awk -v below="$real/" 'index($2 "/", below) == 1 { print $2 }' /proc/self/mounts | sed 's/\\040/ /g' | sort -r
}

# What k3s and the kubelet mounted goes. A disk that somebody mounted at one of these directories stays: it is emptied below.
unmount_all() {
  for dir in $k3s_dirs; do
    mounts_below "$dir" | while IFS= read -r mounted; do
      [ "$mounted" != "$(readlink -f "$dir")" ] || is_bind_of_itself "$mounted" || continue
      umount "$mounted" 2>/dev/null || umount -f "$mounted" 2>/dev/null || umount -l "$mounted" ||
        fail "$node: $mounted cannot be unmounted; see the line above, end what uses it, and run up again. Nothing below was deleted"
    done
  done
  awk '{ print $2 }' /proc/self/mounts | grep '^/run/netns/cni-' | while IFS= read -r mounted; do umount -l "$mounted"; done
  for dir in $k3s_dirs; do
    left=$(mounts_below "$dir" | grep -vxF "$(readlink -f "$dir")" || true)
    [ -z "$left" ] || fail "$node: still mounted, so nothing was deleted: $left"
  done
}
# The kubelet binds its directory onto itself where / is not shared: the same device as the mount above it, and the same place there.
is_bind_of_itself() {
  awk -v at="$1" '{ device[$5] = $3; root[$5] = $4 }
    END {
      for (point in root) if (point != at && (point == "/" || index(at "/", point "/") == 1) && length(point) > length(above)) above = point
      base = root[above] == "/" ? "" : root[above]
      rest = above == "/" ? at : substr(at, length(above) + 1)
      exit !(device[above] == device[at] && root[at] == base rest)
    }' /proc/self/mountinfo
}

drop_network() {
  command -v ip >/dev/null || return 0
  for link in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
    ! ip link show "$link" >/dev/null 2>&1 || ip link delete "$link"
  done
  ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while IFS= read -r name; do ip netns delete "$name"; done
  # Where the host has no iptables, k3s brought its own.
  PATH=$PATH:$data_dir/data/current/bin:$data_dir/data/current/bin/aux
  for tables in iptables ip6tables; do
    command -v "$tables-save" >/dev/null || continue
    rules=$("$tables-save" 2>/dev/null) || continue # no such table in this kernel
    case $rules in
      *KUBE-* | *CNI-* | *[Ff]lannel* | *FLANNEL*) ;;
      *) continue ;;
    esac
    # A variable and not a file: half of the host's own rules must never be loaded for want of space.
    kept=$(printf '%s\n' "$rules" | grep -vE 'KUBE-|CNI-|[Ff]lannel|FLANNEL' || true)
    [ "$(printf '%s\n' "$kept" | grep -c '^COMMIT')" = "$(printf '%s\n' "$rules" | grep -c '^COMMIT')" ] ||
      fail "$node: the firewall's rules cannot be read whole; they are as they were. Run up again"
    printf '%s\n' "$kept" | "$tables-restore" || fail "$node: the firewall's rules of k3s cannot be taken out; see the line above"
  done
}

# Snapshots are the only way back to a cluster; the token opens them.
keep_snapshots() {
  taken=$data_dir/server/db/snapshots
  [ -n "$(ls -A "$taken" 2>/dev/null)" ] || return 0
  kept=$state_dir/snapshots/of-$node-$(date -u +%Y%m%d%H%M%S)
  { mkdir -p "$kept" && chmod 700 "$state_dir/snapshots" && cp -a "$taken/." "$kept/"; } ||
    { rm -rf "$kept" || true; fail "$node: the snapshots of etcd cannot be kept in $kept; make room there, or move $taken away, and run up again. They were not deleted"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$kept/token" 600 <"$data_dir/server/token"
  say "kept the snapshots of etcd in $kept, for root only; remove them when nobody needs them"
}

delete_files() {
  unit_dir=/etc/systemd/system
  rm -rf "$unit_dir/k3s.service" "$unit_dir/k3s.service.d/10-interface.conf" "$unit_dir/k3s.service.d/90-leaving.conf" \
    "$unit_dir/k3s-agent.service" "$unit_dir/k3s-agent.service.d/10-interface.conf" \
    "$unit_dir/groundwork-interface.service" /run/systemd/system/k3s.service.d/leaving.conf
  rmdir_empty "$unit_dir/k3s.service.d" "$unit_dir/k3s-agent.service.d" /run/systemd/system/k3s.service.d
  unmask_swap
  systemctl daemon-reload
  systemctl reset-failed k3s k3s-agent groundwork-interface 2>/dev/null || true # there may be nothing to reset
  for name in kubectl crictl ctr; do
    [ "$(readlink "/usr/local/bin/$name")" != k3s ] || rm -f "/usr/local/bin/$name"
  done
  for dir in $k3s_dirs /var/log/pods /var/log/containers; do empty_tree "$dir"; done
  rm -f /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/10-join.yaml /etc/rancher/k3s/token /etc/rancher/k3s/agent-token \
    /etc/rancher/k3s/k3s.yaml /etc/rancher/node/password /etc/cni/net.d/10-flannel.conflist /usr/local/bin/k3s /usr/local/bin/k3s.previous \
    /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf /etc/modules-load.d/groundwork.conf \
    /usr/local/lib/groundwork/wait-interface /usr/local/lib/groundwork/watch-interface /run/groundwork-drain.lock
  flex=/usr/libexec/kubernetes # Kubernetes makes it wherever it runs; one with a driver in it is somebody's
  rmdir_empty /usr/local/lib/groundwork /etc/rancher/k3s/config.yaml.d /etc/rancher/k3s /etc/rancher/node /etc/rancher /var/lib/rancher \
    "$flex/kubelet-plugins/volume/exec" "$flex/kubelet-plugins/volume" "$flex/kubelet-plugins" "$flex"
  [ "$(ls -A /root/.kube 2>/dev/null)" != cache ] || rm -rf /root/.kube # of releases before this one; a kubeconfig beside it would be root's own
  rm -rf /run/groundwork "$state_dir/previous" "$state_dir"/good* "$state_dir/restart-pending" "$state_dir/k3s.installed" "$state_dir/leaving" \
    "$state_dir/swap-masked" "$state_dir"/.groundwork.??????
  rm -f "$mark"
  rmdir_empty "$state_dir/snapshots" "$state_dir"
}

# Empties a directory on its own file system, and removes it where nothing is mounted at it.
empty_tree() {
  real=$(readlink -f "$1") || return 0
  [ -d "$real" ] || { rm -f "$1"; return; }
  find "$real" -xdev -mindepth 1 -delete || fail "$node: $real cannot be emptied; see the lines above, and run up again"
  [ -L "$1" ] || rmdir "$real" 2>/dev/null || true # a disk of the user's own may be mounted there
}
rmdir_empty() { rmdir "$@" 2>/dev/null || true; } # whoever has put something there keeps it

unmask_swap() {
  [ -s "$state_dir/swap-masked" ] || return 0
  while IFS= read -r unit; do systemctl unmask "$unit" >/dev/null || warn "$node: $unit stays masked; see the line above"; done <"$state_dir/swap-masked"
}

main() {
  case ${1:-} in
    converge) converge ;;
    uninstall) uninstall ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
