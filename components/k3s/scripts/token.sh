# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The join token in root-only files, where k3s reads it when it starts. The first thing that a host hears of Groundwork.

token() {
  doing='writing the join token'
  lock_node token
  claim_host
  [ -z "$mark_adopting" ] || keep_their_tokens
  if [ "$role" = server ]; then
    [ -z "${window_zone:-}" ] || [ -n "$join" ] || [ -s "${begun:-}" ] || [ ! -d "$data_dir/server/db" ] || check_window_for_tokens
    # Those of a k3s that is taken over were compared with what it has (compare.sh).
    [ -n "$mark_adopting" ] || [ ! -d "$data_dir/server/db" ] || change_tokens
    pin "$server_token"
    printf '%s\n' "$pinned" | write_file /etc/rancher/k3s/token 600
    pin "$agent_token"
    printf '%s\n' "$pinned" | write_file /etc/rancher/k3s/agent-token 600
    end_rotation
  else
    # A member needs none: servers know it by its certificate. It reads another one when it starts the next time.
    pin "$agent_token"
    printf '%s\n' "$pinned" | write_file /etc/rancher/k3s/token 600
  fi
  keep_secret_files
  prepare_upload
  say "the join token is on $node"
}

# pin TOKEN: sets pinned to it, pinned to the authority that this host has, where the mark says what that is. What the stack knows is
# older after a rotation, and k3s does not start with it.
pin() {
  pinned=$1
  case $1 in K10*::*) ;; *) return 0 ;; esac
  here=$(cluster_here)
  for known_authority in $mark_cluster; do
    case $known_authority in "${here:-none}":*) pinned=K10${known_authority#*:}::${1#*::} ;; esac
  done
}
