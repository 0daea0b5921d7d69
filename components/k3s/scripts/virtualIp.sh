# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The virtual IP of the API: keepalived, in a unit of ours that systemd stops before k3s.

virtual_ip_unit=/etc/systemd/system/groundwork-vip.service
virtual_ip_read=/run/groundwork/virtual-ip   # the sums of unit and configuration as the running keepalived knows them

# An address that nobody can ask for on this interface would be reached from nowhere.
check_virtual_ip() {
  [ -n "$virtual_ip" ] || return 0
  link=/sys/class/net/$virtual_ip_interface
  if [ ! -e "$link" ]; then
    problem "there is no interface $virtual_ip_interface for the virtual IP" "correct cluster.virtualIp.interface or the node's interface (here are: $(interfaces))"
    return 0
  fi
  # Ethernet (ARPHRD_ETHER), with broadcast and with ARP (linux/if_arp.h, linux/if.h): not WireGuard, TUN, PPP or a tunnel.
  link_type=$(cat "$link/type") || fail "$node: $link cannot be read; see the line above"
  link_flags=$(cat "$link/flags") || fail "$node: $link cannot be read; see the line above"
  if [ "$link_type" != 1 ] || [ $((link_flags & 0x2)) = 0 ] || [ $((link_flags & 0x90)) != 0 ]; then
    problem "the virtual IP cannot move on $virtual_ip_interface: it is no Ethernet, and nobody there asks who has an address" "take cluster.virtualIp out, and set cluster.apiAddress to a DNS name with every server's address, or to a load balancer"
    return 0
  fi
  addresses_there=$(ip -o addr show dev "$virtual_ip_interface") || fail "$node: the addresses of $virtual_ip_interface are not told; see the line above"
  case $addresses_there in
    *" $virtual_ip_own/"*) ;;
    *) problem "$virtual_ip_interface does not have this server's internalIp $virtual_ip_own, from which it would tell the others that it lives" "correct nodes[].internalIp or cluster.virtualIp.interface" ;;
  esac
  way=$(ip route get "$virtual_ip" 2>/dev/null) || way=''
  case $way in
    *' via '*) problem "the virtual IP $virtual_ip is not of the network of $virtual_ip_interface: it is reached through a router ($(printf '%s\n' "$way" | head -n 1)); write a free address of that network" ;;
  esac
  is_member || check_virtual_ip_free
}

# Before there is a cluster nobody may have it; later a server may.
check_virtual_ip_free() {
  [ "$starts_cluster" = yes ] && command -v ping >/dev/null && ! holds_virtual_ip || return 0
  ! ping -c 1 -W 2 -q "$virtual_ip" >/dev/null 2>&1 || supervisor_answers "$(url_host "$virtual_ip"):$api_port" ||
    problem "another machine has the virtual IP $virtual_ip" "write a free address as cluster.virtualIp.address"
}
holds_virtual_ip() {
  case $(ip -o addr show dev "$virtual_ip_interface") in
    *" $virtual_ip/"*) return 0 ;;
    *) return 1 ;;
  esac
}

# The setting is gone: another server takes the address over, as long as one is left that has it.
give_up_virtual_ip() {
  [ -z "$virtual_ip" ] && [ -e "$virtual_ip_unit" ] || return 0
  systemctl disable --now -q groundwork-vip || fail "$node: groundwork-vip cannot be stopped; see the line above"
  rm -f "$virtual_ip_read" || cannot_write "$virtual_ip_read"
}

# With k3s running. What keepalived has read is written down, so that a run that was cut off before is made up for.
ensure_virtual_ip() {
  [ -n "$virtual_ip" ] || { rmdir_empty /etc/groundwork; return 0; }
  doing='seeing to the virtual IP'
  systemctl is-enabled -q groundwork-vip 2>/dev/null || systemctl enable -q groundwork-vip || fail "$node: groundwork-vip cannot be enabled; see the line above"
  virtual_ip_sums=$(sha256sum "$virtual_ip_unit" /etc/groundwork/keepalived.conf) || fail "$node: the files of the virtual IP cannot be read; see the line above"
  known_sums=$(cat "$virtual_ip_read" 2>/dev/null) || known_sums='' # not before the first time, and not after a reboot
  if ! systemctl is-active -q groundwork-vip || [ "${known_sums%% *}" != "${virtual_ip_sums%% *}" ]; then
    systemctl restart groundwork-vip || fail "$node: groundwork-vip does not start; see 'journalctl -u groundwork-vip'"
    note_change virtual-ip
  elif [ "$known_sums" != "$virtual_ip_sums" ]; then
    # A holder that only reads its file again goes on holding the address.
    systemctl reload groundwork-vip || fail "$node: groundwork-vip does not take its new settings; see 'journalctl -u groundwork-vip'"
    note_change virtual-ip
  fi
  printf '%s\n' "$virtual_ip_sums" | write_file "$virtual_ip_read" 644
  await 30 "a server to hold the virtual IP $virtual_ip" virtual_ip_answers ||
    fail "$node: no server answers at the virtual IP $virtual_ip after 30 s; see 'journalctl -u groundwork-vip' on the servers, and let IP protocol 112 (VRRP) pass between them on $virtual_ip_interface"
}
# A server that refuses holds it as well: it is one that still listens on another port (cluster.apiPort was changed).
virtual_ip_answers() {
  supervisor_answers "$(url_host "$virtual_ip"):$api_port" || is_refused "$(url_host "$virtual_ip"):$api_port"
}
