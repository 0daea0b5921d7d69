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
adopt='yes'
k3s_version='v1.36.4+k3s1'
starts_cluster='yes'
critical='cluster-cidr|10.42.0.0/16|10.42.0.0/16|network.podCidr service-cidr|10.43.0.0/16|10.43.0.0/16|network.serviceCidr service-node-port-range|30000-32767|30000-32767|network.nodePortRange cluster-domain|cluster.local|cluster.local|dns.clusterDomain flannel-backend|vxlan|vxlan|network.flannelBackend secrets-encryption|true|false|k3s.secretsEncryption secrets-encryption-provider|aescbc|aescbc|k3s.server.secrets-encryption-provider disable-agent|false|false|k3s.server.disable-agent disable-apiserver|false|false|k3s.server.disable-apiserver disable-cloud-controller|false|false|k3s.server.disable-cloud-controller disable-controller-manager|false|false|k3s.server.disable-controller-manager disable-etcd|false|false|k3s.server.disable-etcd disable-helm-controller|false|false|k3s.server.disable-helm-controller disable-kube-proxy|false|false|k3s.server.disable-kube-proxy disable-network-policy|false|false|k3s.server.disable-network-policy disable-scheduler|false|false|k3s.server.disable-scheduler egress-selector-mode|agent|agent|k3s.server.egress-selector-mode embedded-registry|false|false|k3s.server.embedded-registry flannel-external-ip|false|false|k3s.server.flannel-external-ip flannel-ipv6-masq|false|false|k3s.server.flannel-ipv6-masq https-listen-port|6443|6443|k3s.server.https-listen-port cluster-dns|10.43.0.10|10.43.0.10|k3s.server.cluster-dns container-runtime-endpoint|||nodes[].k3s.container-runtime-endpoint docker|false|false|nodes[].k3s.docker rootless|false|false|nodes[].k3s.rootless snapshotter|overlayfs|overlayfs|nodes[].k3s.snapshotter node-ip|||nodes[].internalIp node-external-ip|||nodes[].externalIp flannel-iface|wg0|wg0|network.interface'

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

# What is wrong is said at once, all of it, before anything is changed.
problems=0
problem() {
  printf 'error: %s: %s\n' "$node" "$*" >&2
  problems=$((problems + 1))
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

# Sets mark_project, mark_stack, mark_node, mark_cluster and mark_adopting, all empty where there is no mark.
read_mark() {
  mark_project='' mark_stack='' mark_node='' mark_cluster='' mark_adopting=''
  [ -e "$mark" ] || return 0
  while IFS='=' read -r mark_key mark_value; do
    case $mark_key in
      project) mark_project=$mark_value ;;
      stack) mark_stack=$mark_value ;;
      node) mark_node=$mark_value ;;
      cluster) mark_cluster=$mark_value ;;
      adopting)
        # It is written into, and removed from.
        case $mark_value in "$state_dir"/adopted-*) mark_adopting=$mark_value ;; *) bad_mark ;; esac
        ;;
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

# write_mark NAME: with the cluster's CA, once there is one, and with where the k3s is kept that is being taken over.
write_mark() {
  cluster=$(cluster_here)
  write_file "$mark" 644 <<MARK
project=$project
stack=$stack
node=$1${cluster:+
cluster=$cluster}${mark_adopting:+
adopting=$mark_adopting}
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
  if [ -n "$foreign$mark_adopting" ]; then
    [ "${adopt:-no}" = yes ] ||
      fail "$node: this host has a k3s that Groundwork did not install (${foreign:-$mark_adopting}); nothing was touched. To keep it with its cluster, set adopt: true on the node. Otherwise move its workloads away and uninstall it (k3s-uninstall.sh or k3s-agent-uninstall.sh), then run up again"
    adopt_host
  fi
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

# What a k3s that somebody else installed was told by its unit, its environment and its files. Nothing here changes anything.

# Sets their_service, their_role, their_binary, their_reload, their_environment (paths, one a line), and their_settings
# (`key=value`, one a line). Says a problem, and leaves their_service empty, where it is not found.
their_facts=''
read_foreign() {
  find_their_unit
  [ -n "$their_service" ] || return 0
  read_their_settings
}

find_their_unit() {
  their_service=''
  for unit_file in /etc/systemd/system/k3s*.service; do
    [ -e "$unit_file" ] || continue
    candidate=$(basename "$unit_file" .service)
    read_their_unit "$candidate"
    case $their_role in server | agent) ;; *) continue ;; esac
    if [ -n "$their_service" ]; then
      problem "two units run a k3s here ($their_service and $candidate), and Groundwork runs one on a host; disable the one that is not wanted and remove its file"
      their_service=''
      return 0
    fi
    their_service=$candidate
  done
  if [ -n "$their_service" ]; then
    read_their_unit "$their_service" # another unit may have been read after it
    return 0
  fi
  problem "a k3s is here ($foreign), but no unit /etc/systemd/system/k3s*.service that runs 'k3s server' or 'k3s agent'; copy the unit of a package there and take the package's away, or uninstall that k3s"
}

# systemd has read the unit with its drop-ins, and knows which line of several counts.
read_their_unit() {
  ask their_facts systemctl show -p ExecStart -p Environment -p EnvironmentFiles -p DropInPaths -p NeedDaemonReload "$1"
  their_words=$(their_fact ExecStart | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | tail -n 1)
  their_binary=${their_words%% *}
  their_arguments=$(printf '%s\n' "$their_words" | tr -s '[:blank:]' '\n' | tail -n +2)
  their_role=$(printf '%s\n' "$their_arguments" | head -n 1)
  their_reload=$(their_fact NeedDaemonReload)
  their_environment=$(their_fact EnvironmentFiles | sed 's/ (ignore_errors=[a-z]*)$//')
}
their_fact() { printf '%s\n' "$their_facts" | sed -n "s/^$1=//p"; }

# In k3s's own order: the environment counts least, then config.yaml and config.yaml.d, then the arguments.
read_their_settings() {
  told_env=$(their_fact Environment | tr ' ' '\n' | tr -d '"' | sed 's/^/env /')
  for path in $their_environment; do
    [ ! -e "$path" ] || read_lines env "$path"
  done
  told_args=$(printf '%s\n' "$their_arguments" | tail -n +2 | sed 's/^/arg /')
  told_files=''
  ask_their_settings
  their_config=$(their config /etc/rancher/k3s/config.yaml)
  for path in "$their_config" "$their_config.d"/*.yaml; do
    [ ! -e "$path" ] || read_lines file "$path"
  done
  ask_their_settings
}

# read_lines KIND PATH: adds a file's lines, each with its kind before it. In variables: there are tokens among them.
read_lines() {
  lines=$(cat "$2") || fail "$node: $2 cannot be read; see the line above"
  lines=$(printf '%s\n' "$lines" | sed "s/^/$1 /")
  case $1 in
    env) told_env="$told_env
$lines" ;;
    *) told_files="$told_files
file ---
$lines" ;;
  esac
}

ask_their_settings() {
  their_settings=$(printf '%s\n' "$told_env" "$told_files" "$told_args" | awk "$read_settings") ||
    fail "$node: the settings of the k3s that is here cannot be read; see the line above"
}

# their KEY [DEFAULT]: what the k3s that is here was told; of a secret only that it was given.
their() {
  their_value=$(printf '%s\n' "$their_settings" | sed -n "s/^$1=//p")
  printf %s "${their_value:-${2:-}}"
}

# The part of YAML that a k3s configuration is made of: keys with a word, or with a list. What is anything else is told by `?`, by its
# key or the one before it: there may be a secret in it.
# shellcheck disable=SC2016 # $1 and the like are awk's
read_settings='
function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t\r]+$/, "", text); return text }
function plain(text, quote) {
  text = trim(text); quote = substr(text, 1, 1)
  if (quote == "\"" || quote == "\047") { text = substr(text, 2); sub(quote ".*", "", text); return text }
  sub(/[ \t]+#.*/, "", text)
  return text
}
function name(text) { sub(/\+$/, "", text); return (text in other) ? other[text] : text }
function put(key, value, fresh) {
  if (key ~ /(^|-)token$|secret-key$|access-key$|session-token$|^datastore-endpoint$|^vpn-auth$/) value = "given"
  found[key] = (fresh || !(key in found)) ? value : found[key] "," value
}
function argument(key, value) { put(key, value, !(key in given)); given[key] = 1 }
function end_argument() { if (waiting != "") argument(waiting, "true"); waiting = "" }
function end_list() { if (list != "" && fresh == 1 && !(list in found)) put(list, "true", 1); list = "" }
BEGIN {
  split("t token s server d data-dir c config o write-kubeconfig i node-ip l log no-deploy disable cluster-secret token storage-endpoint datastore-endpoint url server config-file config kubeconfig-output write-kubeconfig kubeconfig-mode write-kubeconfig-mode", pair, " ")
  for (at = 1; at in pair; at += 2) other[pair[at]] = pair[at + 1]
}
$1 == "env" {
  text = trim(substr($0, 5))
  if (text !~ /^K3S_[A-Z0-9_]+=/) next
  at = index(text, "="); key = tolower(substr(text, 5, at - 5)); gsub(/_/, "-", key)
  put(name(key), plain(substr(text, at + 1)), 1)
}
$1 == "file" {
  line = substr($0, 6)
  if (line ~ /^(---|\.\.\.)/) { end_list(); next }
  if (line ~ /^[ \t\r]*(#.*)?$/) next
  if (list != "" && match(line, /^[ \t]*-[ \t]+/)) { put(list, plain(substr(line, RLENGTH + 1)), fresh); fresh = 0; next }
  end_list()
  if (!match(line, /^["\047]?[A-Za-z0-9][-A-Za-z0-9_]*\+?["\047]?[ \t]*:([ \t]|$)/)) { bad = bad " " key; next }
  key = plain(substr(line, 1, index(line, ":") - 1)); fresh = (key !~ /\+$/); key = name(key)
  rest = trim(substr(line, RLENGTH + 1))
  if (rest == "" || rest ~ /^#/) { list = key; next }
  if (rest ~ /^\[.*\]$/) {
    rest = substr(rest, 2, length(rest) - 2)
    for (at = 1; at <= split(rest, item, ","); at++) { put(key, plain(item[at]), fresh); fresh = 0 }
    next
  }
  if (rest ~ /^[[{|>&*!]/) { bad = bad " " key; next }
  put(key, plain(rest), fresh)
}
$1 == "arg" {
  word = substr($0, 5)
  if (word !~ /^-/) { if (waiting != "") argument(waiting, word); waiting = ""; next }
  end_argument(); sub(/^-+/, "", word); at = index(word, "=")
  if (at) argument(name(substr(word, 1, at - 1)), substr(word, at + 1)); else waiting = name(word)
}
END {
  end_list(); end_argument()
  for (key in found) if (found[key] != "") print key "=" found[key]
  if (bad != "") print "?=" trim(bad)
}'

# Whether a k3s that is here can become what the settings say, without losing its cluster. All that is wrong is said at once.

compare_foreign() {
  [ -n "$their_service" ] || return 0 # what is wrong with it was said
  compare_unit
  compare_name
  compare_version
  compare_values
  [ "$role" = agent ] || compare_data
  compare_cluster
  compare_space
}

compare_unit() {
  [ "$their_role" = "$role" ] ||
    problem "$their_service runs 'k3s $their_role' here, and the node is to be a $role; set role: $their_role"
  [ "$their_reload" != yes ] ||
    problem "the files of $their_service were changed after systemd read them; run 'systemctl daemon-reload' and 'systemctl restart $their_service', and see that it works"
  systemctl is-active -q "$their_service" ||
    problem "$their_service does not run; start it, and see that it works, before it is taken over"
  [ "$(readlink -f "$their_binary")" = "$(readlink -f "$binary_here")" ] ||
    problem "its program is $their_binary, and Groundwork's is $binary_here; run 'ln -s $their_binary $binary_here'"
  unread=$(their '?')
  [ -z "$unread" ] ||
    problem "these settings in $their_config (or in $their_config.d), or what follows them, are written in a way that is not read here: $unread; write each as 'key: value', or as a key with a list below it"
  [ "$role" = agent ] || [ -e /etc/rancher/k3s/k3s.yaml ] ||
    problem "its kubeconfig is not /etc/rancher/k3s/k3s.yaml; take write-kubeconfig out of its settings and restart it"
}
binary_here=/usr/local/bin/k3s

compare_name() {
  their_name=$(their node-name "$(uname -n)" | tr '[:upper:]' '[:lower:]')
  if [ "$(their with-node-id false)" = true ]; then
    problem "its node's name ends with an id (with-node-id), and would be another without it; this cannot be taken over"
  elif [ "$their_name" != "$node" ]; then
    problem "its node is called $their_name; write name: $their_name in 'nodes'"
  fi
}

# A newer k3s may have written what an older one cannot read; and servers go up by one minor release at a time.
compare_version() {
  their_version=$("$their_binary" --version 2>/dev/null | awk 'NR == 1 { print $3 }') || their_version=''
  case $(printf '%s %s\n' "$their_version" "$k3s_version" | sed 's/-rc[0-9]*//g' | awk '
    { split($1, a, /[^0-9]+/); split($2, b, /[^0-9]+/)
      if (a[2] == "") { print "unknown"; exit }
      for (at = 2; at <= 6; at++) if (a[at] + 0 != b[at] + 0) { newer = (a[at] + 0 > b[at] + 0); break }
      print (newer ? "newer" : (b[3] - a[3] > 1) ? "far" : "fine") }') in
    fine) ;;
    newer) problem "$their_version runs here, and $k3s_version is older; set k3s.version (or this node's k3sVersion) to $their_version or newer" ;;
    far)
      [ "$role" = agent ] ||
        problem "$their_version runs here, and $k3s_version skips a minor release; take it over with k3s.version: $their_version, and upgrade afterwards"
      ;;
    *) problem "'$their_binary --version' does not tell a version; repair it first" ;;
  esac
}

compare_values() {
  for value in $critical; do
    key=${value%%|*} value=${value#*|}
    ours=${value%%|*} value=${value#*|}
    is=$(their "$key" "${value%%|*}")
    [ "$is" = "$ours" ] || problem "$key is ${is:-not set} here and would become ${ours:-unset}; set ${value#*|}: $is"
    [ "$key" != node-ip ] || our_ip=$ours
  done
  is=$(their data-dir "$data_dir")
  [ "$is" = "$data_dir" ] ||
    problem "its data-dir is $is, and Groundwork's k3s has $data_dir; stop it, move the directory there, take the setting out, and start it again"
}

compare_data() {
  if [ -n "$(their datastore-endpoint)" ]; then
    problem "its data are in an external datastore (datastore-endpoint), and k3s does not bring them into etcd; leave that cluster as it is, or move its workloads to a new one"
  elif [ -d "$data_dir/server/db/etcd" ]; then
    peers_here=$(sed -n 's/^listen-peer-urls: *//p' "$data_dir/server/db/etcd/config" 2>/dev/null || true) # no such file: etcd is asked nothing
    case ${our_ip:-} in '' | *,*) return 0 ;; esac
    case $peers_here in
      '' | *"://$our_ip:"* | *"://[$our_ip]:"*) ;;
      *) problem "etcd knows this server by another address than $our_ip ($peers_here); set nodes[].internalIp to that one" ;;
    esac
  elif [ ! -s "$data_dir/server/db/state.db" ]; then
    problem "no data of a cluster are in $data_dir/server/db, neither of SQLite nor of etcd; this is no server that could be taken over"
  elif [ "$starts_cluster" = no ]; then
    problem "it is a cluster of its own with its data in SQLite, and cannot join another one; put $node first in 'nodes' to take that cluster over, or uninstall its k3s"
  fi
}

# The tokens are here in the first step only; what they prove does not change after it.
compare_cluster() {
  [ -n "${server_token:-}${agent_token:-}" ] || return 0
  if [ "$role" = server ]; then
    compare_token k3s.token "$server_token" "$data_dir/server/token"
    compare_token k3s.agentToken "$agent_token" "$data_dir/server/agent-token"
  fi
  case ${server_token:-$agent_token} in
    K10*::*)
      pin=${server_token:-$agent_token}
      pin=${pin#K10}
      has_ca "${pin%%::*}" ||
        problem "it belongs to another cluster than this stack's (another certificate authority); take the node out of 'nodes', or uninstall its k3s"
      ;;
  esac
}
compare_token() {
  [ ! -s "$3" ] || [ "$(token_word "$(head -n 1 "$3")")" != "$(token_word "$2")" ] || return 0
  problem "$1 is not the one of the cluster that is here; set it to what follows the last ':' in $3, if this is the cluster that is meant"
}
# has_ca HASH: k3s pins the file, or of a bundle its root.
has_ca() {
  for ca in "$data_dir/server/tls/server-ca.crt" "$data_dir/agent/server-ca.crt"; do
    [ -s "$ca" ] || continue
    [ "$(sha256sum <"$ca" | cut -d ' ' -f 1)" != "$1" ] || return 0
    awk '/BEGIN CERTIFICATE/ { text = ""; next } /END CERTIFICATE/ { print text; next } { text = text $0 }' "$ca" |
      while IFS= read -r certificate; do printf '%s\n' "$certificate" | base64 -d | sha256sum | cut -d ' ' -f 1; done | grep -qxF "$1"
    return
  done
  return 1
}

# What is kept, and etcd's own copy of what was in SQLite.
compare_space() {
  need_mib=256
  for path in "$their_binary" "$data_dir"/server/db/state.db* "$data_dir"/server/db/state.db* "$data_dir/server/db/etcd/member/snap/db"; do
    [ ! -f "$path" ] || need_mib=$((need_mib + $(stat -Lc %s "$path") / 1048576 + 1))
  done
  for path in /var/lib "$data_dir"; do
    free_mib=$(df -Pm "$path" | awk 'NR == 2 { print $4 }')
    [ "$free_mib" -ge "$need_mib" ] ||
      { problem "only $free_mib MiB are free on $path, and keeping what is here needs $need_mib; make room there"; return 0; }
  done
}

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

main() {
  case ${1:-} in
    token) token ;;
    *) fail "unknown verb '${1:-}'" ;;
  esac
}
main "$@" </dev/null
