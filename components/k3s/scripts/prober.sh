# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Hosts try each other's ports, with a listener on one and a prober on the other: in Perl (part of every Debian, SUSE and Arch), or in
# Python (part of every Fedora and RHEL). Both do the same; nothing is installed, and nothing stays.

find_prober() {
  for candidate in perl python3 /usr/libexec/platform-python; do
    ! command -v "$candidate" >/dev/null || { prober_program=$candidate; return 0; }
  done
  no_prober='neither perl nor python3 is on the host'
  return 1
}
prober() {
  case $prober_program in
    perl) perl -e "$perl_prober" "$@" ;;
    *) "$prober_program" -c "$python_prober" "$@" ;;
  esac
}
