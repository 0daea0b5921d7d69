# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# One run at a time works on a node.

lock_wait=${lock_wait:-600}   # seconds; longer than a start of k3s may take

# A run that was cancelled goes on on the host, so the next one waits for it: two at once would undo each other.
lock_node() {
  mkdir -p /run/groundwork || fail "$node: /run/groundwork cannot be made; see the line above"
  lock_file=/run/groundwork/$node.lock
  exec 8>>"$lock_file" || fail "$node: $lock_file cannot be opened; see the line above"
  await "$lock_wait" "another run on $node ($(lock_holder))" flock -n 8 ||
    fail "$node: another run still works on it after $lock_wait s ($(lock_holder)); wait for it, or end that process on the host"
  # What this run starts in the background (a drain) keeps the lock until it ends.
  printf '%s\n' "process $$, $1, since $(date '+%H:%M:%S')" >"$lock_file" || fail "$node: $lock_file cannot be written; make room on /run"
  [ "${restoring:-no}" = yes ] || [ ! -e "$state_dir/restore/state" ] ||
    fail "$node: a restore was begun on this host and is not finished ($state_dir/restore/state says which); nothing was changed. Finish it with 'groundwork snapshot restore', or take it back with 'groundwork snapshot restore --undo'"
}
lock_holder() { [ -s "$lock_file" ] && head -n 1 "$lock_file" || printf 'it does not say which'; }
