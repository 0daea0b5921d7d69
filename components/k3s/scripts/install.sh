# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Installs what the host lacks of the distribution's packages.

ensure_packages() {
  [ "$prepare_hosts" = yes ] || return 0 # seen by check_prepared
  missing=''
  for package in $packages; do
    has_package "$package" || missing="${missing:+$missing }$(package_name "$package")"
  done
  if [ -n "$missing" ]; then
    say "installing $missing"
    unread=''
    install_packages || fail "$node: could not install $missing${unread:+, and not every package source could be read ($unread)}; see the lines above"
    note_change packages
  fi
  ! has_word iscsi "$packages" || ensure_iscsid
}

# Longhorn attaches its volumes through iscsid: it runs, or its socket starts it, after a reboot too. Not every distribution's package
# sees to that.
ensure_iscsid() {
  ! iscsid_serves || return 0
  # Not every distribution has the socket.
  systemctl enable -q --now iscsid.socket 2>/dev/null || systemctl enable -q --now iscsid ||
    fail "$node: iscsid cannot be enabled, and Longhorn needs it; see the line above"
  say 'enabled iscsid'
  note_change iscsid
}

# The lists may be old or one source out of reach: what counts is whether the packages install. Other runs of apt (a machine's own
# updates, right after it booted) are waited for, with `update` too, whose lock the time-out of apt does not cover.
install_packages() {
  # shellcheck disable=SC2086 # a list of words
  case $(package_tool) in
    apt-get)
      apt_free || say 'waiting for another run of apt'
      await 300 'another run of apt' apt_free || { warn "$node: apt is still in use by another program after 300 s"; return 1; }
      quietly apt-get -o DPkg::Lock::Timeout=120 update || {
        unread=$(printf '%s\n' "$said" | sed -n "s/^[EW]: .*[' ]\([a-z+]*:\/\/[^ ']*\).*/\1/p" | sort -u | tr '\n' ' ' | sed 's/ $//')
        warn "$node: not every source of apt could be read (above); trying with what is known"
      }
      DEBIAN_FRONTEND=noninteractive quietly apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing
      ;;
    dnf) quietly dnf install -y $missing ;;
    yum) quietly yum install -y $missing ;;
    zypper) ZYPP_LOCK_TIMEOUT=300 quietly zypper --non-interactive install $missing ;;
    pacman) quietly pacman -Sy --noconfirm $missing ;;
    apk) quietly apk add $missing ;;
    *) warn "$node: no package tool is known here"; return 1 ;;
  esac
}
apt_free() {
  for lock in /var/lib/apt/lists/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock; do
    apt_lock "$lock" || return 1
  done
}
# apt locks by fcntl, which /proc/locks tells by the file's inode.
apt_lock() {
  [ -e "$1" ] || return 0
  ! awk -v inode="$(stat -c %i "$1")" '$2 == "POSIX" { split($6, at, ":"); if (at[3] == inode) found = 1 } END { exit !found }' /proc/locks
}

# The output of a package tool matters only when it fails (then $said has its end); until then a line every ten seconds says that it
# still works.
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
  said=$(tail -n 15 "$log")
  rm -f "$log"
  printf '%s\n' "$said" >&2
  return 1
}
