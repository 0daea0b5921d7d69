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
