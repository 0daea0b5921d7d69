#!/bin/sh
# Groundwork: the join token of s1
set -eu
umask 022
project='groundwork'
stack='test'
node='s1'
role='server'
server_token='SERVER-TOKEN'
agent_token='AGENT-TOKEN'
join=''

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

# Kubernetes as a server sees it. What decides something is asked by `ask`, so that an API that does not answer is an error and
# never an empty list.

kubeconfig=/etc/rancher/k3s/k3s.yaml
api=''    # another server's API, when this host's own is not the one to ask

# Its cache lies where uninstall finds it, and not in root's home.
kube() { k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$kubeconfig" --request-timeout=20s ${api:+--server="$api"} "$@"; }

api_answers() { kube get --raw /readyz >/dev/null 2>&1; }

# A change in the cluster that has to succeed.
must_kube() { kube "$@" >/dev/null || fail "$node: 'kubectl $1 $2' failed while $doing; see the line above, and run up again"; }

# What k3s still has to restart for, over runs that were cut off.

pending=$state_dir/restart-pending   # something that an earlier run changed
new_tokens=$state_dir/new-tokens     # tokens in their files, `server`, `agent` or both, that k3s does not know yet

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  [ -e "$pending" ] || : >"$pending" || cannot_write "$pending"
}

# must_take_up WORD: as above, for a token.
must_take_up() {
  known_words=$(cat "$new_tokens" 2>/dev/null || true) # none yet
  has_word "$1" "$known_words" || printf '%s\n' "${known_words:+$known_words }$1" | write_file "$new_tokens" 600
  must_restart
}

# k3s writes its password file anew from etcd's data and its settings. One that an earlier start left half-way, with another token,
# would keep it from starting: "newer than datastore and could cause a cluster outage. Remove the file(s)".
forget_passwords() {
  [ ! -e "$new_tokens" ] || rm -f "$data_dir/server/cred/passwd" || cannot_write "$data_dir/server/cred/passwd"
}

# A copy of etcd's data before something that cannot be undone, and the token that opens it; for root only.

snapshots=$state_dir/snapshots   # not what uninstall deletes

make_snapshots_directory() {
  { mkdir -p "$snapshots" && chmod 700 "$snapshots"; } || cannot_write "$snapshots"
}

# save_snapshot NAME: sets saved, the path of the copy. Its own token lies beside it.
save_snapshot() {
  need_scratch
  make_snapshots_directory
  if systemctl is-active -q k3s; then
    # k3s ends with 0 also where it could not write the file, so only the file counts.
    k3s etcd-snapshot save --name "$1" --etcd-snapshot-dir "$snapshots" >"$scratch/snapshot" 2>&1 || tail -n 5 "$scratch/snapshot" >&2
    saved=$(find "$snapshots" -maxdepth 1 -type f -name "$1*" -size +0 | head -n 1)
  else
    say "k3s does not run: copying etcd's data as it lies"
    saved=$snapshots/$1
    cp "$data_dir/server/db/etcd/member/snap/db" "$saved" || saved=''
  fi
  [ -n "$saved" ] || { rm -f "${fresh:-}" || true; fail "$node: no snapshot of etcd could be saved in $snapshots ($(df -Pm "$snapshots" | awk 'NR == 2 { print $4 }') MiB are free there); see the lines above and 'journalctl -u k3s'. k3s was not changed"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$saved.token" 600 <"$data_dir/server/token"
  { chmod 600 "$saved" && flush "$saved"; } || cannot_write "$saved"
  say "saved $saved"
}

# forget_old_snapshots KIND: the five newest stay.
forget_old_snapshots() {
  find "$snapshots" -maxdepth 1 -type f -name "$1-*" ! -name '*.token' | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$old" "$old.token" || exit 1
  done || warn "$node: old snapshots in $snapshots could not be removed"
}

# k3s's own way to another token (`PUT /v1-k3s/token`, k3s-io/k3s pkg/server/handlers/token.go). Its command takes the new one only as
# an argument, which everybody on the host can read.

# put_token NEW CURRENT: k3s seals its secrets in etcd with NEW from now on, its passwords as they lie on this host among them. CURRENT
# is the token that the running k3s lets servers in with. With the same one twice, only the passwords are sealed anew.
put_token() {
  need_scratch
  # Without a token in it, k3s would make one up.
  { put_new=$(printf %s "$1" | json_text) && put_current=$(printf %s "$2" | json_text) && [ -n "$put_new" ] && [ -n "$put_current" ]; } ||
    fail "$node: the token cannot be put into JSON; nothing was changed"
  # In memory, and at a place that the next run clears when this one is killed.
  put_dir=/run/groundwork/token
  { rm -rf "$put_dir" && mkdir -p "$put_dir" && chmod 700 "$put_dir"; } || fail "$node: $put_dir cannot be made; see the line above"
  {
    printf '{"apiVersion":"v1","kind":"Config","current-context":"k3s","contexts":[{"name":"k3s","context":{"cluster":"k3s","user":"server"}}],'
    printf '"clusters":[{"name":"k3s","cluster":{"server":"https://127.0.0.1:6443","certificate-authority":"%s"}}],' "$data_dir/server/tls/server-ca.crt"
    printf '"users":[{"name":"server","user":{"username":"server","password":"%s"}}]}\n' "$put_current"
  } >"$put_dir/server" || cannot_write "$put_dir/server"
  printf '{"newToken":"%s"}\n' "$put_new" >"$put_dir/new" || cannot_write "$put_dir/new"
  put_done=no
  ! k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$put_dir/server" --request-timeout=60s replace --raw /v1-k3s/token -f "$put_dir/new" >"$scratch/put" 2>&1 || put_done=yes
  rm -rf "$put_dir" || fail "$node: $put_dir cannot be removed; see the line above, and remove it"
  [ "$put_done" = yes ]
}
json_text() { sed 's/[\\"]/\\&/g'; }

# Another server token on a living cluster. The first server has k3s seal etcd's data with it; only then do the files on the servers get
# it, and they restart one after another. Nothing of it is undone: a run that was cut off is finished by the next.

begun=$state_dir/rotating   # the token before, and each one that a rotation was begun to; while it is there, no token is sure
servers='' sealed='' put_why=''

# A server with data has known its tokens since its start, and etcd's data is sealed with the servers'.
change_tokens() {
  wanted=$(token_word "$server_token")
  read_token /etc/rancher/k3s/token
  [ -n "$token_read" ] || read_token "$data_dir/server/token"
  token_before=$token_read
  if [ -s "$begun" ] || { [ -n "$token_before" ] && [ "$token_before" != "$wanted" ]; }; then
    if [ -z "$join" ]; then
      rotate "$token_before" "$wanted"
    else
      check_rotated "$wanted"
      keep_old_token "$token_before"
    fi
    must_take_up server
  fi
  read_token /etc/rancher/k3s/agent-token
  [ -z "$token_read" ] || [ "$token_read" = "$(token_word "$agent_token")" ] || must_take_up agent
}

# Sets token_read to the password in a file, empty where there is no file.
read_token() {
  token_read=''
  [ -e "$1" ] || return 0
  token_read=$(head -n 1 "$1") || fail "$node: $1 cannot be read; see the line above"
  token_read=$(token_word "$token_read")
}

# rotate OLD NEW: on the first server.
rotate() {
  doing='rotating the server token'
  if [ -s "$begun" ]; then
    say 'a rotation of the server token was cut off: going on with it'
    tokens_begun=$(cat "$begun") || fail "$node: $begun cannot be read; see the line above"
    printf '%s\n%s\n' "$tokens_begun" "$2" | awk '!seen[$0]++' | write_file "$begun" 600
    await 65 "the API on $node" api_answers || revive
  else
    prepare_rotation "$1" "$2"
  fi
  settle "$2" || fail "$node: k3s does not take the new token: $(printf %s "$put_why" | cut -c 1-300); 'journalctl -u k3s' tells more. It runs on with the one before. Mend the cause and run up again"
  [ "$(token_word "$(head -n 1 "$data_dir/server/token")")" = "$2" ] ||
    fail "$node: k3s took the new token, and $data_dir/server/token does not have it; see 'journalctl -u k3s', and run up again"
  must_kube annotate namespace kube-system groundwork/token="$(token_mark "$2")" --overwrite
  while IFS= read -r known <&7; do
    [ "$known" = "$2" ] || keep_old_token "$known"
  done 7<"$begun"
}
# Once the file has the new token.
end_rotation() { rm -f "$begun" || cannot_write "$begun"; }

# Whatever keeps a server from starting with the new token is to be known before there is one.
prepare_rotation() {
  await 65 "the API on $node" api_answers ||
    fail "$node: k3s.token changed, and k3s does not answer here; nothing was changed. Set k3s.token back to the one before, run up until all is well, and change it then"
  ask servers kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}{"\n"}{end}'
  unwell=$(printf '%s\n' "$servers" | awk -F '|' 'NF && ($2 != "True" || $3 != "True") { printf "%s ", $1 }')
  [ -z "$unwell" ] ||
    fail "$node: k3s.token changed, and these servers are not Ready voters of etcd: ${unwell% }; nothing was changed. Bring them back, or remove them with k3s.token as it was, and run up again"
  say 'saving a snapshot of etcd before the server token changes'
  save_snapshot "rotation-$(date -u +%Y%m%d%H%M%S)"
  forget_old_snapshots rotation
  printf '%s\n%s\n' "$1" "$2" | write_file "$begun" 600
}

# settle NEW: what a rotation that was cut off left may be sealed with any of the tokens begun; from the right one, k3s goes to every
# other. A k3s that does not take the new one is left with one that it can start with.
settle() {
  ! put_as_known "$1" || return 0
  while IFS= read -r known <&7; do
    if [ "$known" != "$1" ] && put_as_known "$known"; then
      ! put_as_known "$1" || return 0
      put_why=$(tail -n 1 "$scratch/put")
      put_as_known "$known" || true # told below
      return 1
    fi
  done 7<"$begun"
  put_why=$(tail -n 1 "$scratch/put")
  return 1
}
# The running k3s lets in whom it let in when it started.
put_as_known() {
  while IFS= read -r current <&6; do
    ! put_token "$1" "$current" || return 0
    grep -qi 'unauthorized\|not authorized' "$scratch/put" || return 1
  done 6<"$begun"
  return 1
}

# k3s went down in the midst of a rotation. Which of the tokens begun opens etcd's data is only told by a start.
revive() {
  must_take_up server
  while IFS= read -r known <&7; do
    say 'k3s does not run: trying one of the tokens of the rotation'
    printf '%s\n' "$known" | write_file /etc/rancher/k3s/token 600
    forget_passwords
    systemctl reset-failed k3s 2>/dev/null || true # there may be nothing to reset
    systemctl restart --no-block k3s || fail "$node: k3s cannot be started; see the line above"
    ! await 180 "k3s on $node" is_back || return 0
  done 7<"$begun"
  fail "$node: k3s starts with none of the tokens of the rotation that was cut off; see 'journalctl -u k3s'. The snapshot before it is in $snapshots"
}
is_back() {
  ! api_answers || return 0
  restarts=$(systemctl show -p NRestarts k3s) || return 1
  [ "${restarts#*=}" -lt 3 ] || await_over=yes
  return 1
}

# On any other server: its token changes only when the first one has rotated it. It asks there, for its own k3s may not start for want of it.
check_rotated() {
  api=https://$join
  ask sealed kube get namespace kube-system -o jsonpath='{.metadata.annotations.groundwork/token}'
  [ "$sealed" = "$(token_mark "$1")" ] ||
    fail "$node: k3s.token differs from the token that this cluster has, and the first server has not rotated it; nothing was changed here. Run up without --target, so that the first server does it; if that one was rebuilt just now, set k3s.token back to the one before for this run"
}

# Enough to tell two tokens apart, and too little to find one by.
token_mark() { printf %s "$1" | sha256sum | cut -c 1-4; }

# k3s's own snapshots of before need the token before.
keep_old_token() {
  make_snapshots_directory
  printf '%s\n' "$1" | write_file "$snapshots/replaced-$(date -u +%Y%m%d%H%M%S)-$(token_mark "$1").token" 600
}

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
