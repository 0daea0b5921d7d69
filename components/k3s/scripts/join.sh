# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Which server a node joins through: chosen here, where it shows which of them live.

join_file=/etc/rancher/k3s/config.yaml.d/10-join.yaml
through=''   # host:port that the join file is to name; empty for what the settings put there

# A member keeps the server that it joined through while the settings know it: k3s keeps the addresses of all servers beside that one,
# and forgets them when it is told another (k3s-io/k3s pkg/agent/loadbalancer/config.go).
choose_server() {
  joined=''
  [ ! -e "$join_file" ] || joined=$(sed -n 's|^server: https://||p' "$join_file") || fail "$node: $join_file cannot be read; see the line above"
  if [ "$fresh_host" = no ] && [ ! -e "$leaving" ]; then
    if [ -n "$joined" ] && has_word "$joined" "$join $peers"; then
      through=$joined
      return 0
    fi
    [ "$starts_cluster" = no ] || return 0
  fi
  if [ "$starts_cluster" = yes ]; then
    join_living_peer
    return
  fi
  # Without an answer it stays as the settings have it: of a node that joins, preflight has said so already.
  # shellcheck disable=SC2086 # a list of words
  [ -n "$living" ] || find_server $join || return 0
  through=$living
  [ "$through" = "${join%% *}" ] || say "joining through the server at $through: those before it do not answer"
}

# A first server that was rebuilt must join the servers that live, not start a second cluster beside them. A peer that refuses the
# connection runs no k3s; one that does not answer at all may only be out of reach, and nothing is decided on that.
join_living_peer() {
  [ -n "$peers" ] || return 0
  await 30 "a server among $peers to answer, before a new cluster is started" peer_lives || true # none is an answer too
  if [ -z "$peer" ] && [ -n "$silent" ]; then
    await 90 "the servers that do not answer ($silent)" peer_lives || true
    [ -n "$peer" ] || [ -z "$silent" ] ||
      fail "$node: it would start a new cluster, but whether one lives at $silent is not known: no answer on TCP $api_port. Bring them up or open the port; for a first creation without them, take them out of 'nodes' until $node is ready"
  fi
  [ -n "$peer" ] || return 0
  say "the server at ${peer%:*} lives: joining it instead of starting a cluster"
  through=$peer
}
# Sets peer to one that answers, or silent to those of which nothing is known.
peer_lives() {
  peer='' silent=''
  for candidate in $peers; do
    if supervisor_answers "$candidate"; then
      peer=$candidate
      return 0
    fi
    is_refused "$candidate" || silent="${silent:+$silent }$candidate"
  done
  return 1
}

# curl says why it could not connect only when it is asked to say more.
is_refused() {
  ! command -v curl >/dev/null || head=$(curl -skv -o /dev/null --connect-timeout 5 --max-time 10 "https://$1/ping" 2>&1) || true # its words count
  case $head in
    *[Rr]efused*) return 0 ;;
    *) return 1 ;;
  esac
}

# What the settings put into the join file, with the server that was chosen.
with_server() {
  if [ -n "$through" ]; then
    sed "s|^cluster-init: true\$|server: https://$through|; s|^server: .*|server: https://$through|"
  else
    cat
  fi
}
