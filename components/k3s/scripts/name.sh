# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Whether a machine that is new may have its name, and at its address.

how_to_replace="If the machine that had the name is gone for good, set lost: true on the node, run up, take lost out again, and run up; if it lives, take the node out of 'nodes', run up, and add it with this machine's address"

# What the state of the stack says was done on this host is not on it: it was installed anew, or another machine took its address.
check_token_is_here() {
  [ "$fresh_host" = no ] || [ -s /etc/rancher/k3s/token ] ||
    fail "$node: this host is empty, but $node was made before, and has no join token here; nothing was changed. $how_to_replace"
}

# A server that joins under the name of a member waits in vain: k3s says "duplicate node name found" again and again (pkg/etcd/etcd.go, join). Asked as
# k3s itself asks when it joins; where that fails, it is left to k3s.
check_name_is_free() {
  members_at=$through
  [ "$role" = server ] && [ -n "$members_at" ] || return 0
  doing="asking $members_at for the members of etcd"
  read_members || { warn "$node: the server at $members_at does not tell its members; whether the name $node is free, k3s finds out"; return 0; }
  doing='starting k3s'
  ! printf '%s\n' "$member_names" | grep -qxF "$node" ||
    fail "$node: the cluster has a server $node already, a member of etcd, and this host is another, empty one; k3s was not started. $how_to_replace"
}

# Sets member_names: the nodes of etcd's members, which are named <node>-<8 hex digits>.
read_members() {
  # In memory, and at a place that the next run clears when this one is killed.
  members_dir=/run/groundwork/members
  { rm -rf "$members_dir" && mkdir -p "$members_dir" && chmod 700 "$members_dir"; } || return 1
  members_known=no
  ! fetch_members || members_known=yes
  rm -rf "$members_dir" || return 1
  [ "$members_known" = yes ] || return 1
  member_names=$(printf '%s\n' "$members_json" | tr ',' '\n' | tr '{' '\n' | sed -n 's/^"name":"\(.*\)-[0-9a-f]\{8\}"}*$/\1/p')
}
fetch_members() {
  members_token=$(head -n 1 /etc/rancher/k3s/token) || return 1
  # A token that is none: without any, kubectl asks for a user's name.
  k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig /dev/null --token=none --server="https://$members_at" --insecure-skip-tls-verify --request-timeout=10s get --raw /cacerts >"$members_dir/ca" 2>/dev/null || return 1
  # The token is shown to the cluster only whose CA it names (docs.k3s.io/cli/token).
  case $members_token in K10*::*) trust_pinned "${members_token%%::*}" || return 1 ;; esac
  members_password=$(token_word "$members_token" | sed 's/[\\"]/\\&/g') && [ -n "$members_password" ] || return 1
  {
    printf '{"apiVersion":"v1","kind":"Config","current-context":"k3s","contexts":[{"name":"k3s","context":{"cluster":"k3s","user":"server"}}],'
    printf '"clusters":[{"name":"k3s","cluster":{"server":"https://%s","certificate-authority":"%s"}}],' "$members_at" "$members_dir/ca"
    printf '"users":[{"name":"server","user":{"username":"server","password":"%s"}}]}\n' "$members_password"
  } >"$members_dir/server" || return 1
  members_json=$(k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$members_dir/server" --request-timeout=20s get --raw /db/info 2>/dev/null)
}

# trust_pinned K10HASH: of what the server showed, only what the token pins is trusted: the file, or of a bundle the root
# (pkg/clientaccess/token.go, hashCA), which anybody could put beside one of his own.
trust_pinned() {
  [ "K10$(sha256sum <"$members_dir/ca" | cut -d ' ' -f 1)" != "$1" ] || return 0
  awk -v base="$members_dir/ca" '/BEGIN CERTIFICATE/ { count++ } count { print >(base "." count) }' "$members_dir/ca" || return 1
  for one in "$members_dir"/ca.*; do
    [ "K10$(sed '/-----/d' "$one" | base64 -d | sha256sum | cut -d ' ' -f 1)" = "$1" ] || continue
    mv -f "$one" "$members_dir/ca"
    return
  done
  return 1
}
