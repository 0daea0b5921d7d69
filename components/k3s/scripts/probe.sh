# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# A host tries the ports of the other nodes.

# probe: tries the other nodes. $targets: `NAME ADDRESS PORT,PORT`, separated by `;`. Says `tcp NAME PORT open|refused|silent`,
# `ping NAME yes|no`, `mtu NAME BYTES` (the largest packet that came back whole) and `fragments NAME yes|no`.
probe() {
  doing='trying the other nodes'
  find_prober || fail "$node: $no_prober"
  prober probe "$nonce" "$node" "$interface" "${mtu:-1500}" "$udp_ports" "$targets"
}
