# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What `groundwork init` wants to know of a machine before there is a stack. It asks as the user who logs in, and changes nothing.

describe() {
  doing='looking at the machine'
  say "hostname=$(uname -n)"
  say "os=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | tr -d '"')"
  say "arch=$(uname -m)"
  say "cpus=$(grep -c '^processor' /proc/cpuinfo || true)"
  say "memory_mib=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
  say "free_mib=$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')"
  say "disks=$(disks)"
  say "addresses=$(addresses | awk '{ printf "%s%s %s", sep, $1, $2; sep = "," }')"
  say "default_interface=$(awk '$2 == "00000000" && $8 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null)"
  say "resolvers=$(resolvers)"
  say "k3s=$(their_k3s)"
  systemd=no
  [ ! -d /run/systemd/system ] || systemd=yes
  say "systemd=$systemd"
  root=no
  [ "$(id -u)" != 0 ] || root=yes
  [ "$root" = yes ] || ! sudo -n true 2>/dev/null || root=sudo
  say "root=$root"
}

# Whole disks with their sizes in GB; /sys tells sectors of 512 bytes.
disks() {
  for disk in /sys/block/*; do
    case ${disk##*/} in loop* | ram* | zram* | sr* | dm-* | md*) continue ;; esac
    [ -r "$disk/size" ] || continue
    printf '%s %s GB, ' "${disk##*/}" "$(($(cat "$disk/size") / 1953125))"
  done | sed 's/, $//'
}

# As pods would ask them: those that are no loopback, of the host's or of systemd-resolved's own list.
resolvers() {
  for from in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    known=$(awk '/^nameserver/ && $2 !~ /^127\.|^::1$/ { printf "%s%s", sep, $2; sep = " " }' "$from" 2>/dev/null) || known=''
    [ -z "$known" ] || break
  done
  printf %s "$known"
}

their_k3s() {
  for unit in k3s k3s-agent; do
    [ ! -e "/etc/systemd/system/$unit.service" ] || { printf %s "$unit.service"; return 0; }
  done
  [ ! -x /usr/local/bin/k3s ] || printf %s /usr/local/bin/k3s
}
