# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Whether a k3s that is here can become what the settings say, without losing its cluster. All that is wrong is said at once.

compare_foreign() {
  [ -n "$their_service" ] || return 0 # what is wrong with it was said
  compare_unit
  compare_name
  compare_version
  compare_values
  [ "$role" = agent ] || compare_data
  compare_cluster
  compare_space
}

compare_unit() {
  [ "$their_role" = "$role" ] ||
    problem "$their_service runs 'k3s $their_role' here, and the stack says role: $role; set role: $their_role"
  [ "$their_reload" != yes ] ||
    problem "the files of $their_service were changed after systemd read them; run 'systemctl daemon-reload' and 'systemctl restart $their_service', and see that it works"
  systemctl is-active -q "$their_service" ||
    problem "$their_service does not run; start it, and see that it works, before it is taken over"
  [ "$(readlink -f "$their_binary")" = "$(readlink -f "$binary_here")" ] ||
    problem "its program is $their_binary, and Groundwork's is $binary_here; run 'ln -s $their_binary $binary_here'"
  unread=$(their '?')
  [ -z "$unread" ] ||
    problem "these settings in $their_config (or in $their_config.d), or what follows them, are written in a way that is not read here: $unread; write each as 'key: value', or as a key with a list below it"
  [ "$role" = agent ] || [ -e /etc/rancher/k3s/k3s.yaml ] ||
    problem "its kubeconfig is not /etc/rancher/k3s/k3s.yaml; take write-kubeconfig out of its settings and restart it"
}
binary_here=/usr/local/bin/k3s

compare_name() {
  their_name=$(their node-name "$(uname -n)" | tr '[:upper:]' '[:lower:]')
  if [ "$(their with-node-id false)" = true ]; then
    problem "its node's name ends with an id (with-node-id), and would be another without it; this cannot be taken over"
  elif [ "$their_name" != "$node" ]; then
    problem "its node is called $their_name; write name: $their_name in 'nodes'"
  fi
}

# A newer k3s may have written what an older one cannot read; and servers go up by one minor release at a time.
compare_version() {
  their_version=$("$their_binary" --version 2>/dev/null | awk 'NR == 1 { print $3 }') || their_version=''
  case $(printf '%s %s\n' "$their_version" "$k3s_version" | sed 's/-rc[0-9]*//g' | awk '
    { split($1, a, /[^0-9]+/); split($2, b, /[^0-9]+/)
      if (a[2] == "") { print "unknown"; exit }
      for (at = 2; at <= 6; at++) if (a[at] + 0 != b[at] + 0) { newer = (a[at] + 0 > b[at] + 0); break }
      print (newer ? "newer" : (b[3] - a[3] > 1) ? "far" : "fine") }') in
    fine) ;;
    newer) problem "$their_version runs here, and $k3s_version is older; set k3s.version (or this node's k3sVersion) to $their_version or newer" ;;
    far)
      [ "$role" = agent ] ||
        problem "$their_version runs here, and $k3s_version skips a minor release; take it over with k3s.version: $their_version, and upgrade afterwards"
      ;;
    *) problem "'$their_binary --version' does not tell a version; repair it first" ;;
  esac
}

compare_values() {
  for value in $critical; do
    key=${value%%|*} value=${value#*|}
    ours=${value%%|*} value=${value#*|}
    is=$(their "$key" "${value%%|*}")
    case $is in *,*) written="[$(printf '%s' "$is" | sed 's/, */, /g')]" ;; *) written=$is ;; esac
    [ "$is" = "$ours" ] || problem "$key is ${is:-not set} here and would become ${ours:-unset}; set ${value#*|}: $written"
    [ "$key" != node-ip ] || our_ip=${ours%%,*}
  done
  is=$(their data-dir "$data_dir")
  [ "$is" = "$data_dir" ] ||
    problem "its data-dir is $is, and Groundwork's k3s has $data_dir; stop it, move the directory there, take the setting out, and start it again"
}

compare_data() {
  if [ -n "$(their datastore-endpoint)" ]; then
    problem "its data are in an external datastore (datastore-endpoint), and k3s does not bring them into etcd; leave that cluster as it is, or move its workloads to a new one"
  elif [ -d "$data_dir/server/db/etcd" ]; then
    peers_here=$(sed -n 's/^listen-peer-urls: *//p' "$data_dir/server/db/etcd/config" 2>/dev/null || true) # no such file: etcd is asked nothing
    [ -n "${our_ip:-}" ] || return 0
    case $peers_here in
      '' | *"://$our_ip:"* | *"://[$our_ip]:"*) ;;
      *) problem "etcd knows this server by another address than $our_ip ($peers_here); set nodes[].internalIp to that one" ;;
    esac
  elif [ ! -s "$data_dir/server/db/state.db" ]; then
    problem "no data of a cluster are in $data_dir/server/db, neither of SQLite nor of etcd; this is no server that could be taken over"
  elif [ "$starts_cluster" = no ]; then
    problem "it is a cluster of its own with its data in SQLite, and cannot join another one; put $node first in 'nodes' to take that cluster over, or uninstall its k3s"
  fi
}

# The tokens are here in the first step only; what they prove does not change after it.
compare_cluster() {
  [ -n "${server_token:-}${agent_token:-}" ] || return 0
  if [ "$role" = server ]; then
    compare_token k3s.token "$server_token" "$data_dir/server/token"
    compare_token k3s.agentToken "$agent_token" "$data_dir/server/agent-token"
  fi
  case ${server_token:-$agent_token} in
    K10*::*)
      pin=${server_token:-$agent_token}
      pin=${pin#K10}
      has_ca "${pin%%::*}" ||
        problem "it belongs to another cluster than this stack's (another certificate authority); take the node out of 'nodes', or uninstall its k3s"
      ;;
  esac
}
compare_token() {
  [ ! -s "$3" ] || [ "$(token_word "$(head -n 1 "$3")")" != "$(token_word "$2")" ] || return 0
  problem "$1 is not the one of the cluster that is here; set it to what follows the last ':' in $3, if this is the cluster that is meant"
}
# What is kept, and etcd's own copy of what was in SQLite.
compare_space() {
  need_mib=256
  for path in "$their_binary" "$data_dir"/server/db/state.db* "$data_dir"/server/db/state.db* "$data_dir/server/db/etcd/member/snap/db"; do
    [ ! -f "$path" ] || need_mib=$((need_mib + $(stat -Lc %s "$path") / 1048576 + 1))
  done
  for path in /var/lib "$data_dir"; do
    free_mib=$(df -Pm "$path" | awk 'NR == 2 { print $4 }')
    [ "$free_mib" -ge "$need_mib" ] ||
      { problem "only $free_mib MiB are free on $path, and keeping what is here needs $need_mib; make room there"; return 0; }
  done
}
