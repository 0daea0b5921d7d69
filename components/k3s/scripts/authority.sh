# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The cluster's certificate authorities on one host, when they are rotated: what it has, what it is to expect, and k3s with them.
# ca_next is the SHA-256 of the new file (cluster_here), ca_pin what k3s pins tokens to (pkg/clientaccess/token.go, hashCA: the root).

service=k3s
fresh_host=no
[ "$role" = server ] || { service=k3s-agent fresh_host=yes; } # an agent may have to try again: it waits for a server

# Facts for whoever decides; nothing is changed.
look_at_ca() {
  doing='looking at the certificate authorities'
  check_owner
  here=$(cluster_here)
  version=$(/usr/local/bin/k3s --version) || fail "$node: /usr/local/bin/k3s does not tell its version; see the line above"
  say "authority=$here"
  say "version=$(printf '%s\n' "$version" | awk 'NR == 1 { print $3 }')"
  say "active=$(systemctl is-active -q "$service" && echo yes || echo no)"
  [ "$role" = agent ] || look_at_server
}
check_owner() {
  [ "$role" = agent ] || { check_server; return 0; }
  read_mark
  is_marked || fail "$node: this host has no mark of Groundwork's; run up first"
  check_mark "$node"
}
begin_ca() {
  check_owner
  lock_wait=120
  lock_node "$1"
}

# expect_ca: the mark names the new authority before k3s has it, which may restart at any time.
expect_ca() {
  doing='noting the new authority'
  begin_ca rotate-ca
  note_authority "$ca_next" "$ca_pin"
}
# note_authority HASH PIN
note_authority() {
  read_mark
  here=$(cluster_here)
  noted='' noted_here=$here
  for known_authority in $mark_cluster; do
    case ${known_authority%%:*} in
      "$1") ;;
      "$here") noted_here=$known_authority ;;
      *) noted="${noted:+$noted }$known_authority" ;;
    esac
  done
  if [ -n "$here" ] && [ "$here" != "$1" ]; then
    # One that is alone in its file is pinned by the file.
    case $noted_here in *:*) ;; *) ! is_alone || noted_here=$here:$here ;; esac
    noted="${noted:+$noted }$noted_here"
  fi
  mark_cluster="${noted:+$noted }$1:$2"
  write_mark "$node"
}
is_alone() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ -s "$ca" ] || continue
    [ "$(grep -c 'BEGIN CERTIFICATE' "$ca")" = 1 ]
    return
  done
  return 1
}

# take_up_ca: k3s restarts, and has the new authorities.
take_up_ca() {
  doing='restarting k3s with the new authorities'
  begin_ca restart
  if [ "$role" = server ]; then take_up_on_server; else take_up_on_agent; fi
  say "k3s on $node has the new authorities"
}
has_new_ca() { has_ca "$ca_pin"; }

# When the servers have them: with a token that is pinned to the one before, k3s does not start.
take_up_on_agent() {
  pin_file /etc/rancher/k3s/token
  ! has_new_ca || ! systemctl is-active -q "$service" || return 0
  say "restarting k3s on $node"
  start_k3s
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s-agent does not start with the new authorities${reason:+: $reason}; see 'journalctl -u k3s-agent', mend the cause, and run this again"; }
  has_new_ca || fail "$node: k3s-agent has restarted and still has the authority of before; see 'journalctl -u k3s-agent', and run this again"
  here=$(cluster_here)
  note_authority "$here" "$ca_pin"
}

# pin_file FILE: its token is pinned to the new authority, where it is pinned at all.
pin_file() {
  [ -e "$1" ] || return 0
  token_here=$(head -n 1 "$1") || fail "$node: $1 cannot be read; see the line above"
  case $token_here in K10*::*) printf 'K10%s::%s\n' "$ca_pin" "${token_here#*::}" | write_file "$1" 600 ;; esac
}
