#!/bin/sh
# Groundwork: what a1 is to be
set -eu
umask 022
project='groundwork'
stack='test'
node='a1'
role='agent'
k3s_version='v1.36.4+k3s1'
mirror='https://github.com/k3s-io/k3s/releases/download'
sha256_amd64='835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f'
sha256_arm64='c920706346d5ad4e5cd3c7bf1bb09ce71ebe07fec829e513e40f1caf98aed8bb'
sha256_arm=''
interface='wg0'
interface_wait='120'
upstream='10.0.0.1'
join='192.0.2.1:6443'
starts_cluster='no'
peers=''
packages='iscsi nfs'
prepare_hosts='yes'
swap_off='no'
start_timeout='300'
managed_files='/etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/10-join.yaml /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf /etc/modules-load.d/groundwork.conf /usr/local/lib/groundwork/wait-interface /usr/local/lib/groundwork/watch-interface /etc/systemd/system/k3s-agent.service /etc/systemd/system/k3s-agent.service.d/10-interface.conf /etc/systemd/system/groundwork-interface.service'

put_files() {
put_file '/etc/rancher/k3s/config.yaml' 600 restart config <<'END_OF_FILE'
node-name: a1
node-ip: 10.9.0.2
flannel-iface: wg0
resolv-conf: /etc/resolv.k3s.conf
END_OF_FILE
put_file '/etc/rancher/k3s/config.yaml.d/10-join.yaml' 600 keep join <<'END_OF_FILE'
server: https://192.0.2.1:6443
token-file: /etc/rancher/k3s/token
node-taint:
  - gpu=true:NoSchedule
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
put_file '/etc/systemd/system/k3s-agent.service' 644 unit unit <<'END_OF_FILE'
[Unit]
Description=Lightweight Kubernetes, agent (by Groundwork)
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
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
ExecStart=/usr/local/bin/k3s agent

[Install]
WantedBy=multi-user.target
END_OF_FILE
put_file '/etc/systemd/system/k3s-agent.service.d/10-interface.conf' 644 unit unit <<'END_OF_FILE'
[Service]
ExecStartPre=/usr/local/lib/groundwork/wait-interface wg0 120
END_OF_FILE
put_file '/etc/systemd/system/groundwork-interface.service' 644 reload watch <<'END_OF_FILE'
[Unit]
Description=Brings flannel back when wg0 was re-created (by Groundwork)
After=k3s-agent.service

[Service]
ExecStart=/usr/local/lib/groundwork/watch-interface wg0 k3s-agent
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

# What k3s still has to restart for, over runs that were cut off.

pending=$state_dir/restart-pending   # something that an earlier run changed
new_tokens=$state_dir/new-tokens     # tokens in their files, `server`, `agent` or both, that k3s does not know yet

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  [ -e "$pending" ] || : >"$pending" || cannot_write "$pending"
}

# must_take_up WORD: as above, for a token.
must_take_up() {
  known_words=$(cat "$new_tokens" 2>/dev/null || true) # none yet
  has_word "$1" "$known_words" || printf '%s\n' "${known_words:+$known_words }$1" | write_file "$new_tokens" 600
  must_restart
}

# k3s writes its password file anew from etcd's data and its settings. One that an earlier start left half-way, with another token,
# would keep it from starting: "newer than datastore and could cause a cluster outage. Remove the file(s)".
forget_passwords() {
  [ ! -e "$new_tokens" ] || rm -f "$data_dir/server/cred/passwd" || cannot_write "$data_dir/server/cred/passwd"
}

# The files that the settings ask for: what changed, what it means for k3s, and what ran well before.

changed=''                           # what this run changed, for the summary
reload=no                            # whether systemd has to read its units again

note_change() {
  has_word "$1" "$changed" || changed="${changed:+$changed }$1"
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

problems=0
problem() {
  printf 'error: %s: %s\n' "$node" "$*" >&2
  problems=$((problems + 1))
}

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
is_member() { [ -e "/etc/systemd/system/$service.service" ] && [ -d "$data_dir/agent" ]; }

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

# A copy of etcd's data before something that cannot be undone, and the token that opens it; for root only.

snapshots=$state_dir/snapshots   # not what uninstall deletes

make_snapshots_directory() {
  { mkdir -p "$snapshots" && chmod 700 "$snapshots"; } || cannot_write "$snapshots"
}

# save_snapshot NAME: sets saved, the path of the copy. Its own token lies beside it.
save_snapshot() {
  need_scratch
  make_snapshots_directory
  if systemctl is-active -q k3s; then
    # k3s ends with 0 also where it could not write the file, so only the file counts.
    k3s etcd-snapshot save --name "$1" --etcd-snapshot-dir "$snapshots" >"$scratch/snapshot" 2>&1 || tail -n 5 "$scratch/snapshot" >&2
    saved=$(find "$snapshots" -maxdepth 1 -type f -name "$1*" -size +0 | head -n 1)
  else
    say "k3s does not run: copying etcd's data as it lies"
    saved=$snapshots/$1
    cp "$data_dir/server/db/etcd/member/snap/db" "$saved" || saved=''
  fi
  [ -n "$saved" ] || { rm -f "${fresh:-}" || true; fail "$node: no snapshot of etcd could be saved in $snapshots ($(df -Pm "$snapshots" | awk 'NR == 2 { print $4 }') MiB are free there); see the lines above and 'journalctl -u k3s'. k3s was not changed"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$saved.token" 600 <"$data_dir/server/token"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
  say "saved $saved"
}

# forget_old_snapshots KIND: the five newest stay.
forget_old_snapshots() {
  find "$snapshots" -maxdepth 1 -type f -name "$1-*" ! -name '*.token' | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$old" "$old.token" || exit 1
  done || warn "$node: old snapshots in $snapshots could not be removed"
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

newest_snapshot() { find "$snapshots" -maxdepth 1 -type f -name 'before-*' ! -name '*.token' 2>/dev/null | sort | tail -n 1; }

# Before another version opens etcd's data: a copy that the version before can read.
snapshot_before_version() {
  [ "$role" = server ] && [ -x "$binary" ] && [ -d "$data_dir/server/db/etcd" ] || return 0
  installed=$(installed_version)
  [ "$installed" != "$k3s_version" ] || return 0
  [ ! -e "$pending" ] || [ ! -s "$snapshots/for-$k3s_version" ] || return 0 # an earlier run has made it
  take_up_tokens
  say "saving a snapshot of etcd before $k3s_version"
  save_snapshot "before-$k3s_version-$(date -u +%Y%m%d%H%M%S)"
  printf '%s\n' "$saved" | write_file "$snapshots/for-$k3s_version" 600
  forget_old_snapshots before
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

# k3s's own way to another token (`PUT /v1-k3s/token`, k3s-io/k3s pkg/server/handlers/token.go). Its command takes the new one only as
# an argument, which everybody on the host can read.

# put_token NEW CURRENT: k3s seals its secrets in etcd with NEW from now on, its passwords as they lie on this host among them. CURRENT
# is the token that the running k3s lets servers in with. With the same one twice, only the passwords are sealed anew.
put_token() {
  need_scratch
  # Without a token in it, k3s would make one up.
  { put_new=$(printf %s "$1" | json_text) && put_current=$(printf %s "$2" | json_text) && [ -n "$put_new" ] && [ -n "$put_current" ]; } ||
    fail "$node: the token cannot be put into JSON; nothing was changed"
  # In memory, and at a place that the next run clears when this one is killed.
  put_dir=/run/groundwork/token
  { rm -rf "$put_dir" && mkdir -p "$put_dir" && chmod 700 "$put_dir"; } || fail "$node: $put_dir cannot be made; see the line above"
  {
    printf '{"apiVersion":"v1","kind":"Config","current-context":"k3s","contexts":[{"name":"k3s","context":{"cluster":"k3s","user":"server"}}],'
    printf '"clusters":[{"name":"k3s","cluster":{"server":"https://127.0.0.1:6443","certificate-authority":"%s"}}],' "$data_dir/server/tls/server-ca.crt"
    printf '"users":[{"name":"server","user":{"username":"server","password":"%s"}}]}\n' "$put_current"
  } >"$put_dir/server" || cannot_write "$put_dir/server"
  printf '{"newToken":"%s"}\n' "$put_new" >"$put_dir/new" || cannot_write "$put_dir/new"
  put_done=no
  ! k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$put_dir/server" --request-timeout=60s replace --raw /v1-k3s/token -f "$put_dir/new" >"$scratch/put" 2>&1 || put_done=yes
  rm -rf "$put_dir" || fail "$node: $put_dir cannot be removed; see the line above, and remove it"
  [ "$put_done" = yes ]
}
json_text() { sed 's/[\\"]/\\&/g'; }

# k3s starts with tokens that changed.

# As start_k3s; afterwards k3s knows the tokens, and so does etcd's data.
start_with_tokens() {
  forget_passwords
  start_k3s
  if [ "$healthy" = yes ] && [ -e "$new_tokens" ]; then save_passwords; fi
}

# k3s writes another agents' token into its password file when it starts, but not into etcd, and would refuse that file at the next
# start as "newer than datastore" (rancher/rke2#5785). Its way to a new token seals the file as it lies, with the same one as well.
save_passwords() {
  if has_word agent "$(cat "$new_tokens")"; then
    current=$(token_word "$(head -n 1 "$data_dir/server/token")")
    put_token "$current" "$current" ||
      fail "$node: k3s runs with the new agents' token, but does not take it into etcd's data: $(tail -n 1 "$scratch/put" | cut -c 1-300); see 'journalctl -u k3s', and run up again before k3s restarts by itself"
  fi
  rm -f "$new_tokens" || cannot_write "$new_tokens"
}

# k3s lets nobody take a snapshot with a token that it does not know yet.
take_up_tokens() {
  [ -e "$new_tokens" ] && systemctl is-active -q k3s || return 0
  say 'the tokens changed as well as the version: starting k3s with the tokens first'
  start_with_tokens
  [ "$healthy" = yes ] || { show_journal; rm -f "$fresh" || true; fail "$node: k3s does not start with the new tokens${reason:+: $reason}; its version was not changed. See 'journalctl -u k3s' on the host"; }
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
  doing='installing k3s'
  ensure_binary
  doing='writing files'
  put_files
  come_back
  [ "$fresh_host" = no ] || join_living_peer
  doing='preparing the host'
  prepare
  [ "$reload" = no ] || systemctl daemon-reload
  systemctl is-enabled -q "$service" 2>/dev/null || systemctl enable -q "$service"
  doing='starting k3s'
  if [ -e "$pending" ] || ! systemctl is-active -q "$service"; then
    start_or_go_back
  fi
  watch_interface
  summary
}

# Hosts of releases that did not keep a whole copy: what runs now is what a failed change goes back to.
keep_what_runs() {
  [ ! -e "$good" ] && [ ! -e "$pending" ] && systemctl is-active -q "$service" || return 0
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
  start_with_tokens
  if [ "$healthy" = yes ]; then
    read_uptime
    say "k3s is healthy after $((uptime - begin)) s"
    return
  fi
  show_journal
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
  # The tokens stay: etcd's data is sealed with the new one, and the one before opens it no more.
  start_with_tokens
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
  rm -rf /run/groundwork "$state_dir/previous" "$state_dir"/good* "$state_dir/restart-pending" "$state_dir/new-tokens" "$state_dir/rotating" "$state_dir/k3s.installed" "$state_dir/leaving" \
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
