# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Agents after a restore.

service=k3s-agent
fresh_host=yes   # it may have to try again: it waits for a server

# restart_agent: what the agent has seen of the API is newer than what was restored, and it would wait for the rest. Pods go on.
restart_agent() {
  doing='restarting the agent'
  read_mark
  is_marked || fail "$node: this host has no mark of Groundwork's; run up first"
  check_mark "$node"
  lock_node restore
  start_k3s
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s-agent does not come back${reason:+: $reason}; see 'journalctl -u k3s-agent'. The servers are restored; mend it, and run up"; }
  say "$node follows"
}
