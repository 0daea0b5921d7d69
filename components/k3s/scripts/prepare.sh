# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
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
