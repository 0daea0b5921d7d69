# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What has to be true of a host before anything is changed on it. All that is wrong is said at once.

preflight() {
  [ "$(id -u)" = 0 ] || fail "$node: not root; let ssh.user be root or one who may use sudo without a password"
  host_checks
  [ "$problems" -eq 0 ] || fail "$node: $problems of the host's preconditions are not met; nothing was changed"
}

# Every check of a host that needs no other node, each under the name that preflight.lower and `groundwork preflight` know it by.
host_checks() {
  look systemd check_systemd
  look role check_role
  look version check_version
  look interface check_interface
  look mesh check_mesh
  look address check_address
  look resolver check_resolver
  look writable check_writable
  look disk-space check_space
  look clock check_clock
  look multipath check_multipath
  look firewall check_firewall
  look selinux check_selinux
  [ "$role" = agent ] || look virtual-ip check_virtual_ip
  # What it compares with is not given to what only asks.
  [ "$read_only" = yes ] || look files look_at_given_files
  [ "$prepare_hosts" = yes ] || look prepared check_prepared
  ! is_member || return 0
  look cgroups check_cgroups
  look memory check_memory
  look modules check_modules
  look ports check_ports
  look join check_join
}

# look NAME CHECK…: runs a check under its name. `groundwork preflight` is told as well what was looked at and found right.
look() {
  looking=$1
  shift
  right=''
  found_before=$found
  "$@"
  [ "$found" -gt "$found_before" ] || [ -z "$right" ] || "$tell" ok "$right"
  looking=''
}

# fine MESSAGE: what is right, said where nothing of the same check is wrong.
fine() { right=$1; }

# Whether k3s has run here before; not whether it runs now.
# Archives of images lie there before.
is_member() { [ -n "$mark_adopting" ] || { [ -e "/etc/systemd/system/$service.service" ] && [ -d "$data_dir/agent" ] && has_run; }; }
# Without a program: it is asked often, and mostly nothing else happens.
has_run() {
  [ -e "$data_dir/agent/images" ] || return 0
  for kept in "$data_dir/agent"/* "$data_dir/agent"/.[!.]*; do
    [ "$kept" = "$data_dir/agent/images" ] || [ ! -e "$kept" ] || return 0
  done
  return 1
}

check_systemd() { [ -d /run/systemd/system ] || problem "systemd does not run here" "k3s is installed as a systemd unit"; }

# What only asks must not write either, so `groundwork preflight` goes by the mount and the room alone.
check_writable() {
  if [ "$read_only" = yes ]; then
    for place in /etc /usr/local/bin /var/lib /tmp; do
      [ ! -d "$place" ] || { [ -w "$place" ] && [ "$(free_kib "$place")" -ge 64 ]; } || cannot_be_written "$place"
    done
    return 0
  fi
  set --
  for place in /etc /usr/local/bin /var/lib /tmp; do
    [ -d "$place" ] || continue
    tried=$(mktemp "$place/.groundwork.XXXXXX" 2>/dev/null) && set -- "$@" "$tried" && continue
    cannot_be_written "$place"
  done
  rm -f "$@"
}
read_only=no
free_kib() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }
cannot_be_written() {
  problem "$1 cannot be written (full, or mounted read-only)" "make room there or run 'mount -o remount,rw' on it; 'df $1' and dmesg tell more"
}

check_space() {
  need_mib=2048
  ! is_member || need_mib=256
  free_mib=$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')
  fine "$free_mib MiB are free on /var/lib"
  [ "$free_mib" -ge "$need_mib" ] || problem "only $free_mib MiB are free on /var/lib, and k3s needs at least $need_mib" 'make room there'
}

# A clock that stands before the host was marked makes every certificate look as if it were not valid yet.
check_clock() {
  [ ! -e "$mark" ] || [ "$(date +%s)" -ge "$(($(stat -c %Y "$mark") - 60))" ] ||
    problem "its clock says $(date -u '+%Y-%m-%d %H:%M') UTC, which is before Groundwork first came here" 'turn on time synchronisation'
}

# multipathd takes the disk of a Longhorn volume for one of its own, and no pod can mount it then
# (https://longhorn.io/kb/troubleshooting-volume-with-multipath; longhornctl warns too, and tells nothing of a host's own paths).
check_multipath() {
  has_word iscsi "$packages" && systemctl is-active -q multipathd multipathd.socket || return 0
  ! grep -qsE '^[^#]*(devnode[[:space:]]+"?(\^\(?sd|\.?\*)|vendor[[:space:]]+"?IET)' /etc/multipath.conf /etc/multipath/conf.d/*.conf || return 0
  concern "multipathd runs here and takes Longhorn's volumes, so that pods cannot mount them" "add to /etc/multipath.conf: blacklist { devnode \"^sd[a-z0-9]+\" }, or where the host's own disks need multipath: blacklist { device { vendor \"IET\" product \"VIRTUAL-DISK\" } }, and run 'systemctl restart multipathd'; or switch it off if nothing needs it"
}

check_role() {
  other=k3s-agent
  [ "$role" = server ] || other=k3s
  [ ! -e "/etc/systemd/system/$other.service" ] ||
    problem "this host runs k3s as the other role ($other.service)" "remove the node from 'nodes', run up, and add it with role: $role afterwards"
}

interface_has_address() { ip -o addr show dev "$interface" scope global up 2>/dev/null | grep -q inet; }

# Seconds that an interface is waited for: a VPN may be just coming up.
interface_patience=10
check_interface() {
  [ -n "$interface" ] || return 0
  if mesh_is_to_come; then
    fine "$interface is made by 'up'"
    return 0
  fi
  fine "$interface has an address"
  await "$interface_patience" "an address on $interface" interface_has_address ||
    problem "the interface $interface has no address" "bring it up, or correct network.interface or the node's interface (here are: $(interfaces))"
}

# In an 'up' the mesh is there before this; `groundwork preflight` may come before the first one.
mesh_is_to_come() { [ -n "${mesh:-}" ] && [ "$read_only" = yes ] && [ ! -e "/sys/class/net/$mesh" ]; }

# What WireGuard would have to share, before there is a mesh.
check_mesh() {
  mesh_is_to_come || return 0
  fine "UDP ${mesh_port:-} is free, and the kernel has WireGuard"
  [ ! -e "/etc/wireguard/$mesh.conf" ] || problem "/etc/wireguard/$mesh.conf is there, and $mesh does not run" "see 'journalctl -u wg-quick@$mesh'; or, if it is not Groundwork's, write another name as network.wireguard.interface"
  ! receives "${mesh_port:-}" || problem "UDP port ${mesh_port:-} is taken by another program" 'write another port as network.wireguard.port'
  has_module wireguard || command -v wireguard-go >/dev/null ||
    concern 'the kernel has no WireGuard' "'up' installs wireguard-go, which is slower (with k3s.prepareHosts: false you do); or install $(module_package "$(uname -r)")"
}
receives() {
  cat /proc/net/udp /proc/net/udp6 2>/dev/null |
    awk -v want=":$(printf '%04X' "$1")" 'substr($2, length($2) - 4) == want { found = 1 } END { exit !found }'
}

interfaces() {
  ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -v '^lo$' | tr '\n' ' ' | sed 's/ $//'
}

# The host's own addresses, a line each: ADDRESS INTERFACE.
addresses() { ip -o addr show scope global | awk '{ sub(/@.*/, "", $2); sub(/\/.*/, "", $4); print $4, $2 }'; }

# An address that no interface has is waited for by k3s until its start times out.
check_address() {
  [ -n "$internal_ip" ] && ! mesh_is_to_come || return 0
  here=$(addresses)
  for address in $internal_ip; do
    on=$(printf '%s\n' "$here" | awk -v address="$address" '$1 == address { print $2; exit }')
    if [ -z "$on" ]; then
      problem "no interface has internalIp $address" "correct the node's internalIp, or give the address to an interface (here are: $(printf '%s' "$here" | awk '{ printf "%s%s on %s", sep, $1, $2; sep = ", " }'))"
    elif [ -n "$interface" ] && [ "$on" != "$interface" ]; then
      concern "internalIp $address is on $on, and the nodes' traffic goes over $interface" "write the address of $interface as internalIp, or correct the interface"
    else
      fine "internalIp $address is on $on"
    fi
  done
}

# k3s takes 8.8.8.8 when the host knows only loopback resolvers, and the site's names are gone.
check_resolver() {
  [ -z "$upstream" ] || return 0
  [ ! -e /run/systemd/resolve/resolv.conf ] || return 0
  ! awk '/^nameserver/ { some = 1; if ($2 !~ /^127\.|^::1$/) other = 1 } END { exit !(some && !other) }' /etc/resolv.conf 2>/dev/null ||
    concern '/etc/resolv.conf names only loopback resolvers, so k3s would ask 8.8.8.8' "set dns.upstream to the site's resolvers"
}

check_cgroups() {
  fine 'the cgroup controllers that k3s needs are on'
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    for controller in cpu memory pids; do
      has_word "$controller" "$(cat /sys/fs/cgroup/cgroup.controllers)" ||
        problem "the cgroup controller '$controller' is off" "add 'cgroup_enable=$controller' to the kernel's command line and reboot"
    done
  elif ! grep -q '^memory.*1$' /proc/cgroups; then
    problem "the cgroup controller 'memory' is off" "add 'cgroup_enable=memory cgroup_memory=1' to the kernel's command line and reboot"
  fi
}

check_memory() {
  memory_mib=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  least_mib=480
  [ "$role" = agent ] || least_mib=950
  fine "$memory_mib MiB of memory"
  [ "$memory_mib" -ge "$least_mib" ] || concern "$memory_mib MiB of memory are less than k3s asks for a $role ($least_mib)"
}

# Ports in hexadecimal, as /proc/net/tcp has them: no tool for it is on every host.
listens() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v want=":$(printf '%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == want { found = 1 } END { exit !found }'
}

check_ports() {
  ports=10250
  [ "$role" = agent ] || ports="$api_port 2379 2380 10250"
  fine "the ports that k3s needs are free ($ports)"
  for port in $ports; do
    ! listens "$port" || problem "port $port is taken by another program" 'k3s needs it'
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

living=''
# find_server HOST:PORT…: sets living to the first that answers, and is empty when none does.
find_server() {
  living=''
  for candidate in "$@"; do
    supervisor_answers "$candidate" || continue
    # shellcheck disable=SC2034 # read by join.sh
    living=$candidate
    return 0
  done
  return 1
}

check_join() {
  [ -n "$join$peers" ] || return 0
  command -v curl >/dev/null || command -v wget >/dev/null || { problem 'neither curl nor wget is installed' 'install one of them'; return 0; }
  # Before a first 'up' no server answers; then `groundwork preflight` probes its port instead.
  [ -n "$join" ] && [ "$read_only" = no ] || return 0
  # shellcheck disable=SC2086 # a list of words
  if ! await 20 "a server to join ($join)" find_server $join; then
    problem "no server answers here, of those that it could join through ($join)" "open TCP $api_port between the nodes, or correct cluster.joinAddress, cluster.apiAddress or the servers' internalIp"
    return 0
  fi
  check_underlay
  there=$(printf '%s\n' "$head" | sed -n 's/^ *[Dd]ate: //p' | tr -d '\r' | head -n 1)
  there_seconds=$(date -d "$there" +%s 2>/dev/null || echo '')
  [ -n "$there" ] && [ -n "$there_seconds" ] || return 0
  skew=$(($(date +%s) - there_seconds))
  [ "${skew#-}" -le 60 ] || problem "its clock is ${skew#-} s off the server's" 'certificates would not be valid yet or any more: turn on time synchronisation'
}

# The server answers, and yet the interface that flannel is to use may lead elsewhere: its packets go out there and nowhere else.
check_underlay() {
  [ -n "$interface" ] && [ -n "$underlay" ] && command -v ping >/dev/null || return 0
  ping -c 1 -W 2 -I "$interface" "$underlay" >/dev/null 2>&1 || ping -c 1 -W 3 -I "$interface" "$underlay" >/dev/null 2>&1 ||
    concern "$underlay, the first server, does not answer ping over $interface" "see that $interface leads to it, or pods of different nodes cannot reach one another; where the site filters ping it means nothing ('groundwork preflight' probes UDP itself)"
}
