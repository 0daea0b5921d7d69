# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Takes over a k3s that somebody else installed. The first step compares, and marks the host as being taken over; the second keeps what
# is there, puts ours in its place, and starts it (takeOver.sh). Until that has worked, $mark_adopting is in the mark, and has:
#   tokens/   the join tokens as they were      files/  everything else that is replaced, at its own path
#   service, version   their unit, their k3s    data/   state.db as it was when their k3s had stopped
#   begun     from here on the host's files may be half theirs and half ours

# Refuses before anything is touched. What has begun is not compared again: it would be compared with itself.
adopt_host() {
  if [ -n "$mark_adopting" ] && [ -e "$mark_adopting/begun" ]; then
    read -r their_service <"$mark_adopting/service" || fail "$node: $mark_adopting/service cannot be read; see the line above"
    return 0
  fi
  read_foreign
  compare_foreign
  [ "$problems" -eq 0 ] || fail "$node: the k3s that is on this host cannot be taken over: $problems of the things that must be right are not; nothing was touched"
  [ -z "$mark_adopting" ] || return 0
  [ -n "${server_token:-}${agent_token:-}" ] ||
    fail "$node: only $node-token can begin to take over the k3s on this host; run up without --target, or with --target '**::$node-token' as well"
  mark_adopting=$state_dir/adopted-$(date -u +%Y%m%dT%H%M%SZ)
  write_mark "$node"
}

# Before ours are written.
keep_their_tokens() {
  [ ! -d "$mark_adopting/tokens" ] || return 0
  begin_copy tokens
  for path in /etc/rancher/k3s/token /etc/rancher/k3s/agent-token; do copy_there "$path"; done
  end_copy tokens
}

begin_copy() {
  { mkdir -p "$mark_adopting" && chmod 700 "$mark_adopting" && rm -rf "${mark_adopting:?}/$1.new" && mkdir "$mark_adopting/$1.new"; } || cannot_write "$mark_adopting/$1"
  copying=$mark_adopting/$1.new
}
copy_there() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  { mkdir -p "$copying$(dirname "$1")" && cp -a "$1" "$copying$1"; } || cannot_keep "$1"
}
end_copy() { { rm -rf "${mark_adopting:?}/$1" && sync && mv "$copying" "$mark_adopting/$1"; } || cannot_keep "$1"; }
cannot_keep() {
  rm -rf "$copying" 2>/dev/null || true # the same disk refuses that too
  fail "$node: $1 cannot be kept in $mark_adopting; see the line above, make room there, and run up again. It is as it was"
}
