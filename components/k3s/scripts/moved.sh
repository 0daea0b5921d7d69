# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A node whose address changed in the stack's file: the same machine at another place, or another machine.

at='' key_before='' member_at=''

# An agent's Node, asked on its operator. A host key tells machines apart. Where the old machine is down, another may take its name: the password of the old one
# would keep it out ("Node password rejected"). The same machine keeps its own, and k3s takes it again.
check_machine() {
  [ "$role" = agent ] || return 0
  ask_field at '{.metadata.annotations.groundwork/address}'
  ask_field key_before '{.metadata.annotations.groundwork/host-key}'
  is_other=no
  [ -z "$key_before" ] || [ -z "$host_key" ] || [ "$key_before" = "$host_key" ] || is_other=yes
  [ -n "$at" ] && { [ "$at" != "$address" ] || [ "$is_other" = yes ]; } || return 0
  ask_ready
  if [ "$ready" != Unknown ]; then
    if [ "$at" != "$address" ] && [ "$is_other" = yes ]; then
      fail "$node: the machine at $address has another host key than the one at $at, which is $node and lives; nothing was touched. To replace it: take $node out of 'nodes', run up, and add it with the new address. If it is the same machine, change its address and its hostKey one after the other, an up each. If the old one was switched off just now, wait a minute and run up again"
    fi
    [ "$at" = "$address" ] || say "$node moves from $at to $address while it lives: only the same machine can take its place"
    return 0
  fi
  must_kube delete secret -n kube-system "$node.node-password.k3s" --ignore-not-found
  say "$node is down, and the machine at $address may take its name"
}

# etcd knows its members by their addresses, and k3s does not change one ("this server is a not a member of the etcd cluster", k3s-io/k3s#5991).
check_member_address() {
  [ "$role" = server ] || return 0
  ask_field member_at '{.metadata.annotations.etcd\.k3s\.cattle\.io/node-address}'
  address_wanted=$internal_ip
  if [ -z "$address_wanted" ] && [ -n "$interface" ]; then
    on_interface=$(ip -o -4 addr show dev "$interface" scope global 2>/dev/null | sed -n 's/.* inet \([0-9.]*\).*/\1/p' | tr '\n' ' ') || return 0
    ! has_word "$member_at" "$on_interface" || return 0
    address_wanted=${on_interface%% *}
  fi
  # IPv6 addresses have several spellings.
  case $address_wanted$member_at in *:*) return 0 ;; esac
  [ -n "$member_at" ] && [ -n "$address_wanted" ] && [ "$address_wanted" != "$member_at" ] || return 0
  ask_servers
  [ "$members" -gt 1 ] ||
    fail "$node: etcd has this server at $member_at, and it is to be $address_wanted; an address of a member does not change in place, and it is the only one. With the machine at its new address: 'systemctl stop k3s && k3s server --cluster-reset --node-ip $address_wanted' on it, then run up again. Nothing was changed"
  fail "$node: etcd has this server at $member_at, and it is to be $address_wanted; an address of a member does not change in place. Take $node out of 'nodes' (cluster.allowEvenServers: true meanwhile), run up, and add it with the new address. Nothing was changed"
}
