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
  [ "$healthy" = yes ] || start_with_pin_of_then
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s-agent does not come back${reason:+: $reason}; see 'journalctl -u k3s-agent'. The servers are restored; mend it, and run up"; }
  say "$node follows"
}

# A snapshot of before a rotation brings the authorities of before, which the mark knows, and the token is pinned to those after it.
start_with_pin_of_then() {
  served=$(journal_of_start | sed -n 's/.*token CA hash does not match.*!= \([0-9a-f]\{64\}\).*/\1/p' | head -n 1)
  [ -n "$served" ] || return 0
  case " $mark_cluster " in *":$served "*) ;; *) return 0 ;; esac
  say 'the certificate authorities are those of the snapshot: pinning the token to them'
  ca_pin=$served
  pin_file /etc/rancher/k3s/token
  start_k3s
}
