# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What all servers of a cluster have to take up, one after another: the gates, and k3s's own command.

asked_why=''

# begin_turn WHAT: on a server of this stack, and nothing else works on it.
begin_turn() {
  check_server
  lock_wait=120
  lock_node "$1"
}

check_server() {
  check_operator
  [ "$has_cluster" = yes ] || fail "$node: there is no cluster on it yet; run up first"
}

check_servers_well() {
  ask_servers
  unwell=$(printf '%s\n' "$servers" | awk -F '|' 'NF && ($2 != "True" || $3 != "True") { printf "%s ", $1 }')
  [ -z "$unwell" ] || fail "$node: these servers are not Ready voters of etcd: ${unwell% }; nothing was changed. Bring them back first"
}

# ask_k3s WORDS: a command of k3s's. Where it fails, asked_why is k3s's reason: its server has it in the journal, under an id that the
# command prints (k3s-io/k3s pkg/util/apierrors.go, SendErrorWithID).
ask_k3s() {
  need_scratch
  since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
  ! k3s "$@" >"$scratch/asked" 2>&1 || return 0
  asked_id=$(sed -n 's/.*error ID \([0-9]*\).*/\1/p' "$scratch/asked" | head -n 1)
  asked_why=''
  [ -z "$asked_id" ] || asked_why=$(journalctl -q -o cat -u k3s --since "$since" 2>/dev/null | sed -n "s/.*error ID $asked_id: \([^\"]*\).*/\1/p" | head -n 1)
  asked_why=${asked_why:-$(tail -n 1 "$scratch/asked" | cut -c 1-300)}
  return 1
}

# restart_in_turn WHAT CHECK: k3s restarts on this server while the others are well, and CHECK succeeds when it is back with WHAT.
restart_in_turn() {
  ask_ready
  claim_turn_of_server
  say "restarting k3s on $node"
  start_k3s
  [ "$healthy" = yes ] || { show_journal; fail "$node: k3s does not start with $1${reason:+: $reason}; see 'journalctl -u k3s', mend the cause, and run this again. No other server was restarted"; }
  api=''
  await_back "$1" "$2"
}
await_back() {
  await "$ready_timeout" "$node to be a Ready voter with $1" "$2" ||
    fail "$node: not a Ready voter with $1 after $ready_timeout s; see 'journalctl -u k3s' there, and run this again. No other server was restarted"
}
