# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Compares the host with what `up` would make of it, a fact a line. It only asks: the files come by the same words as in converge, and
# are compared here instead of written.

service=k3s
[ "$role" = server ] || service=k3s-agent
state_of_file=''

drift() {
  doing='comparing the host with the stack file'
  [ "$(id -u)" = 0 ] || fail "$node: not root; let ssh.user be root or one who may use sudo without a password"
  read_mark
  say "owner=${mark_stack:+$mark_project/$mark_stack/$mark_node}"
  put_files
  tell_foreign_files
  tell_service
  tell_binary
  tell_kernel
  tell_packages
  say 'compared=yes'
}

# put_file PATH MODE EFFECT LABEL: `file=STATE|MODE|WANTED|EFFECT|LINES MORE|LINES LESS|PATH`.
put_file() {
  file_text=$(cat && echo .) || fail "$node: what $1 should be was not read; see the line above"
  file_text=${file_text%.}
  more=0 less=0 mode_here='' state_of_file=same
  if [ ! -e "$1" ]; then
    state_of_file=missing
  else
    mode_here=$(stat -c %a "$1") || fail "$node: $1 cannot be looked at; see the line above"
    is_the_same "$1" || tell_difference "$1"
  fi
  say "file=$state_of_file|$mode_here|$2|$3|$more|$less|$1"
}

# Whether the settings gave it, or Groundwork alone, makes no difference here.
put_given_file() { put_file "$@"; }

# put_secret_file PATH MODE EFFECT LABEL MARK: its content waits on the host where <node>-token brought it, and is told to nobody.
put_secret_file() {
  waiting=$state_dir/secrets$1
  state_of_file=same mode_here=''
  if [ ! -e "$1" ]; then
    state_of_file=missing
  else
    mode_here=$(stat -c %a "$1") || fail "$node: $1 cannot be looked at; see the line above"
    sum_here=$(sha256sum <"$1") || fail "$node: $1 cannot be read; see the line above"
    case $sum_here in "$5"*) ;; *) state_of_file=differs ;; esac
    [ ! -e "$waiting" ] || cmp -s "$waiting" "$1" || state_of_file=differs
  fi
  say "file=$state_of_file|$mode_here|$2|$3|0|0|$1"
}

is_the_same() {
  same_code=0
  printf %s "$file_text" | cmp -s - "$1" || same_code=$?
  [ "$same_code" -le 1 ] || fail "$node: $1 cannot be read; see the line above"
  [ "$same_code" -eq 0 ] || is_joined_by_peer "$1"
}

# A node joins through any server that answers, and its file says which; see join.sh.
is_joined_by_peer() {
  [ "${1##*/}" = 10-join.yaml ] || return 1
  for candidate in $join $peers; do
    joined_text=$(printf %s "$file_text" | sed "s|^cluster-init: true\$|server: https://$candidate|; s|^server: .*|server: https://$candidate|" && echo .) || return 1
    printf %s "${joined_text%.}" | cmp -s - "$1" && return 0
  done
  return 1
}

# Lines are counted by how often they are there. With show_lines they are told, with a + where only the host has them.
tell_difference() {
  state_of_file=differs
  difference=$(printf %s "$file_text" | awk -v host="$1" '
    { wanted[$0]++; order[++count] = $0 }
    END {
      while ((got = (getline line <host)) > 0) if (wanted[line] > 0) wanted[line]--; else { more++; text = text "\nline=+" line }
      if (got < 0) exit 1
      for (at = count; at > 0; at--) if (wanted[order[at]] > 0) { wanted[order[at]]--; less++; gone = "\nline=-" order[at] gone }
      printf "%d|%d%s%s\n", more, less, gone, text
    }') || fail "$node: $1 cannot be read"
  counts=$(printf '%s\n' "$difference" | head -n 1)
  more=${counts%%|*} less=${counts#*|}
  [ "${show_lines:-no}" = no ] || printf '%s\n' "$difference" | tail -n +2
}

# drop_file PATH EFFECT LABEL
drop_file() {
  [ ! -e "$1" ] || say "file=extra|||$2|0|0|$1"
}

# What k3s or systemd reads beside our files, and no setting of ours knows.
tell_foreign_files() {
  for path in /etc/rancher/k3s/config.yaml.d/*.yaml /etc/rancher/k3s/config.yaml.d/*.yml "/etc/systemd/system/$service.service.d"/*.conf; do
    [ ! -e "$path" ] || has_word "$path" "$managed_files $given_files" || say "foreign=$path"
  done
}

tell_service() {
  for unit in "$service" groundwork-interface ${mesh:+"wg-quick@$mesh"}; do
    # The unit of the mesh is the distribution's.
    [ -e "/etc/systemd/system/$unit.service" ] || [ "$unit" = "wg-quick@${mesh:-}" ] || continue
    # Both say the state and fail for all but one of them; without a word the question itself has failed.
    active=$(systemctl is-active "$unit") || [ -n "$active" ] || fail "$node: systemd does not say how $unit is; see the line above"
    enabled=$(systemctl is-enabled "$unit" 2>/dev/null) || true # its word counts; a unit that is not there has none
    reload=$(systemctl show -p NeedDaemonReload "$unit") || fail "$node: systemd does not tell about $unit; see the line above"
    say "unit=$unit|$active|$enabled|${reload#NeedDaemonReload=}"
  done
}

# The file itself, not the stamp of when it was installed: whoever swapped it may have kept its time.
tell_binary() {
  binary=/usr/local/bin/k3s
  installed='' sum_here='' sum_then=''
  if [ -x "$binary" ]; then
    # k3s version v1.36.4+k3s1 (…)
    installed=$("$binary" --version) || fail "$node: $binary does not say its version; see the line above"
    installed=${installed#k3s version }
    sum_here=$(sha256sum "$binary") || fail "$node: $binary cannot be read; see the line above"
  fi
  # What ensure_binary wrote down: VERSION SUM …
  if [ -e "$state_dir/k3s.installed" ]; then
    sum_then=$(awk -v version="$k3s_version" '$1 == version { print $2 }' "$state_dir/k3s.installed") ||
      fail "$node: $state_dir/k3s.installed cannot be read; see the line above"
  fi
  say "binary=${installed%% *}|${sum_here%% *}|$(uname -m)|$sum_then"
}

tell_kernel() {
  for key in $sysctls; do
    path=/proc/sys/$(printf %s "$key" | tr . /)
    value=''
    [ ! -e "$path" ] || value=$(cat "$path") || fail "$node: $path cannot be read; see the line above"
    say "sysctl=$key|$value"
  done
}

tell_packages() {
  for package in $packages; do
    has_package "$package" || say "package=$package"
  done
  [ "$swap_off" = no ] || awk 'NR > 1 { print "swap=" $1 }' /proc/swaps
}
