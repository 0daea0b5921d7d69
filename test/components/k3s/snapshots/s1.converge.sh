#!/bin/sh
# Groundwork: what s1 is to be
set -eu
umask 022
node='s1'
role='server'
k3s_version='v1.36.4+k3s1'
mirror='https://github.com/k3s-io/k3s/releases/download'
sha256_amd64=''
sha256_arm64=''
sha256_arm=''
interface='wg0'
interface_wait='120'
upstream='10.0.0.1'
join=''
starts_cluster='yes'
peers=''
packages='iscsi nfs'
prepare_hosts='yes'
allow_swap='no'
start_timeout='300'
managed_files='/etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/10-join.yaml /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf /etc/modules-load.d/groundwork.conf /usr/local/lib/groundwork/wait-interface /usr/local/lib/groundwork/watch-interface /etc/systemd/system/k3s.service /etc/systemd/system/k3s.service.d/10-interface.conf /etc/systemd/system/groundwork-interface.service'

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
net.ipv6.conf.all.forwarding = 1
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
# watch-interface INTERFACE SERVICE: the kernel drops flannel's VXLAN device together with the interface below it, and k3s before
# 1.33.13, 1.34.9, 1.35.6 and 1.36.2 does not make it again (k3s#12436, k3s#14142). Polled, because udev is not on every host.
set -eu
interface=$1
service=$2
missing=0
while sleep 5; do
  if [ -e /sys/class/net/flannel.1 ] || ! systemctl is-active -q "$service" ||
    ! ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; then
    missing=0
    continue
  fi
  # A k3s that mends it by itself gets the time to do so.
  missing=$((missing + 1))
  [ "$missing" -ge 4 ] || continue
  echo "$interface came back but flannel.1 did not: restarting $service"
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

# Files appear whole or not at all, and what changed is remembered.

state_dir=/var/lib/groundwork
pending=$state_dir/restart-pending   # k3s still has to restart for something that an earlier run changed
changed=''                           # what this run changed, for the summary
reload=no                            # whether systemd has to read its units again

note_change() {
  has_word "$1" "$changed" || changed="${changed:+$changed }$1"
}

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  mkdir -p "$state_dir"
  : >"$pending"
}

# replace PATH MODE COMMAND…: replaces a file by standard input when that differs, after running the command; 1 when it does not.
replace() {
  path=$1
  mode=$2
  shift 2
  directory=$(dirname "$path")
  [ -d "$directory" ] || mkdir -p "$directory"
  temporary=$(mktemp "$directory/.groundwork.XXXXXX")
  cat >"$temporary"
  chmod "$mode" "$temporary"
  if cmp -s "$temporary" "$path"; then
    rm -f "$temporary"
    [ "$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path"
    return 1
  fi
  sync "$temporary" 2>/dev/null || sync
  "$@"
  mv -f "$temporary" "$path"
}

# put_file PATH MODE EFFECT LABEL: EFFECT is `restart` (k3s must be restarted), `unit` (and systemd reloaded), `reload` (only
# that) or `keep` (k3s reads it at its next start).
put_file() {
  if replace "$1" "$2" take_effect "$3" "$4"; then say "changed $1"; fi
}

# drop_file PATH EFFECT LABEL: removes a file that the settings no longer ask for.
drop_file() {
  [ -e "$1" ] || return 0
  take_effect "$2" "$3"
  rm -f "$1"
  say "removed $1"
}

take_effect() {
  note_change "$2"
  case $1 in restart | unit) must_restart ;; esac
  case $1 in reload | unit) reload=yes ;; esac
}

# The files as they were when k3s last ran well, so that a change that does not start can be taken back.
remember_files() {
  rm -rf "$state_dir/previous"
  for path in $managed_files; do
    [ -e "$path" ] || continue
    mkdir -p "$state_dir/previous$(dirname "$path")"
    cp -p "$path" "$state_dir/previous$path"
  done
}
restore_files() {
  for path in $managed_files; do
    if [ -e "$state_dir/previous$path" ]; then
      cp -p "$state_dir/previous$path" "$path.groundwork" && mv -f "$path.groundwork" "$path"
    else
      rm -f "$path"
    fi
  done
}

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
  check_interface
  check_resolver
  if ! is_member; then
    check_resources
    check_ports
    check_join
  fi
  [ "$problems" -eq 0 ] || fail "$node: $problems of the host's preconditions are not met; nothing was changed"
}

# Whether k3s has run here before; not whether it runs now.
is_member() { [ -e "/etc/systemd/system/$service.service" ] && [ -d /var/lib/rancher/k3s/agent ]; }

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
  free_mib=$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')
  [ "$free_mib" -ge 2048 ] || problem "only $free_mib MiB are free on /var/lib; k3s and a few images need at least 2048"
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

fetch_head() { curl -sSkI --connect-timeout 5 --max-time 10 "$1" 2>&1 || wget -q -S --no-check-certificate -T 10 -O /dev/null "$1" 2>&1; }
supervisor_answers() { curl -fsSk --connect-timeout 5 --max-time 10 "https://$1/ping" >/dev/null 2>&1 || wget -q --no-check-certificate -T 10 -O /dev/null "https://$1/ping" 2>/dev/null; }

check_join() {
  [ -n "$join" ] || return 0
  if ! await 20 "the server at $join" supervisor_answers "$join"; then
    problem "the server at $join does not answer here; open TCP 6443 between the nodes, or correct cluster.apiAddress or the first server's internalIp"
    return 0
  fi
  there=$(fetch_head "https://$join/ping" | sed -n 's/^ *[Dd]ate: //p' | tr -d '\r' | head -n 1)
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

install_packages() {
  # shellcheck disable=SC2086 # a list of words
  case $(package_tool) in
    apt-get) quietly apt-get -o DPkg::Lock::Timeout=120 update && DEBIAN_FRONTEND=noninteractive quietly apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing ;;
    dnf) quietly dnf install -y $missing ;;
    yum) quietly yum install -y $missing ;;
    zypper) quietly zypper --non-interactive install $missing ;;
    pacman) quietly pacman -Sy --noconfirm $missing ;;
    apk) quietly apk add $missing ;;
    *) warn "$node: no package tool is known here"; return 1 ;;
  esac
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
  [ "$prepare_hosts" = yes ] || return 0
  swap_off
  load_modules
}

# The kubelet refuses to start with swap, and a swap that is only switched off comes back at the next boot.
swap_off() {
  [ "$allow_swap" = no ] || return 0
  if [ -e /etc/fstab ] && grep -qE '^[^#]\S*\s+\S+\s+swap\s' /etc/fstab; then
    sed -E 's/^([^#]\S*\s+\S+\s+swap\s.*)$/# off for Kubernetes (Groundwork): \1/' /etc/fstab | replace /etc/fstab 644 note_change swap || true
  fi
  if [ "$(wc -l </proc/swaps)" -gt 1 ] && ! [ -e /run/.containerenv ] && ! systemd-detect-virt -cq 2>/dev/null; then
    swapoff -a || fail "$node: swap cannot be switched off; see the line above"
    for unit in $(systemctl list-units --type=swap --no-legend --plain 2>/dev/null | awk '{ print $1 }'); do
      systemctl mask --now "$unit" >/dev/null 2>&1 || true
    done
    say 'switched swap off for good'
    note_change swap
  fi
}

load_modules() {
  for module in br_netfilter overlay; do
    modprobe -q "$module" 2>/dev/null || true
  done
  sysctl -q -p /etc/sysctl.d/90-groundwork.conf 2>/dev/null || true
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
  sum=${pinned:-$(stamped_sum)}
  if [ -z "$sum" ] || ! installed_as_stamped "$sum"; then
    release=$mirror/$(printf %s "$k3s_version" | sed 's/+/%2B/')
    case $mirror in file://*) release=$mirror/$k3s_version ;; esac
    [ -n "$pinned" ] || sum=$(released_sum)
    if [ -x "$binary" ] && [ "$(sum_of "$binary")" = "$sum" ]; then
      write_stamp
    else
      install_binary
    fi
  fi
  for name in kubectl crictl ctr; do
    command -v "$name" >/dev/null || ln -s k3s "/usr/local/bin/$name"
  done
}

sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
write_stamp() { stamp_text "$k3s_version" "$sum" | replace "$stamp" 644 : || true; }

released_sum() {
  sums=$(mktemp)
  download "$release/sha256sum-$arch.txt" "$sums"
  found=$(awk -v name="k3s$suffix" '$2 == name || $2 == "*" name { print $1 }' "$sums")
  rm -f "$sums"
  [ -n "$found" ] || fail "$node: $release/sha256sum-$arch.txt has no line for k3s$suffix; correct k3s.mirror or k3s.version"
  printf %s "$found"
}

install_binary() {
  say "downloading k3s $k3s_version from $mirror"
  fresh=$(mktemp /usr/local/bin/.k3s.XXXXXX)
  download "$release/k3s$suffix" "$fresh"
  got=$(sum_of "$fresh")
  if [ "$got" != "$sum" ]; then
    rm -f "$fresh"
    fail "$node: k3s $k3s_version from $mirror has the SHA-256 $got, expected $sum; nothing was installed"
  fi
  chmod 755 "$fresh"
  sync "$fresh" 2>/dev/null || sync
  # What an earlier run could not start is no version to go back to.
  [ ! -e "$binary" ] || [ -e "$pending" ] || ln -f "$binary" "$binary.previous"
  must_restart
  mv -f "$fresh" "$binary"
  write_stamp
  note_change version
}

download() {
  case $1 in
    file://*) cp "${1#file://}" "$2" 2>/dev/null || { rm -f "$2"; fail "$node: ${1#file://} is not on this host; put k3s's release there, or correct k3s.mirror"; } ;;
    *)
      if command -v curl >/dev/null; then
        curl -fsSL --connect-timeout 15 --max-time 900 --retry 3 -o "$2" "$1"
      elif command -v wget >/dev/null; then
        wget -q -T 60 -t 3 -O "$2" "$1"
      else
        fail "$node: neither curl nor wget is installed"
      fi || { rm -f "$2"; fail "$node: cannot download $1; see k3s.mirror and k3s.version"; }
      ;;
  esac
}

# Makes the host what the settings say, and restarts k3s only if it must. Running it twice changes nothing.

service=k3s
[ "$role" = server ] || service=k3s-agent

converge() {
  doing='checking the host'
  preflight
  fresh_host=yes
  ! is_member || fresh_host=no
  doing='installing packages'
  ensure_packages
  doing='installing k3s'
  ensure_binary
  doing='writing files'
  put_files
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

# A first server that was rebuilt must join the servers that live, not start a second cluster beside them.
join_living_peer() {
  [ "$starts_cluster" = yes ] || return 0
  for peer in $peers; do
    if supervisor_answers "$peer:6443"; then
      say "the server at $peer lives: joining it instead of starting a cluster"
      join_file=/etc/rancher/k3s/config.yaml.d/10-join.yaml
      sed "s|^cluster-init: true\$|server: https://$peer:6443|" "$join_file" | replace "$join_file" 600 : || true
      return 0
    fi
  done
}

start_or_go_back() {
  begin=$(date +%s)
  if start_k3s; then
    say "k3s is healthy after $(($(date +%s) - begin)) s"
    return
  fi
  journal
  reason=$(last_reason || true)
  if [ ! -d "$state_dir/previous" ]; then
    systemctl stop "$service" 2>/dev/null || true
    fail "$node: k3s does not start${reason:+: $reason}; the host's own lines are above, the rest in 'journalctl -u $service'"
  fi
  say 'k3s does not start with the change: going back to what ran before'
  restore_files
  if has_word version "$changed" && [ -e "$binary.previous" ]; then
    mv -f "$binary.previous" "$binary"
    rm -f "$stamp"
  fi
  systemctl daemon-reload
  if start_k3s; then
    rm -f "$pending"
    fail "$node: k3s does not start with the change${reason:+: $reason}; what ran before runs again"
  fi
  fail "$node: k3s does not start with the change, nor without it; see 'journalctl -u $service' on the host"
}

start_k3s() {
  # The interface wait of the unit is bounded and counts on top.
  # To the microsecond: what a start within the same second said before is not about this one.
  started=$(date '+%Y-%m-%d %H:%M:%S.%6N')
  systemctl reset-failed "$service" 2>/dev/null || true
  systemctl restart --no-block "$service"
  await $((start_timeout + interface_wait)) "k3s on $node" is_healthy
}

# A server notifies systemd when its API is up. An agent's kubelet listens once the node has joined.
is_healthy() {
  ! gave_up || return 1
  systemctl is-active -q "$service" || return 1
  [ "$role" = server ] || listens 10250
}

# Some failures do not mend themselves: waiting out the time limit would only hide them.
gave_up() { [ -n "$(last_reason)" ] && await_spent=$await_limit; }
last_reason() {
  journalctl -q -o cat -u "$service" --since "$started" 2>/dev/null |
    grep -m 1 -oiE 'node password rejected[^"]*|token CA hash does not match[^"]*|critical configuration value mismatch[^"]*|flag provided but not defined[^"]*|not authorized[^"]*|unable to find interface[^"]*' | cut -c 1-300
}
journal() { journalctl -q -o cat -u "$service" --since "$started" 2>/dev/null | tail -n 20 | cut -c 1-400 >&2; }

watch_interface() {
  [ -e /etc/systemd/system/groundwork-interface.service ] || return 0
  if has_word watch "$changed" || ! systemctl is-active -q groundwork-interface; then
    systemctl enable -q groundwork-interface
    systemctl restart groundwork-interface
  fi
}

summary() {
  if [ -z "$changed" ] && [ -z "${begin:-}" ]; then
    say unchanged
    return
  fi
  remember_files
  rm -f "$pending"
  say "changed: $(printf %s "${changed:-nothing}" | sed 's/ /, /g')${begin:+; restarted k3s}"
}

# Takes k3s and everything of ours off the host. Packages stay, and so does the data of volumes outside of k3s's directory.

uninstall() {
  doing='taking k3s off the host'
  for unit in groundwork-interface k3s k3s-agent; do
    [ ! -e "/etc/systemd/system/$unit.service" ] || systemctl disable --now -q "$unit" 2>/dev/null || true
  done
  stop_containers
  unmount_below /run/k3s /var/lib/kubelet/pods /var/lib/kubelet/plugins /run/netns/cni- /var/lib/rancher/k3s
  drop_network
  rm -rf /etc/systemd/system/k3s.service /etc/systemd/system/k3s.service.d /etc/systemd/system/k3s.service.env \
    /etc/systemd/system/k3s-agent.service /etc/systemd/system/k3s-agent.service.d /etc/systemd/system/k3s-agent.service.env \
    /etc/systemd/system/groundwork-interface.service /run/systemd/system/k3s.service.d
  systemctl daemon-reload
  systemctl reset-failed k3s k3s-agent groundwork-interface 2>/dev/null || true
  for name in kubectl crictl ctr; do
    [ "$(readlink "/usr/local/bin/$name")" != k3s ] || rm -f "/usr/local/bin/$name"
  done
  left=$(awk '{ print $2 }' /proc/mounts | grep -E '^(/var/lib/rancher/k3s|/var/lib/kubelet)/' || true)
  [ -z "$left" ] || fail "$node: still mounted, so nothing below was deleted: $left"
  rm -rf /etc/rancher /run/k3s /run/flannel /var/lib/rancher/k3s /var/lib/kubelet /var/lib/cni /etc/cni/net.d/10-flannel.conflist \
    /usr/local/bin/k3s /usr/local/bin/k3s.previous /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf \
    /etc/modules-load.d/groundwork.conf /usr/local/lib/groundwork "$state_dir" /run/groundwork-drain.lock
  # Kubernetes makes the directory of its flex volumes wherever it runs; one with a driver in it is somebody's.
  flex=/usr/libexec/kubernetes
  rmdir /var/lib/rancher "$flex/kubelet-plugins/volume/exec" "$flex/kubelet-plugins/volume" "$flex/kubelet-plugins" "$flex" 2>/dev/null || true
  say "k3s is off $node"
}

# k3s leaves its containers running when it stops (KillMode=process), so each shim's tree is ended here.
stop_containers() {
  shims=$(pgrep -f '^/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim' || true)
  [ -z "$shims" ] || for pid in $shims; do kill_tree "$pid"; done
}

kill_tree() {
  for child in $(pgrep -P "$1" || true); do kill_tree "$child"; done
  kill -9 "$1" 2>/dev/null || true
}

unmount_below() {
  for prefix in "$@"; do
    awk -v prefix="$prefix" 'index($2, prefix) == 1 { print $2 }' /proc/mounts | sort -r | while IFS= read -r mounted; do
      umount -f "$mounted" 2>/dev/null || umount -l "$mounted" || true
    done
  done
}

drop_network() {
  command -v ip >/dev/null || return 0
  for link in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
    ! ip link show "$link" >/dev/null 2>&1 || ip link delete "$link"
  done
  ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while IFS= read -r name; do ip netns delete "$name" || true; done
  for tables in iptables ip6tables; do
    command -v "$tables-save" >/dev/null || continue
    rules=$("$tables-save" 2>/dev/null || true)
    case $rules in
      *KUBE-* | *CNI-* | *flannel* | *FLANNEL*) printf '%s\n' "$rules" | grep -vE 'KUBE-|CNI-|[Ff]lannel|FLANNEL' | "$tables-restore" ;;
    esac
  done
}

main() {
  case ${1:-} in
    converge) converge ;;
    uninstall) uninstall ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
