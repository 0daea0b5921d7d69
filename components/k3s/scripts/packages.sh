# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What of the distribution's packages is here, and what it calls them.

iscsid_serves() {
  for unit in iscsid.socket iscsid; do
    ! systemctl is-enabled -q "$unit" 2>/dev/null || ! systemctl is-active -q "$unit" || return 0
  done
  return 1
}

# The file that tells that a package is there, whatever the distribution calls the package.
has_package() {
  case $1 in
    nfs) command -v mount.nfs >/dev/null ;;
    iscsi) command -v iscsiadm >/dev/null ;;
    wireguard) command -v wg >/dev/null && command -v wg-quick >/dev/null ;;
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
    wireguard:*) echo wireguard-tools ;;
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

# A host that somebody else prepares (prepareHosts: false) is not touched; all that it lacks is said at once.
check_prepared() {
  missing=''
  for package in $packages; do
    has_package "$package" || missing="${missing:+$missing }$(package_name "$package")"
  done
  # `groundwork preflight` has a check of its own for the packages.
  if [ "${read_only:-no}" = no ]; then
    [ -z "$missing" ] || problem "these packages are missing: $missing" 'install them, or set k3s.prepareHosts: true'
    ! has_word iscsi "$packages" || iscsid_serves ||
      problem 'iscsid is not enabled and running, and Longhorn needs it' "run 'systemctl enable --now iscsid' there, or set k3s.prepareHosts: true"
  fi
  for parameter in ${kernel_parameters:-}; do
    value=$(cat "/proc/sys/$(printf %s "${parameter%%=*}" | tr . /)" 2>/dev/null) || value='not there'
    [ "$value" = "${parameter#*=}" ] ||
      problem "the kernel parameter ${parameter%%=*} is $value, and k3s needs ${parameter#*=}" 'set it, for the next boot too (/etc/sysctl.d), or set k3s.prepareHosts: true'
  done
}
