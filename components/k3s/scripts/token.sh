# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# The join token in root-only files, where k3s reads it when it starts. The first thing that a host hears of Groundwork.

token() {
  doing='writing the join token'
  lock_node token
  claim_host
  [ -z "$mark_adopting" ] || keep_their_tokens
  if [ "$role" = server ]; then
    keep_token token "$server_token" k3s.token
    keep_token agent-token "$agent_token" k3s.agentToken
    printf '%s\n' "$server_token" | write_file /etc/rancher/k3s/token 600
    printf '%s\n' "$agent_token" | write_file /etc/rancher/k3s/agent-token 600
  else
    printf '%s\n' "$agent_token" | write_file /etc/rancher/k3s/token 600
  fi
  say "the join token is on $node"
}

# keep_token FILE TOKEN SETTING: etcd's data is sealed with the servers' token, and servers know the agents' from their start. With
# another one in the file no server starts again, or no agent joins.
keep_token() {
  [ -z "$mark_adopting" ] || return 0 # compared with what their k3s has (compare.sh)
  [ -d "$data_dir/server/db" ] && [ -s "/etc/rancher/k3s/$1" ] || return 0
  token_before=$(head -n 1 "/etc/rancher/k3s/$1") || fail "$node: /etc/rancher/k3s/$1 cannot be read; see the line above"
  [ "$(token_word "$token_before")" = "$(token_word "$2")" ] ||
    fail "$node: $3 differs from the token that this cluster was made with, and k3s would not start again with it; nothing was changed. A living cluster's token is not rotated yet: set $3 back to the one before"
}
