#!/bin/sh
# Groundwork: the join token of a1
set -eu
umask 022
project='groundwork'
stack='test'
node='a1'
role='agent'
server_token=''
agent_token='AGENT-TOKEN'

# What every script says, how it asks, how it waits, and how it ends.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  told=yes
  exit 1
}

# A command that fails where no failure was expected must not end the run without a word.
doing='starting'
told=no
scratch=''   # a directory of this run's own, for what must not be seen by others
on_exit() {
  code=$?
  [ -z "$scratch" ] || rm -rf "$scratch" 2>/dev/null || true # what it was for is done
  [ -z "${cluster_lock:-}" ] || release_cluster_lock
  [ "$code" -eq 0 ] || [ "$told" = yes ] || printf 'error: %s: stopped while %s (exit code %s); see the line above, mend what it names, and run up again\n' "$node" "$doing" "$code" >&2
}
trap on_exit EXIT

need_scratch() {
  [ -n "$scratch" ] || scratch=$(mktemp -d /tmp/groundwork.XXXXXX) || fail "$node: /tmp cannot be written; make room there, or mount it writable"
}

# ask NAME COMMAND…: the answer in the variable NAME. A question that fails ends the run: it is never an empty answer.
ask() {
  ask_name=$1
  shift
  need_scratch
  ask_tries=0
  # shellcheck disable=SC2034 # read by eval
  until ask_answer=$("$@" 2>"$scratch/why"); do
    ask_tries=$((ask_tries + 1))
    [ "$ask_tries" -lt 4 ] || fail "$node: no answer while $doing: $(tail -n 1 "$scratch/why" | cut -c 1-300); nothing was decided on it. Mend the cause and run up again"
    sleep "$ask_tries"
  done
  eval "$ask_name=\$ask_answer"
}

# Seconds since the machine started: a clock that is set while we wait does not change how long we wait.
read_uptime() {
  read -r uptime _ </proc/uptime
  uptime=${uptime%%.*}
}

# await SECONDS WHAT COMMAND…: asks again and again until the command succeeds; says every ten seconds what it waits for. The
# command can end the waiting by setting await_over=yes. In it a failure means "not yet", so it must only ask and change nothing.
await() {
  await_limit=$1
  await_what=$2
  shift 2
  await_over=no
  read_uptime
  await_begin=$uptime
  await_next=10
  until "$@"; do
    read_uptime
    await_spent=$((uptime - await_begin))
    [ "$await_over" = no ] && [ "$await_spent" -lt "$await_limit" ] || return 1
    if [ "$await_spent" -ge "$await_next" ]; then
      say "waiting for $await_what ($await_spent of $await_limit s)"
      await_next=$((await_spent / 10 * 10 + 10))
    fi
    sleep 1
  done
}

# has_word WORD LIST: whether a list separated by spaces has the word.
has_word() {
  case " $2 " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

# host:port as URLs want it: brackets around an IPv6 address.
url_host() {
  case $1 in
    *:*) printf '[%s]' "$1" ;;
    *) printf %s "$1" ;;
  esac
}

# Whose host this is. Each script asks before it touches anything, and the answer is a file on the host.

state_dir=/var/lib/groundwork
mark=$state_dir/owner
data_dir=/var/lib/rancher/k3s

# Sets mark_project, mark_stack, mark_node and mark_cluster, all empty where there is no mark.
read_mark() {
  mark_project='' mark_stack='' mark_node='' mark_cluster=''
  [ -e "$mark" ] || return 0
  while IFS='=' read -r mark_key mark_value; do
    case $mark_key in
      project) mark_project=$mark_value ;;
      stack) mark_stack=$mark_value ;;
      node) mark_node=$mark_value ;;
      cluster) mark_cluster=$mark_value ;;
    esac
  done <"$mark" || fail "$node: $mark cannot be read; see the line above"
  case "$mark_project|$mark_stack|$mark_node" in
    '|'* | *'||'* | *'|') bad_mark ;;
  esac
}
bad_mark() {
  fail "$node: $mark does not say whose host this is; write 'project=$project', 'stack=$stack' and 'node=NAME' into it, a line each, if the host is this stack's"
}

is_marked() { [ -n "$mark_node" ]; }

# check_mark NAME: a marked host is this stack's, and the node NAME.
check_mark() {
  if [ "$mark_project" != "$project" ] || [ "$mark_stack" != "$stack" ]; then
    fail "$node: this host belongs to node $mark_node of stack $mark_stack (project $mark_project); nothing was touched. Remove it there first. If the stack was only renamed, correct $mark on the host"
  fi
  [ "$mark_node" = "$1" ] ||
    fail "$node: this host is node $mark_node of this stack, not $1; nothing was touched. A node is not renamed in place: take $mark_node out of 'nodes', run up, then add $1"
  here=$(cluster_here)
  [ -z "$mark_cluster" ] || [ -z "$here" ] || [ "$mark_cluster" = "$here" ] ||
    fail "$node: the k3s on this host is of another cluster than Groundwork made here; nothing was touched. If that is meant, remove the line 'cluster=' from $mark on the host"
}

# write_mark NAME: with the cluster's CA, once there is one.
write_mark() {
  cluster=$(cluster_here)
  write_file "$mark" 644 <<MARK
project=$project
stack=$stack
node=$1${cluster:+
cluster=$cluster}
MARK
}

# The SHA-256 of the cluster's server CA as this host has it; k3s's own tokens carry the same.
cluster_here() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ ! -s "$ca" ] || { sha256sum <"$ca" | cut -d ' ' -f 1; return; }
  done
}

# A unit that Groundwork wrote, of either role.
is_ours() { grep -qs '(by Groundwork)' /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service; }

# What shows that somebody else's k3s is here; empty when there is none.
foreign_k3s() {
  for unit_file in /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /usr/lib/systemd/system/k3s.service \
    /usr/lib/systemd/system/k3s-agent.service /lib/systemd/system/k3s.service /lib/systemd/system/k3s-agent.service; do
    [ ! -e "$unit_file" ] || grep -q '(by Groundwork)' "$unit_file" || { printf %s "$unit_file"; return; }
  done
  is_marked || is_ours || for path in "$data_dir/server" "$data_dir/agent" /etc/rancher/k3s/config.yaml; do
    [ ! -e "$path" ] || { printf %s "$path"; return; }
  done
}

# claim_host: this host is, or becomes, the node of this script. Refuses before anything is touched.
claim_host() {
  read_mark
  if is_marked; then check_mark "$node"; fi
  foreign=$(foreign_k3s)
  [ -z "$foreign" ] ||
    fail "$node: this host has a k3s that Groundwork did not install ($foreign); nothing was touched. Move its workloads away and uninstall it (k3s-uninstall.sh or k3s-agent-uninstall.sh), then run up again"
  is_marked || ! is_ours || prove_ours
  [ -d "$state_dir" ] || mkdir -p "$state_dir" || fail "$node: $state_dir cannot be made; see the line above"
  if ! is_marked || [ -z "$mark_cluster" ]; then write_mark "$node"; fi
  read_mark
}

# A host of before there were marks: only the stack that knows its token may have it.
prove_ours() {
  [ -n "${server_token:-}${agent_token:-}" ] ||
    fail "$node: this host has no mark yet, and only $node-token can make it; run up without --target, or with --target '**::$node-token' as well"
  [ "$(token_word "$(head -n 1 /etc/rancher/k3s/token 2>/dev/null)")" = "$(token_word "${server_token:-$agent_token}")" ] ||
    fail "$node: the k3s on this host is of a cluster with another join token than this stack's; nothing was touched. If the token was changed just now, change it back, run up once, and change it then"
}

# The password of a token: K10<hash>::<user>:<password>, or the password alone.
token_word() {
  case $1 in
    K10*::*:*)
      set -- "${1#*::}"
      printf %s "${1#*:}"
      ;;
    *) printf %s "$1" ;;
  esac
}

# Files appear whole or not at all, and "not at all" is an error.

# Every failure below is checked by hand, so that it is seen wherever the function is called from: `set -e` is off in conditions.
cannot_write() {
  rm -f "${temporary:-}" 2>/dev/null || true # the same disk refuses that too
  where=$(dirname "$1")
  while [ ! -d "$where" ]; do where=$(dirname "$where"); done
  room=$(df -Pk "$where" 2>/dev/null | awk 'NR == 2 { print $4 }')
  if [ "${room:-0}" -lt 1024 ]; then
    fail "$node: $1 cannot be written: ${room:-0} KiB are free on $where, at least 1024 are needed; make room there and run up again. The file is as it was"
  fi
  fail "$node: $1 cannot be written, though $room KiB are free on $where; see the line above, and make the file system writable (mount -o remount,rw). The file is as it was"
}

flush() { sync "$1"; }

# stage PATH MODE: standard input, whole, in a file beside PATH ($temporary); sets `differs` to yes or no.
stage() {
  path=$1
  mode=$2
  directory=$(dirname "$path")
  temporary=''
  [ -d "$directory" ] || mkdir -p "$directory" || cannot_write "$path"
  temporary=$(mktemp "$directory/.groundwork.XXXXXX") || cannot_write "$path"
  { cat >"$temporary" && chmod "$mode" "$temporary"; } || cannot_write "$path"
  differs=yes
  ! cmp -s "$temporary" "$path" || differs=no
}

# commit: what was staged takes its place. A file that differs only in its mode gets the mode.
commit() {
  if [ "$differs" = yes ]; then
    { flush "$temporary" && mv -f "$temporary" "$path"; } || cannot_write "$path"
    return 0
  fi
  rm -f "$temporary"
  [ "$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path" || cannot_write "$path"
}

# write_file PATH MODE: the file is as standard input says.
write_file() {
  stage "$1" "$2"
  commit
}

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
}
lock_holder() { [ -s "$lock_file" ] && head -n 1 "$lock_file" || printf 'it does not say which'; }

# The join token in root-only files, where k3s reads it when it starts. The first thing that a host hears of Groundwork.

token() {
  doing='writing the join token'
  lock_node token
  claim_host
  if [ "$role" = server ]; then
    [ ! -d "$data_dir/server/db" ] || change_tokens
    printf '%s\n' "$server_token" | write_file /etc/rancher/k3s/token 600
    printf '%s\n' "$agent_token" | write_file /etc/rancher/k3s/agent-token 600
    end_rotation
  else
    # A member needs none: servers know it by its certificate. It reads another one when it starts the next time.
    printf '%s\n' "$agent_token" | write_file /etc/rancher/k3s/token 600
  fi
  say "the join token is on $node"
}

main() {
  case ${1:-} in
    token) token ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
