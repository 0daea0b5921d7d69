# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What `groundwork preflight` looks at on one host: converge's own checks, those that take longer, and facts to compare hosts by.
# It only asks. What it says are lines: `finding<tab>CHECK<tab>LEVEL<tab>MESSAGE<tab>REMEDY`, and `name=value`.

pending=$state_dir/restart-pending   # where versions.sh looks for an earlier run's change

inspect() {
  doing='looking at the host'
  service=k3s
  [ "$role" = server ] || service=k3s-agent
  tell=tell_findings
  read_only=yes
  interface_patience=0
  [ "$(id -u)" = 0 ] || fail "$node: not root; let ssh.user be root or one who may use sudo without a password"
  mark_adopting=''
  look owner check_owner
  host_checks
  look packages check_packages
  look dns check_upstream
  look mirror check_mirror
  look nfs check_export
  [ "$role" = agent ] || look etcd-disk check_etcd_disk
  facts
}

tell_findings() {
  printf 'finding\t%s\t%s\t%s\t%s\n' "$looking" "$1" "$(one_field "$2")" "$(one_field "${3:-}")"
}
one_field() { printf %s "$1" | tr '\t\n' '  '; }

# What converge refuses before it touches anything.
check_owner() {
  fine 'no other stack and no other k3s has it'
  refusal=$( (
    read_mark
    if is_marked; then check_mark "$node"; fi
    foreign=$(foreign_k3s)
    [ -z "$foreign" ] || [ "${adopt:-no}" = yes ] ||
      fail "$node: it has a k3s that Groundwork did not install ($foreign); to keep it with its cluster, set adopt: true on the node, otherwise uninstall it (k3s-uninstall.sh or k3s-agent-uninstall.sh)"
  ) 2>&1) && { read_mark; return 0; }
  refusal=$(printf '%s\n' "$refusal" | sed -n "s/^error: $node: //p" | tail -n 1)
  problem "${refusal%%; *}" "${refusal#*; }"
}

check_packages() {
  waits=''
  for package in $packages; do
    if has_package "$package"; then
      [ "$package" != iscsi ] || iscsid_serves || needs_preparing "iscsid is not enabled and running, and Longhorn needs it" "run 'systemctl enable --now iscsid' there"
    else
      needs_preparing "$(package_name "$package") is not installed" "install it"
    fi
  done
}
needs_preparing() {
  if [ "$prepare_hosts" = yes ]; then
    waits="${waits:+$waits, }$1"
    fine "$waits; up sees to it"
  else
    problem "$1" "$2, or set k3s.prepareHosts: true"
  fi
}

# What pods ask: the stack's resolvers, or the host's own as k3s takes them.
check_upstream() {
  asked=$upstream
  setting=dns.upstream
  if [ -z "$asked" ]; then
    setting="the host's resolv.conf"
    for from in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
      asked=$(awk '/^nameserver/ && $2 !~ /^127\.|^::1$/ { printf "%s ", $2 }' "$from" 2>/dev/null) && [ -n "$asked" ] && break
    done
  fi
  [ -n "$asked" ] || return 0
  find_prober || { concern "the resolvers were not asked: $no_prober" ''; return 0; }
  answering=0 silent=''
  for resolver in $asked; do
    code=$(prober dns "$resolver" "$asks") || code=''
    case $code in
      0) answering=$((answering + 1)) ;;
      '') silent="${silent:+$silent, }$resolver" ;;
      3) answering=$((answering + 1)) && concern "the resolver $resolver does not know $asks" "name one that does in dns.upstream" ;;
      5) problem "the resolver $resolver refuses this host's questions" "allow this host there, or name another one in dns.upstream" ;;
      *) answering=$((answering + 1)) && concern "the resolver $resolver cannot answer for $asks (code $code)" "see whether it reaches its own resolvers" ;;
    esac
  done
  fine "the resolvers answer: $asked"
  [ -n "$silent" ] || return 0
  # The others are asked, after seconds for each name.
  level=problem
  [ "$answering" -eq 0 ] || level=concern
  "$level" "no answer from $silent, of $setting" "correct dns.upstream, or open UDP 53 to it"
}

check_mirror() {
  if [ -x "$binary" ] && [ "$(cut -d ' ' -f 1 "$stamp" 2>/dev/null)" = "$k3s_version" ]; then
    fine "k3s $k3s_version is installed"
    return 0
  fi
  [ -z "${uploaded_k3s:-}" ] || { fine "k3s $k3s_version is uploaded by 'up'"; return 0; }
  case $(uname -m) in
    x86_64) file=k3s ;;
    aarch64 | arm64) file=k3s-arm64 ;;
    armv7l | armv6l) file=k3s-armhf ;;
    *) problem "there is no k3s for $(uname -m)" 'take the node out, or give it another machine'; return 0 ;;
  esac
  fine "k3s $k3s_version can be had from $mirror"
  case $mirror in
    file://*)
      [ -r "${mirror#file://}/$k3s_version/$file" ] || problem "${mirror#file://}/$k3s_version/$file cannot be read" "put k3s's release there, or correct k3s.mirror"
      return 0
      ;;
  esac
  url=$mirror/$(printf %s "$k3s_version" | sed 's/+/%2B/')/$file
  if command -v curl >/dev/null; then
    said=$(curl -fsSLI -o /dev/null --connect-timeout 5 --max-time 10 "$url" 2>&1) && return 0
  elif command -v wget >/dev/null; then
    said=$(wget -q --spider -T 8 -t 1 "$url" 2>&1) && return 0
  else
    problem 'neither curl nor wget is installed' 'install one of them'
    return 0
  fi
  problem "k3s $k3s_version cannot be had from $url: $(printf '%s\n' "$said" | tail -n 1)" 'open the way there, or set k3s.mirror to a mirror of your own'
}

# Exported to this host, as far as can be told without a mount: NFS 4 alone has no list of exports.
check_export() {
  [ -n "$nfs_server" ] || return 0
  if ! tcp_opens "$nfs_server" 2049; then
    problem "the NFS server $nfs_server does not answer on TCP 2049${tcp_said:+: $tcp_said}" 'start it, open the port to the nodes, or correct storage.nfs.server'
    return 0
  fi
  fine "the NFS server $nfs_server answers on TCP 2049; whether $nfs_path is exported is not told without showmount"
  command -v showmount >/dev/null || return 0
  exports=$(timeout 6 showmount -e --no-headers "$nfs_server" 2>/dev/null) || return 0
  # The longest one counts, as for the server.
  export_line=$(printf '%s\n' "$exports" | awk -v path="$nfs_path" '
    (path == $1 || $1 == "/" || index(path, $1 "/") == 1) && length($1) > length(best) { best = $1; line = $0 }
    END { print line }')
  if [ -z "$export_line" ]; then
    problem "the NFS server $nfs_server does not export $nfs_path" "add it to the server's /etc/exports, or correct storage.nfs.path (exported are: $(printf '%s\n' "$exports" | awk '{ printf "%s%s", sep, $1; sep = ", " }'))"
    return 0
  fi
  nfs_address=$(getent ahosts "$nfs_server" 2>/dev/null | awk 'NR == 1 { print $1 }')
  own_address=$(ip -o route get "${nfs_address:-$nfs_server}" 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p')
  clients=$(printf '%s\n' "$export_line" | awk '{ print $2 }')
  if may_mount "$own_address" "$clients"; then
    fine "the NFS server $nfs_server exports $nfs_path"
  else
    problem "the NFS server $nfs_server exports $nfs_path to $clients, and this host comes from $own_address" "add the host to the line in the server's /etc/exports"
  fi
}

# Whether an address is among an export's clients. Names, groups and IPv6 are the server's to know: then it may be.
may_mount() {
  printf '%s\n' "$2" | tr ',' '\n' | awk -v own="$1" '
    function number(text, part) { split(text, part, "."); return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] }
    own !~ /^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$/ || $1 !~ /^[0-9.]+([/][0-9.]+)?$/ { may = 1; next }
    {
      parts = split($1, client, "/")
      size = parts == 1 ? 1 : client[2] ~ /[.]/ ? 4294967296 - number(client[2]) : 2 ^ (32 - client[2])
      if (int(number(own) / size) == int(number(client[1]) / size)) may = 1
    }
    END { exit !may }'
}
tcp_opens() {
  command -v bash >/dev/null || { tcp_said='not tried, for bash is not here'; return 1; }
  # shellcheck disable=SC2016 # bash's own
  tcp_said=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) || { tcp_said=$(printf '%s\n' "$tcp_said" | sed -n 's/.*: //p' | tail -n 1); return 1; }
}

# etcd asks for a disk whose flush takes under 10 ms in 99 of 100 cases (its FAQ, on etcd_disk_wal_fsync_duration_seconds), and calls
# a request slow that takes over 100 ms (DefaultWarningApplyDuration, server/embed/config.go). Blocks of 2300 bytes as in its own advice
# for fio. The file has no name any more when it is written, so nothing stays, whatever happens.
check_etcd_disk() {
  place=$data_dir/server/db
  while [ ! -d "$place" ]; do place=${place%/*}; done
  trial=$(mktemp "$place/.groundwork.XXXXXX" 2>/dev/null) || { concern "the disk of $place was not measured: it cannot be written" ''; return 0; }
  exec 7<>"$trial"
  rm -f "$trial"
  flush_once "count=100" >/dev/null || { exec 7>&-; concern "the disk of $place was not measured: dd cannot write with oflag=dsync there" ''; return 0; }
  read_uptime
  measuring_until=$((uptime + 3))
  times=$(
    block=0
    while [ "$block" -lt 100 ] && [ "$uptime" -lt "$measuring_until" ]; do
      flush_once "count=1 seek=$block"
      block=$((block + 1))
      read_uptime
    done | sed -n 's/.* copied, \([0-9.e-]*\) s,.*/\1/p' | sort -g
  )
  exec 7>&-
  slowest=$(printf '%s\n' "$times" | awk '{ all[NR] = $1 } END { at = int((NR * 99 + 99) / 100); printf "%.1f", all[at] * 1000 }')
  fine "99 of 100 flushes to the disk of $place take at most $slowest ms (etcd asks for 10)"
  case $(awk -v ms="$slowest" 'BEGIN { level = "ok"; if (ms > 10) level = "warning"; if (ms > 100) level = "error"; print level }') in
    error) problem "1 of 100 flushes to the disk of $place takes over $slowest ms, and etcd asks for 10: it would lose its leader" "give the server an SSD, and no other work on that disk" ;;
    warning) concern "1 of 100 flushes to the disk of $place takes over $slowest ms, and etcd asks for 10" "give the server an SSD, and little other work on that disk" ;;
  esac
}
# shellcheck disable=SC2086 # words
flush_once() { LC_ALL=C dd if=/dev/zero of=/proc/self/fd/7 bs=2300 conv=notrunc oflag=dsync $1 2>&1; }

# What tells hosts from each other, and how they are reached from the others. Ids are told as sums: they are nobody else's business.
facts() {
  say "hostname=$(uname -n)"
  say "machine_id=$(sum_of_file /etc/machine-id)"
  say "initiator=$(sum_of_file /etc/iscsi/initiatorname.iscsi)"
  say "addresses=$(addresses | awk '{ printf "%s%s %s", sep, $1, $2; sep = "," }')"
  # As k3s chooses where it is told nothing: the first default route.
  route=$(awk '$2 == "00000000" && $8 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null) || route=''
  say "default_interface=$route"
  used=${interface:-$route}
  say "mtu=$(cat "/sys/class/net/$used/mtu" 2>/dev/null || echo '')"
}
sum_of_file() { [ ! -s "$1" ] || sha256sum <"$1" | cut -c 1-16; }
