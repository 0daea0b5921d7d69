# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What a k3s that somebody else installed was given by its unit, its environment and its files. Nothing here changes anything.

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

# their KEY [DEFAULT]: what the k3s that is here was given; of a secret only that it was given.
their() {
  their_value=$(printf '%s\n' "$their_settings" | sed -n "s/^$1=//p")
  printf %s "${their_value:-${2:-}}"
}

# The part of YAML that a k3s configuration is made of: keys with a word, or with a list. Anything else is reported as `?`, by its
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
