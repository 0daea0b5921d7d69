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
