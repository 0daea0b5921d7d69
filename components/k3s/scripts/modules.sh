# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What of the kernel k3s needs and some distributions leave out.

check_modules() {
  missing=''
  needed='overlay br_netfilter'
  case $flannel_backend in
    vxlan) needed="$needed vxlan" ;;
    wireguard-native) needed="$needed wireguard" ;;
  esac
  for module in $needed; do
    has_module "$module" || missing="${missing:+$missing }$module"
  done
  fine "the kernel has $(printf %s "$needed" | sed 's/ /, /g')"
  [ -n "$missing" ] || return 0
  kernel=$(uname -r)
  if [ -d "/lib/modules/$kernel" ]; then
    # k3s starts without br_netfilter (it logs that: pkg/agent/syssetup/setup.go), and services do not reach pods of their own node then.
    level=problem
    [ "$missing" != br_netfilter ] || level=concern
    "$level" "the kernel $kernel has no $(printf %s "$missing" | sed 's/ /, /g')" "install $(module_package "$kernel"), and reboot where that is another kernel"
  elif [ -n "$(ls /lib/modules 2>/dev/null)" ]; then
    problem "the modules of the kernel that runs ($kernel) are not on the disk any more, so $(printf %s "$missing" | sed 's/ /, /g') cannot be loaded" 'reboot: the kernel was updated'
  else
    # A container, or a kernel of one piece.
    concern "whether the kernel has $(printf %s "$missing" | sed 's/ /, /g') cannot be told: no modules are on the disk" 'load them on the machine that this one runs on, if k3s does not start'
  fi
}

# Loaded, built in, or on the disk. What is built in shows in its own place.
has_module() {
  [ ! -d "/sys/module/$1" ] || return 0
  case $1 in
    overlay) ! grep -qsw overlay /proc/filesystems || return 0 ;;
    br_netfilter) [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || return 0 ;;
  esac
  command -v modprobe >/dev/null && modprobe -n -q "$1" 2>/dev/null
}

# The package that brings what a distribution's small kernel leaves out.
module_package() {
  case $(package_tool):$1 in
    apt-get:*-raspi) echo linux-modules-extra-raspi ;;
    apt-get:*-cloud-*) echo "linux-image-${1##*-} (not the cloud kernel)" ;;
    apt-get:*) echo "linux-modules-extra-$1 on Ubuntu, the whole linux-image on Debian" ;;
    dnf:* | yum:*) echo "kernel-modules and kernel-modules-extra" ;;
    zypper:*) echo "kernel-default in place of kernel-default-base" ;;
    pacman:*) echo "the whole linux package" ;;
    *) echo "the distribution's whole kernel" ;;
  esac
}
